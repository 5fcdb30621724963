package terpan.metrics;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.jspecify.annotations.Nullable;

/** What one event loop counts of one route. Written by that loop's thread alone, as {@link LoopMetrics}. */
public final class RouteCells {
    static final int FAILED = 0;
    static final int WORKER_NANOS = 1;
    private static final int FAILURE = 500;

    private static final byte[] NO_ROUTE = {};

    final String name;
    private final byte[] label;
    final TimeBuckets time = new TimeBuckets();
    final Cells plain = new Cells(2);

    RouteCells(String name) {
        this.name = name;
        this.label = name.getBytes(US_ASCII);
    }

    /** The method and the route as a person reads them. */
    public String name() {
        return name;
    }

    /** Whether it is no route's, but of all that are not told apart. */
    public boolean isOther() {
        return name.equals(RouteMetrics.OTHER);
    }

    /** The name of these in ASCII, not to be changed; empty: there are none. */
    public static byte[] label(@Nullable RouteCells cells) {
        return cells == null ? NO_ROUTE : cells.label;
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
