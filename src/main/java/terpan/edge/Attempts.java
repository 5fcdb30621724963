package terpan.edge;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import terpan.dispatch.Lease;
import terpan.dispatch.Outcome;
import terpan.dispatch.Slot;
import terpan.http.Method;
import terpan.link.Call;
import terpan.link.Failure;
import terpan.link.Link;
import terpan.link.LoopLinks;
import terpan.link.WorkerEndpoint;
import terpan.loop.Timer;

/**
 * The attempts at one request: the lease that the present one holds on a worker, from the grant until it is settled, exactly once, and
 * whether another may follow. As long as nothing was sent, ten may; when a kept connection closed before an answer, one, if the request is
 * idempotent and the worker is still alive a little later: a request that its worker died with is not tried on the others, for it may be the
 * one that kills. Belongs to the loop's thread.
 */
final class Attempts {
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final int UNSENT_MOST = 10;

    private final Edge edge;
    private final Timer timer;
    private @Nullable Lease lease;
    private @Nullable Link link;
    private long service;
    private int unsent;
    private boolean sentTwice;
    private boolean lastWasSent;
    private boolean lastProved;
    private @Nullable WorkerEndpoint lastWorker;
    private @Nullable LoopLinks links;

    /**
     * @param retry runs when the pause before another attempt is over
     */
    Attempts(Edge edge, Runnable retry) {
        this.edge = edge;
        this.timer = edge.loop.timer(retry);
    }

    /** A new request. */
    void reset() {
        unsent = 0;
        sentTwice = false;
        lastWorker = null;
    }

    /** An attempt begins on the lease's worker, which is reached by these links. */
    void begin(Lease granted, LoopLinks from) {
        links = from;
        lease = granted;
        service = 0;
        edge.loop.inFlight(1, granted.quick(), granted.deep());
        link = from.get(granted.slotIndex());
    }

    /** The way to the worker; null without a lease, or when the worker is gone. */
    @Nullable
    Link link() {
        return link;
    }

    /** The worker; null without a lease, or when it is gone. */
    @Nullable
    WorkerEndpoint worker() {
        Lease held = lease;
        LoopLinks from = links;
        return held == null || from == null ? null : from.endpoint(held.slotIndex());
    }

    /** Whether the worker is one that we started, whose word counts. */
    boolean isOurs() {
        WorkerEndpoint worker = worker();
        return worker != null && worker.ours();
    }

    /** Whether the lease is on this slot. */
    boolean isOn(Slot slot) {
        Lease held = lease;
        return held != null && held.slot() == slot;
    }

    /** The key by which a client asks for this worker again. */
    long stickyKey() {
        Lease held = lease;
        return held == null ? 0 : held.slot().stickyKey();
    }

    /** Whether the worker has to prove itself. */
    boolean isProving() {
        Lease held = lease;
        return held != null && held.proving();
    }

    /** How long the worker says that its handler took, nanoseconds. */
    void served(long nanos) {
        service = nanos;
    }

    /**
     * Settles the lease; nothing happens without one.
     *
     * @param status what the worker told; 0: nothing
     */
    void settle(Outcome outcome, int status) {
        Lease held = lease;
        lease = null;
        link = null;
        if (held != null) {
            edge.loop.inFlight(-1, held.quick(), held.deep());
            held.told(status);
            held.settle(outcome, edge.loop.now(), service);
        }
    }

    /**
     * Nobody wants the answer: the lease stays until the worker is free of the request, so that its slot is not taken for free.
     *
     * @param status what the worker told; 0: nothing
     * @param lostFrom from when on the worker should have been free of it
     */
    void giveUp(Call call, Outcome outcome, int status, long lostFrom) {
        Lease held = lease;
        Link used = link;
        if (held == null || used == null) {
            settle(outcome, status);
            return;
        }
        lease = null;
        link = null;
        held.told(status);
        held.giveUp(lostFrom);
        Runnable ended = () -> {
            edge.loop.inFlight(-1, held.quick(), held.deep());
            held.settle(outcome, edge.loop.now());
        };
        used.cancel(call, ended, () -> held.alive(edge.loop.now()));
    }

    /** Whether there may be another attempt after this failure. */
    boolean mayTryAgain(Failure failure, int method) {
        return failure.unsent()
                ? unsent < UNSENT_MOST
                : (failure.maybeUnsent() || isProving()) && !sentTwice && Method.idempotent(method);
    }

    /** Ends the present attempt, which failed, and begins the pause before another. */
    void pause(Failure failure) {
        lastWorker = worker();
        lastProved = isProving();
        lastWasSent = !failure.unsent();
        sentTwice |= lastWasSent;
        unsent += lastWasSent ? 0 : 1;
        timer.set(edge.loop.now() + PAUSE_NANOS);
        settle(lastWasSent ? Outcome.FAILED : Outcome.UNSENT, 0);
    }

    /** After the pause: whether the worker died with the request; of one that had to prove itself that is no reason to ask no other. */
    boolean killed() {
        WorkerEndpoint tried = lastWorker;
        lastWorker = null;
        return lastWasSent && !lastProved && (tried == null || !tried.alive());
    }

    /** Nobody wants another attempt. */
    void cancel() {
        timer.cancel();
        lastWorker = null;
    }
}
