package terpan.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Logs.
 *
 * @param level trace, debug, info, warn or error
 * @param format text or JSON; AUTO: text on a terminal, JSON elsewhere
 * @param file the log file; empty: standard error
 * @param to who takes its lines instead of a file
 * @param access whether an access log is written
 * @param accessFormat the shape of its lines
 * @param accessFile its file; empty: standard output
 * @param accessTo who takes its lines instead of a file
 * @param rotation when the files of both are renamed
 * @param accessRules which requests it leaves out, or shows a share of; the first that fits counts
 * @param masks what is hidden in both
 * @param slow a request that took so long has a line in the log with where its time went; empty: none has
 */
public record LogSettings(
        String level,
        Format format,
        Optional<Path> file,
        Optional<LogService> to,
        boolean access,
        AccessFormat accessFormat,
        Optional<Path> accessFile,
        Optional<LogService> accessTo,
        LogRotation rotation,
        List<AccessRule> accessRules,
        LogMasks masks,
        Optional<Duration> slow) {
    /** The shape of a log line. */
    public enum Format {
        AUTO,
        TEXT,
        JSON
    }

    /** A log for people on the standard streams, without an access log. */
    public static final LogSettings USUAL = new LogSettings(
            "info",
            Format.TEXT,
            Optional.empty(),
            Optional.empty(),
            false,
            AccessFormat.COMBINED,
            Optional.empty(),
            Optional.empty(),
            LogRotation.NONE,
            List.of(),
            LogMasks.NONE,
            Optional.empty());

    /** Whether the access log is the same with these. */
    public boolean sameAccessLog(LogSettings other) {
        return access == other.access
                && accessFormat.equals(other.accessFormat)
                && accessFile.equals(other.accessFile)
                && accessTo.equals(other.accessTo)
                && rotation.equals(other.rotation)
                && accessRules.equals(other.accessRules)
                && masks.equals(other.masks);
    }

    /** Whether the lines of the log go to the same place with these. */
    public boolean sameLog(LogSettings other) {
        return file.equals(other.file) && to.equals(other.to) && rotation.equals(other.rotation);
    }
}
