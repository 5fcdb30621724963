package terpan.metrics;

import java.util.concurrent.atomic.LongAdder;

/** What is counted of requests whose traces are told of. Thread-safe. */
public final class TraceCounts {
    private final LongAdder sent = new LongAdder();
    private final LongAdder overflowed = new LongAdder();
    private final LongAdder refused = new LongAdder();

    /** So many were taken by the collector. */
    public void sent(long requests) {
        sent.add(requests);
    }

    /** One found the queue full. */
    public void overflowed() {
        overflowed.increment();
    }

    /** So many were not taken by the collector, or not in time. */
    public void refused(long requests) {
        refused.add(requests);
    }

    /** Taken by the collector. */
    public long sent() {
        return sent.sum();
    }

    /** Lost: the queue was full. */
    public long lostInQueue() {
        return overflowed.sum();
    }

    /** Lost: the collector did not take them. */
    public long lostAtCollector() {
        return refused.sum();
    }
}
