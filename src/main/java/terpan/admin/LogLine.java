package terpan.admin;

import java.time.Instant;

/**
 * A line of the log.
 *
 * @param number rises with each
 * @param level trace, debug, info, warn or error
 * @param source worker where a worker wrote it, else the name of what logged in Terpan
 * @param worker whose it is, or whom it is about; may be empty
 * @param application of several, the one that it is about; may be empty
 * @param request the id of the request that it is about; may be empty
 * @param text the line with what is told beside it
 */
public record LogLine(
        long number,
        Instant at,
        String level,
        String source,
        String worker,
        String application,
        String request,
        String text) {}
