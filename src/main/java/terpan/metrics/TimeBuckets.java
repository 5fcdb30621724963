package terpan.metrics;

import java.util.stream.LongStream;

/**
 * A histogram of durations with one writer: the bucket is found from the bit length of the nanoseconds and at most two
 * comparisons. Rejected: the Prometheus client's own histogram (many writers, exemplars) and HdrHistogram's recorder (finer
 * than a scrape shows, and its phases cost more than the count itself).
 */
final class TimeBuckets {
    /** Upper bounds in nanoseconds, each inclusive; what is over the last falls into one more bucket. */
    static final long[] BOUNDS = {
        100_000L,
        250_000L,
        500_000L,
        1_000_000L,
        2_500_000L,
        5_000_000L,
        10_000_000L,
        25_000_000L,
        50_000_000L,
        100_000_000L,
        250_000_000L,
        500_000_000L,
        1_000_000_000L,
        2_500_000_000L,
        5_000_000_000L,
        10_000_000_000L,
        30_000_000_000L,
        60_000_000_000L
    };

    private static final byte[] FIRST = firstBounds();
    private static final int SUM = BOUNDS.length + 1;
    private static final double NANOS = 1e9;

    private final Cells cells = new Cells(BOUNDS.length + 2);

    /** Counts one duration; a negative one counts as zero. */
    void record(long nanos) {
        long duration = Math.max(nanos, 0);
        int bucket = FIRST[Long.SIZE - Long.numberOfLeadingZeros(duration)];
        while (bucket < BOUNDS.length && duration > BOUNDS[bucket]) {
            bucket++;
        }
        cells.add(bucket, 1);
        cells.add(SUM, duration);
    }

    /** How many durations fell into a bucket, 0 to the number of bounds. */
    long count(int bucket) {
        return cells.get(bucket);
    }

    long sumNanos() {
        return cells.get(SUM);
    }

    /** Adds what fell into each bucket to these counts, of which there is one more than bounds. */
    void addTo(long[] counts) {
        for (int i = 0; i < counts.length; i++) {
            counts[i] += cells.get(i);
        }
    }

    /** No counts yet, as {@link #addTo} takes them. */
    static long[] none() {
        return new long[BOUNDS.length + 1];
    }

    /**
     * What so large a share of the durations is not longer than, seconds, as far as buckets tell it: within one they are taken for spread
     * evenly. 0 where there were none.
     *
     * @param counts of each bucket
     * @param share 0 to 1
     */
    static double quantile(long[] counts, double share) {
        double wanted = share * LongStream.of(counts).sum();
        double passed = 0;
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] > 0 && passed + counts[i] >= wanted) {
                double low = i == 0 ? 0 : BOUNDS[i - 1];
                double high = BOUNDS[Math.min(i, BOUNDS.length - 1)];
                return (low + Math.max(0, high - low) * (wanted - passed) / counts[i]) / NANOS;
            }
            passed += counts[i];
        }
        return 0;
    }

    /** For each bit length the first bucket that a number of that length can fall into. */
    private static byte[] firstBounds() {
        byte[] first = new byte[Long.SIZE + 1];
        for (int bits = 1; bits <= Long.SIZE; bits++) {
            long least = 1L << (bits - 1);
            int bucket = 0;
            while (bucket < BOUNDS.length && (least < 0 || least > BOUNDS[bucket])) {
                bucket++;
            }
            first[bits] = (byte) bucket;
        }
        return first;
    }
}
