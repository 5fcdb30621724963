package terpan.edge;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import terpan.http.Method;
import terpan.link.Failure;
import terpan.link.WorkerEndpoint;
import terpan.loop.Timer;

/**
 * How often one request was tried, and whether it may be tried once more: as long as nothing was sent, ten times; when a kept
 * connection closed before an answer, once, if the request is idempotent and the worker is still alive a little later. A
 * request that its worker died with is not tried on the others: it may be the one that kills.
 */
final class Attempts {
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final int UNSENT_MOST = 10;

    private final Edge edge;
    private final Timer timer;
    private int unsent;
    private boolean sentTwice;
    private boolean lastWasSent;
    private @Nullable WorkerEndpoint point;

    /**
     * @param retry runs when the pause before another try is over
     */
    Attempts(Edge edge, Runnable retry) {
        this.edge = edge;
        this.timer = edge.loop.timer(retry);
    }

    /** A new request. */
    void reset() {
        unsent = 0;
        sentTwice = false;
        point = null;
    }

    boolean mayTryAgain(Failure failure, int method) {
        return failure.unsent()
                ? unsent < UNSENT_MOST
                : failure.maybeUnsent() && !sentTwice && Method.idempotent(method);
    }

    /** Begins the pause before another try; false when the request may have been sent. */
    boolean pause(Failure failure, @Nullable WorkerEndpoint tried) {
        lastWasSent = !failure.unsent();
        sentTwice |= lastWasSent;
        unsent += lastWasSent ? 0 : 1;
        point = tried;
        timer.set(edge.loop.now() + PAUSE_NANOS);
        return !lastWasSent;
    }

    /** After the pause: whether the worker died with the request. */
    boolean killed() {
        WorkerEndpoint tried = point;
        point = null;
        return lastWasSent && (tried == null || !tried.alive());
    }

    void cancel() {
        timer.cancel();
        point = null;
    }
}
