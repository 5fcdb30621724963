package terpan.dispatch;

import java.util.Arrays;

/**
 * What became of requests and how long they took, in buckets of an eighth of a doubling: enough to compare two of them. Not thread-safe.
 */
public final class Tally {
    private static final int EIGHTHS = 3;
    private static final int BUCKETS = Long.SIZE << EIGHTHS;
    private static final double SLOWEST_SHARE = 0.05;

    private final int[] buckets;
    private long requests;
    private long failures;
    private long open;
    private long oldestOpen;

    /** Of nothing yet. */
    public Tally() {
        this(new int[BUCKETS], 0, 0);
    }

    private Tally(int[] buckets, long requests, long failures) {
        this.buckets = buckets;
        this.requests = requests;
        this.failures = failures;
    }

    /**
     * One more.
     *
     * @param failed whether its answer was of 500 or more, or there was none
     * @param nanos how long it was with its worker, nanoseconds, not negative
     */
    public void add(boolean failed, long nanos) {
        requests++;
        failures += failed ? 1 : 0;
        buckets[bucket(nanos)]++;
    }

    /** One more that has no answer yet, after that many nanoseconds. */
    public void addOpen(long nanos) {
        open++;
        oldestOpen = Math.max(oldestOpen, nanos);
        buckets[bucket(nanos)]++;
    }

    /** How many had an answer, or failed. */
    public long requests() {
        return requests;
    }

    /** How many were with a worker, whether they had their answer or not. */
    public long begun() {
        return requests + open;
    }

    /** How long that one of them has taken that has no answer yet and has waited longest for it, nanoseconds; 0: none has. */
    public long oldestOpen() {
        return oldestOpen;
    }

    /** How many of them failed. */
    public long failures() {
        return failures;
    }

    /** Nanoseconds that nineteen of twenty have taken, as far as they have got; at most an eighth too many; 0 of none. */
    public long p95() {
        long slower = (long) (begun() * SLOWEST_SHARE);
        for (int i = BUCKETS - 1; i >= 0; i--) {
            slower -= buckets[i];
            if (slower < 0) {
                return upper(i);
            }
        }
        return 0;
    }

    /** How many have taken longer than that, as exactly as buckets tell. */
    public long over(long nanos) {
        long over = 0;
        for (int i = bucket(nanos) + 1; i < BUCKETS; i++) {
            over += buckets[i];
        }
        return over;
    }

    /** The same as it is now, without those that have no answer yet. */
    Tally copy() {
        return new Tally(Arrays.copyOf(buckets, BUCKETS), requests, failures);
    }

    private static int bucket(long nanos) {
        if (nanos < 1 << EIGHTHS) {
            return (int) Math.max(0, nanos);
        }
        int bits = Long.SIZE - 1 - Long.numberOfLeadingZeros(nanos);
        return (bits << EIGHTHS) + (int) (nanos >>> (bits - EIGHTHS) & (1 << EIGHTHS) - 1);
    }

    /** The largest number of a bucket. */
    private static long upper(int bucket) {
        int bits = bucket >> EIGHTHS;
        if (bits < EIGHTHS) {
            return bucket;
        }
        long eighth = bucket & (1 << EIGHTHS) - 1;
        return ((1L << EIGHTHS) + eighth + 1 << bits - EIGHTHS) - 1;
    }
}
