package terpan.attached;

import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import terpan.link.Destination;

/**
 * An address as the event loops see it: whether connections are made to it, and how requests there end. They only note that here and
 * wake the watch, at most once until it has looked; a request that is answered costs two readings.
 */
final class Target implements Destination {
    private final SocketAddress address;
    private final Runnable wake;
    private final AtomicBoolean noted = new AtomicBoolean();
    private final AtomicInteger silent = new AtomicInteger();
    private volatile boolean open;

    /** Whether the watch waits for an answer, as a sign that the worker is well. */
    private volatile boolean answerAwaited;

    private volatile boolean heard;
    private volatile boolean doubtful;
    private volatile @Nullable String refusal;
    private volatile String silence = "";

    /**
     * A target that gets no connections yet.
     *
     * @param wake makes the watch look at what was noted here
     */
    Target(SocketAddress address, Runnable wake) {
        this.address = address;
        this.wake = wake;
    }

    @Override
    public SocketAddress address() {
        return address;
    }

    boolean isOpen() {
        return open;
    }

    /** Gets no connection from this moment on: the request that found it out is not to come here again. */
    @Override
    public void notConnected(String why) {
        open = false;
        refusal = why;
        note();
    }

    @Override
    public void doubted() {
        doubtful = true;
        note();
    }

    @Override
    public void unanswered(String why) {
        silence = why;
        silent.incrementAndGet();
        note();
    }

    @Override
    public void answered() {
        if (silent.get() != 0) {
            silent.set(0);
        }
        if (answerAwaited) {
            answerAwaited = false;
            heard = true;
            note();
        }
    }

    private void note() {
        if (noted.compareAndSet(false, true)) {
            wake.run();
        }
    }

    /** Begins to look at what was noted: what comes from now on wakes the watch again. */
    void look() {
        noted.set(false);
    }

    /** Why a connect failed, if one did since the last call. */
    @Nullable
    String takeRefusal() {
        String why = refusal;
        refusal = null;
        return why;
    }

    /** Requests in a row that got no answer. */
    int silent() {
        return silent.get();
    }

    /** How the last of them ended. */
    String silence() {
        return silence;
    }

    boolean takeHeard() {
        boolean was = heard;
        heard = false;
        return was;
    }

    boolean takeDoubt() {
        boolean was = doubtful;
        doubtful = false;
        return was;
    }

    /** Connections are made to it from now on. */
    void open() {
        refusal = null;
        silent.set(0);
        heard = false;
        answerAwaited = true;
        open = true;
    }

    void close() {
        open = false;
    }
}
