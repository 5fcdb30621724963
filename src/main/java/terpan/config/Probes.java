package terpan.config;

import java.time.Duration;
import java.util.Optional;

/**
 * How whoever runs Terpan among others, such as Kubernetes, sees what to do with it.
 *
 * @param livePath of a request on any listener that is answered by Terpan itself: 200 as long as it turns; empty: of none
 * @param readyPath the same: 200 while an application can be served, else 503; empty: of none
 * @param stopDelay how long it serves on once it is told to stop, and is not ready any more
 */
public record Probes(Optional<String> livePath, Optional<String> readyPath, Duration stopDelay) {
    /** Nobody looks. */
    public static final Probes NONE = new Probes(Optional.empty(), Optional.empty(), Duration.ZERO);
}
