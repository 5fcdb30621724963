package terpan.metrics;

import java.util.Arrays;
import java.util.List;

/** What was counted of requests until one moment: two of them tell what happened between. Immutable; costs microseconds and waits for nobody. */
public final class Moment {
    private static final int FIRST_FAILURE = 500;
    private static final double HALF = 0.5;
    private static final double MOST = 0.99;
    private static final double NANOS = 1e9;

    private final long[] time = TimeBuckets.none();
    private final long[] queue = TimeBuckets.none();
    private final long[] reasons = new long[Reasons.ALL.size()];
    private long failed;
    private long workerNanos;

    /**
     * What happened between two moments.
     *
     * @param count requests settled; of a group: sent to its workers and ended
     * @param half what half of them took at most, seconds
     * @param most what 99 of 100 took at most, seconds
     * @param queueMost what 99 of 100 waited at most, seconds; 0 where that is not counted apart
     * @param failed those with a status of 500 or more; of a group: those that its workers failed
     * @param workerSeconds that workers had them
     */
    public record Between(long count, double half, double most, double queueMost, long failed, double workerSeconds) {}

    private Moment() {}

    /** Before there was anything. */
    public static Moment none() {
        return new Moment();
    }

    /** Now, of all these together. */
    public static Moment of(List<Metrics> all) {
        Moment now = new Moment();
        all.forEach(now::add);
        return now;
    }

    /** Now, of a group of workers. */
    public static Moment of(GroupMetrics group) {
        Moment now = new Moment();
        group.loops().forEach(loop -> loop.time.classic.addTo(now.time));
        now.failed = group.failed();
        now.workerNanos = group.nanos();
        return now;
    }

    private void add(Metrics metrics) {
        for (LoopMetrics loop : metrics.loops()) {
            loop.requestTime.classic.addTo(time);
            loop.queueTime.classic.addTo(queue);
            for (int status = FIRST_FAILURE; status < LoopMetrics.STATUS_END; status++) {
                failed += loop.statuses.get(status);
            }
        }
        Reasons.add(metrics, reasons);
        metrics.groups().forEach(group -> workerNanos += group.nanos());
    }

    /** Adds what a loop counts of a route. */
    void add(RouteCells cells) {
        cells.time.addTo(time);
        failed += cells.plain.get(RouteCells.FAILED);
        workerNanos += cells.plain.get(RouteCells.WORKER_NANOS);
    }

    /** Requests settled until then. */
    long count() {
        return Arrays.stream(time).sum();
    }

    /** Those of them with a status of 500 or more. */
    long failed() {
        return failed;
    }

    /** For how long workers had them, seconds. */
    double workerSeconds() {
        return workerNanos / NANOS;
    }

    /** What happened since then; what is counted no more does not count. */
    public Between since(Moment before) {
        long[] took = minus(time, before.time);
        long count = 0;
        for (long one : took) {
            count += one;
        }
        return new Between(
                count,
                TimeBuckets.quantile(took, HALF),
                TimeBuckets.quantile(took, MOST),
                TimeBuckets.quantile(minus(queue, before.queue), MOST),
                Math.max(0, failed - before.failed),
                Math.max(0, workerNanos - before.workerNanos) / NANOS);
    }

    /** How many requests failed since then for each of {@link Reasons#ALL}; those of applications are what is left of all. */
    public List<Long> failuresSince(Moment before) {
        long[] failures = minus(reasons, before.reasons);
        failures[failures.length - 1] =
                Math.max(0, failed - before.failed - Reasons.withStatus(FIRST_FAILURE, failures));
        return Arrays.stream(failures).boxed().toList();
    }

    private static long[] minus(long[] now, long[] before) {
        long[] difference = new long[now.length];
        for (int i = 0; i < now.length; i++) {
            difference[i] = Math.max(0, now[i] - before[i]);
        }
        return difference;
    }
}
