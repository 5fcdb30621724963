package terpan.dispatch;

/**
 * A worker gives requests back although it has a free place by our count: its threads are held by what we know nothing of, for
 * their answers are whole, such as an application's {@code close()} that does not return. Guarded by the dispatcher's lock.
 */
final class Denial {
    /** Nanoseconds of it that are a sign; shorter, an answer has reached us before its thread was free again. */
    static final long SIGN = 1_000_000_000;

    /** Nanoseconds without a request that came back after which nothing is known any more. */
    private static final long KNOWN = 5 * SIGN;

    private boolean denies;
    private long from;
    private long latest;

    /** A request came back. */
    void denied(long now) {
        if (!denies || now - latest > KNOWN) {
            from = now;
        }
        denies = true;
        latest = now;
    }

    /** The worker has ended something. */
    void over() {
        denies = false;
    }

    /** Since when it goes on; of no meaning before there was one. */
    long from() {
        return from;
    }

    boolean isOn(long now) {
        return denies && latest - from >= SIGN && now - latest <= KNOWN;
    }
}
