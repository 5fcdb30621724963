package terpan.metrics;

/**
 * The same durations as {@link TimeBuckets}, in the finer buckets of a native histogram of Prometheus: bucket {@code i} has those over
 * 2^((i-1)/8) and up to 2^(i/8) seconds, schema 3, so that a quantile is off by 9 % at most. One writer, any readers. A bucket is found
 * from the bit length, the four bits behind the first, and two comparisons at most.
 */
final class ExponentialBuckets {
    /** 2^3 buckets for each doubling. */
    static final int SCHEMA = 3;

    /** Exponents of 2, seconds: what is not longer than the least, a microsecond, is told as zero; what is over the most, 36 hours, is in the last bucket. */
    private static final int LEAST = -20;

    private static final int MOST = 17;

    /** Seconds that are told as zero, at most. */
    static final double ZERO_THRESHOLD = Math.scalb(1.0, LEAST);

    /** The index of the first bucket over zero, as Prometheus counts them. */
    private static final int FIRST_INDEX = (LEAST << SCHEMA) + 1;

    private static final int SIZE = (MOST - LEAST) << SCHEMA;

    /** Longest durations, nanoseconds: of zero, then of each bucket. */
    private static final long[] UPPER = upper();

    private static final int GUESS_BITS = 4;
    private static final short[] GUESS = guesses();

    private final Cells cells = new Cells(SIZE + 1);

    /** Counts one duration; a negative one counts as zero. */
    void record(long nanos) {
        long duration = Math.max(nanos, 0);
        int bucket = GUESS[slot(duration)];
        while (bucket < SIZE && duration > UPPER[bucket]) {
            bucket++;
        }
        cells.add(bucket, 1);
    }

    /** Adds what fell into each bucket, zero first, to these counts. */
    void addTo(long[] counts) {
        for (int i = 0; i < counts.length; i++) {
            counts[i] += cells.get(i);
        }
    }

    /** No counts yet, as {@link #addTo} takes them. */
    static long[] none() {
        return new long[SIZE + 1];
    }

    /** As Prometheus counts the bucket of this place in the counts, which is not that of zero. */
    static int index(int place) {
        return FIRST_INDEX + place - 1;
    }

    /** Durations of one slot have the same bit length, and the same bits behind the first. */
    private static int slot(long nanos) {
        int bits = Long.SIZE - Long.numberOfLeadingZeros(nanos);
        int behind = bits > GUESS_BITS ? (int) (nanos >>> (bits - 1 - GUESS_BITS)) & ((1 << GUESS_BITS) - 1) : 0;
        return (bits << GUESS_BITS) | behind;
    }

    private static long[] upper() {
        long[] upper = new long[SIZE + 1];
        for (int i = 0; i <= SIZE; i++) {
            upper[i] = (long) Math.floor(Math.pow(2, LEAST + (double) i / (1 << SCHEMA)) * 1e9);
        }
        return upper;
    }

    /** For each slot the first bucket that one of its durations can fall into. */
    private static short[] guesses() {
        short[] guesses = new short[(Long.SIZE + 1) << GUESS_BITS];
        for (int bits = GUESS_BITS + 1; bits < Long.SIZE; bits++) {
            for (int behind = 0; behind < 1 << GUESS_BITS; behind++) {
                long least = ((1L << GUESS_BITS) | behind) << (bits - 1 - GUESS_BITS);
                int bucket = 0;
                while (bucket < SIZE && least > UPPER[bucket]) {
                    bucket++;
                }
                guesses[(bits << GUESS_BITS) | behind] = (short) bucket;
            }
        }
        return guesses;
    }
}
