package terpan.terminal;

import java.util.List;
import java.util.Optional;

/**
 * Which lines of the log are wanted.
 *
 * @param application of one of several
 * @param worker of one
 * @param request with the id of one
 * @param level at least; one of {@link #LEVELS}
 */
public record LogFilter(
        Optional<String> application, Optional<String> worker, Optional<String> request, Optional<String> level) {
    /** From what is told least seldom on. */
    public static final List<String> LEVELS = List.of("trace", "debug", "info", "warn", "error");

    boolean takes(LogRow row) {
        return application.map(wanted -> wanted.equals(row.application())).orElse(true)
                && worker.map(wanted -> wanted.equals(row.worker())).orElse(true)
                && request.map(wanted -> row.text().contains(wanted)).orElse(true)
                && level.map(wanted -> LEVELS.indexOf(row.level()) >= LEVELS.indexOf(wanted))
                        .orElse(true);
    }
}
