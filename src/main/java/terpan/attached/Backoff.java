package terpan.attached;

import java.util.function.LongUnaryOperator;

/** How long something that failed so many times in a row is left alone: doubling up to a bound, spread by a fifth. */
final class Backoff {
    /** Each begins anew after this many doublings at the latest, far over any bound. */
    private static final int DOUBLINGS_MOST = 30;

    private static final int SPREAD = 5;

    private final long first;
    private final long most;
    private final LongUnaryOperator random;

    /**
     * A backoff in nanoseconds.
     *
     * @param random a value in [0, bound) for a bound
     */
    Backoff(long first, long most, LongUnaryOperator random) {
        this.first = first;
        this.most = most;
        this.random = random;
    }

    /** The pause behind so many failures, at least one: many that failed together do not come back together. */
    long pause(int failures) {
        long pause = most;
        if (!isLongest(failures)) {
            pause = first << failures - 1;
        }
        return pause - random.applyAsLong(pause / SPREAD + 1);
    }

    /** Whether the pause grows no more. */
    boolean isLongest(int failures) {
        return failures > DOUBLINGS_MOST || first << failures - 1 >= most;
    }
}
