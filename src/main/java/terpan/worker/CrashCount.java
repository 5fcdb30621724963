package terpan.worker;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A worker's failures in a row, and what follows from them. Owned by the supervisor's thread. */
final class CrashCount {
    private static final Logger LOG = LoggerFactory.getLogger(CrashCount.class);

    private final Backoff backoff;
    private int failures;

    CrashCount(Backoff backoff) {
        this.backoff = backoff;
    }

    int failures() {
        return failures;
    }

    /** A person asked for a start: the next failure is the first. */
    void forgive() {
        failures = 0;
    }

    /** One more failure, or the first after a healthy time; nanoseconds until the next start. */
    long add(boolean wasHealthy) {
        failures = wasHealthy ? 1 : failures + 1;
        return backoff.delay(failures);
    }

    boolean isCrashLoop() {
        return backoff.isCrashLoop(failures);
    }

    /** One record of it; a line that the failure has is not told twice. */
    void log(String worker, String reason, List<String> lastLines, Optional<StartFailure> failure) {
        String told = failure.map(StartFailure::message).orElse("");
        List<String> untold =
                lastLines.stream().filter(line -> !told.contains(line)).toList();
        LOG.atWarn()
                .addKeyValue("worker", worker)
                .addKeyValue("reason", reason)
                .addKeyValue("failures", failures)
                .addKeyValue(
                        "next_start_ms",
                        Duration.ofNanos(backoff.delay(failures)).toMillis())
                .addKeyValue("last_lines", String.join("\n", untold))
                .addKeyValue("failure", told)
                .log(isCrashLoop() ? "worker is in a crash loop" : "worker crashed");
    }
}
