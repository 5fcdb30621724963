package terpan.metrics;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * A row of rising numbers with one writer and any readers. A write is a plain read and an opaque store: no locked instruction,
 * no tearing, and a reader sees it soon. Rejected: LongAdder, which pays for many writers.
 */
final class Cells {
    private final AtomicLongArray values;

    Cells(int size) {
        values = new AtomicLongArray(size);
    }

    /** By the owning thread only. */
    void add(int index, long amount) {
        values.setOpaque(index, values.getPlain(index) + amount);
    }

    long get(int index) {
        return values.getOpaque(index);
    }

    int size() {
        return values.length();
    }
}
