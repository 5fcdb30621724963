package terpan.config;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * When a log file is renamed and a new one begun without being asked to.
 *
 * @param size once it would be larger, bytes; empty: whatever its size
 * @param every once it is of an earlier span of this length, counted from 1970 UTC; empty: whatever its age
 * @param keep how many older ones are kept, 1 to 1,000
 */
public record LogRotation(OptionalLong size, Optional<Duration> every, int keep) {
    /** Never. */
    public static final LogRotation NONE = new LogRotation(OptionalLong.empty(), Optional.empty(), 1);
}
