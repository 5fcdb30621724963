package terpan.metrics;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;

/**
 * Every number that is counted: one {@link LoopMetrics} an event loop, and here what other threads count. Nothing of the
 * Prometheus client is loaded before the first scrape.
 */
public final class Metrics {
    /** Labels of the dispatcher's refusals, in the order of its enum. */
    static final List<String> REJECTIONS = List.of("queue-full", "wait-too-long", "no-worker", "draining");

    /** Labels of the link's failures, in the order of its enum. */
    static final List<String> FAILURES = List.of(
            "not-connected",
            "kept-connection-closed",
            "closed-before-answer",
            "nonsense",
            "broken-off",
            "head-too-large");

    private static final int RESTART_SERIES_MOST = 4_096;

    private final List<LoopMetrics> loops;
    private final Map<Restart, LongAdder> restarts = new ConcurrentHashMap<>();

    /** A worker's restarts for one reason. */
    record Restart(String worker, String reason) {}

    /**
     * Makes the counters.
     *
     * @param loops how many event loops there are, at least 1
     */
    public Metrics(int loops) {
        this.loops =
                IntStream.range(0, loops).mapToObj(index -> new LoopMetrics()).toList();
    }

    /** What the loop of this number counts. */
    public LoopMetrics loop(int index) {
        return loops.get(index);
    }

    /**
     * A worker was started again; from any thread.
     *
     * @param worker the worker's name
     * @param reason why the one before it ended: few, constant words
     */
    public void workerRestarted(String worker, String reason) {
        Restart restart = new Restart(worker, reason);
        if (!restarts.containsKey(restart) && restarts.size() >= RESTART_SERIES_MOST) {
            restart = new Restart("other", "other");
        }
        restarts.computeIfAbsent(restart, key -> new LongAdder()).increment();
    }

    /** Requests settled, all loops, by the hundreds of their status: 1 to 5; 0: without a status. */
    public long requests(int hundreds) {
        int from = hundreds * 100;
        int end = hundreds == 0 ? 1 : from + 100;
        return IntStream.range(from, end).mapToLong(this::statusCount).sum();
    }

    long statusCount(int status) {
        return loops.stream().mapToLong(loop -> loop.statuses.get(status)).sum();
    }

    long plainCount(int index) {
        return loops.stream().mapToLong(loop -> loop.plain.get(index)).sum();
    }

    List<LoopMetrics> loops() {
        return loops;
    }

    Map<Restart, LongAdder> restarts() {
        return restarts;
    }
}
