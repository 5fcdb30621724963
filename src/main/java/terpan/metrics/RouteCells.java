package terpan.metrics;

/** What one event loop counts of one route. Written by that loop's thread alone, as {@link LoopMetrics}. */
public final class RouteCells {
    static final int FAILED = 0;
    static final int WORKER_NANOS = 1;
    private static final int FAILURE = 500;

    final String name;
    final TimeBuckets time = new TimeBuckets();
    final Cells plain = new Cells(2);

    RouteCells(String name) {
        this.name = name;
    }

    /**
     * A request has ended.
     *
     * @param workerNanos that it spent with workers; negative: it was never sent
     */
    public void settled(int status, long totalNanos, long workerNanos) {
        time.record(totalNanos);
        if (workerNanos > 0) {
            plain.add(WORKER_NANOS, workerNanos);
        }
        if (status >= FAILURE) {
            plain.add(FAILED, 1);
        }
    }
}
