package terpan.metrics;

import static java.nio.charset.StandardCharsets.US_ASCII;

/** What one event loop counts of one group of workers. Written by that loop's thread alone, as {@link LoopMetrics}. */
public final class LoopGroupMetrics {
    private final byte[] name;
    final Cells failures = new Cells(Metrics.FAILURES.size());
    final TimeHistogram time = new TimeHistogram();

    LoopGroupMetrics(String name) {
        this.name = name.getBytes(US_ASCII);
    }

    /** The group's name in ASCII, for logs; not to be changed. */
    public byte[] name() {
        return name;
    }

    /** A worker of the group failed a request; a constant of the link's enum of failures. */
    public void workerFailed(Enum<?> failure) {
        failures.add(LoopMetrics.index(failure), 1);
    }
}
