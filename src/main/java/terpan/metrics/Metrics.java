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

    private final List<String> groups;

    /** A worker's restarts for one reason. */
    record Restart(String group, String worker, String reason) {}

    /**
     * Makes the counters.
     *
     * @param loops how many event loops there are, at least 1
     * @param groups the names of the groups of workers, by their numbers, at least one
     */
    public Metrics(int loops, List<String> groups) {
        this.groups = List.copyOf(groups);
        this.loops = IntStream.range(0, loops)
                .mapToObj(index -> new LoopMetrics(this.groups))
                .toList();
    }

    /** The names of the groups of workers, by their numbers. */
    public List<String> groups() {
        return groups;
    }

    /** What the loop of this number counts. */
    public LoopMetrics loop(int index) {
        return loops.get(index);
    }

    /**
     * A worker was started again; from any thread.
     *
     * @param group the name of the worker's group
     * @param worker the worker's name
     * @param reason why the one before it ended: few, constant words
     */
    public void workerRestarted(String group, String worker, String reason) {
        Restart restart = new Restart(group, worker, reason);
        if (!restarts.containsKey(restart) && restarts.size() >= RESTART_SERIES_MOST) {
            restart = new Restart(group, "other", "other");
        }
        restarts.computeIfAbsent(restart, key -> new LongAdder()).increment();
    }

    /** Requests settled, all loops, by the hundreds of their status: 1 to 5; 0: without a status. */
    public long requests(int hundreds) {
        int from = hundreds * 100;
        int end = hundreds == 0 ? 1 : from + 100;
        return IntStream.range(from, end).mapToLong(this::statusCount).sum();
    }

    /** Requests that were sent to workers of this group and have ended. */
    public long sentTo(int group) {
        return loops.stream()
                .mapToLong(loop -> IntStream.rangeClosed(0, TimeBuckets.BOUNDS.length)
                        .mapToLong(loop.workerTime[group]::count)
                        .sum())
                .sum();
    }

    /** Nanoseconds that those requests spent with the workers. */
    public long nanosWith(int group) {
        return loops.stream()
                .mapToLong(loop -> loop.workerTime[group].sumNanos())
                .sum();
    }

    /** Requests that workers of this group failed. */
    public long failedBy(int group) {
        return loops.stream()
                .mapToLong(loop -> IntStream.range(0, FAILURES.size())
                        .mapToLong(loop.failures[group]::get)
                        .sum())
                .sum();
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
