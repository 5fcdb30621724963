package terpan.log;

import java.time.Instant;
import java.util.Map;

/**
 * A line of the log, as it is kept for whoever looks.
 *
 * @param number rises with each line
 * @param level trace, debug, info, warn or error
 * @param logger the name of the logger
 * @param message the line's own text, cut after 2,000 characters
 * @param values what is told beside it, in order; each cut after 400 characters
 */
public record KeptLine(
        long number, Instant at, String level, String logger, String message, Map<String, String> values) {
    /** The value of this name; empty: there is none. */
    public String value(String name) {
        return values.getOrDefault(name, "");
    }
}
