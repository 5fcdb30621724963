package terpan.metrics;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What is counted of one group of workers, in a row for each event loop. Readers add them up. */
public final class GroupMetrics {
    private final String name;
    private final LoopGroupMetrics[] loops;

    /**
     * All zero.
     *
     * @param loops how many event loops there are
     */
    public GroupMetrics(String name, int loops) {
        this.name = name;
        this.loops = IntStream.range(0, loops)
                .mapToObj(loop -> new LoopGroupMetrics(name))
                .toArray(LoopGroupMetrics[]::new);
    }

    public String name() {
        return name;
    }

    /** What the loop of this number counts. */
    public LoopGroupMetrics loop(int index) {
        return loops[index];
    }

    /** Requests that were sent to its workers and have ended. */
    public long sent() {
        return loops().flatMapToLong(loop ->
                        IntStream.rangeClosed(0, TimeBuckets.BOUNDS.length).mapToLong(loop.time.classic::count))
                .sum();
    }

    /** Nanoseconds that those requests spent with the workers. */
    public long nanos() {
        return loops().mapToLong(loop -> loop.time.classic.sumNanos()).sum();
    }

    /** Requests that its workers failed. */
    public long failed() {
        return IntStream.range(0, Metrics.FAILURES.size())
                .mapToLong(this::failed)
                .sum();
    }

    /** Those that failed for the reason of this number. */
    long failed(int reason) {
        return loops().mapToLong(loop -> loop.failures.get(reason)).sum();
    }

    /** All rows. */
    Stream<LoopGroupMetrics> loops() {
        return Arrays.stream(loops);
    }
}
