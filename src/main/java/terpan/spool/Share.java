package terpan.spool;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The most that some spools, or one, may hold on disk, and what they do; within that of others, where there is one. Thread-safe. */
final class Share {
    /** Of what holds no more than its space allows anyway. */
    static final Share NONE = new Share(Long.MAX_VALUE, null);

    private volatile long most;
    private final @Nullable Share within;
    private final AtomicLong held = new AtomicLong();

    Share(long most, @Nullable Share within) {
        this.most = most;
        this.within = within;
    }

    /** Another bound from now on; what is held stays held. */
    void most(long bytes) {
        most = bytes;
    }

    boolean take(long bytes) {
        if (held.addAndGet(bytes) <= most && (within == null || within.take(bytes))) {
            return true;
        }
        held.addAndGet(-bytes);
        return false;
    }

    void giveBack(long bytes) {
        held.addAndGet(-bytes);
        if (within != null) {
            within.giveBack(bytes);
        }
    }
}
