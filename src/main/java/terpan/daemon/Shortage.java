package terpan.daemon;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** Whether there is memory for the workers of two generations at a time. */
final class Shortage {
    private static final double SPARE = 1.1;
    private static final long MIB = 1L << 20;

    private Shortage() {}

    /**
     * Why there is not; empty: there is, or nobody knows.
     *
     * @param sizes resident bytes of workers that run, as far as they are known
     * @param more how many are to be started beside them
     * @param free bytes that are to be had
     */
    static Optional<String> of(List<Long> sizes, int more, OptionalLong free) {
        OptionalDouble mean = sizes.stream().mapToLong(Long::longValue).average();
        if (mean.isEmpty() || free.isEmpty() || mean.getAsDouble() * more * SPARE <= free.getAsLong()) {
            return Optional.empty();
        }
        return Optional.of("%d MiB of memory are free, and %d more workers of %d MiB each need more"
                .formatted(free.getAsLong() / MIB, more, (long) mean.getAsDouble() / MIB));
    }
}
