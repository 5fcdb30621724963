package terpan.edge;

import org.jspecify.annotations.Nullable;
import terpan.dispatch.Lease;
import terpan.dispatch.Outcome;
import terpan.dispatch.Slot;
import terpan.link.Call;
import terpan.link.Link;
import terpan.link.WorkerEndpoint;

/** The place that an exchange holds on a worker, from the grant until it is settled, exactly once. Belongs to the loop's thread. */
final class Grant {
    private final Edge edge;
    private @Nullable Lease lease;
    private @Nullable Link link;
    private long service;

    Grant(Edge edge) {
        this.edge = edge;
    }

    void take(Lease granted) {
        lease = granted;
        service = 0;
        edge.loop.inFlight(1, granted.quick(), granted.deep());
        link = edge.links.get(granted.slotIndex());
    }

    /** The way to the worker; null without a place, or when the worker is gone. */
    @Nullable
    Link link() {
        return link;
    }

    /** The worker; null without a place, or when it is gone. */
    @Nullable
    WorkerEndpoint point() {
        Lease held = lease;
        return held == null ? null : edge.links.endpoint(held.slotIndex());
    }

    /** Whether the worker is one that we started, whose word counts. */
    boolean isOurs() {
        WorkerEndpoint worker = point();
        return worker != null && worker.ours();
    }

    /** Whether the place is one of this slot's. */
    boolean isOn(Slot slot) {
        Lease held = lease;
        return held != null && held.slot() == slot;
    }

    /** The key by which a client asks for this worker again. */
    long stickyKey() {
        Lease held = lease;
        return held == null ? 0 : held.slot().stickyKey();
    }

    /** How long the worker says that its handler took, nanoseconds. */
    void served(long nanos) {
        service = nanos;
    }

    /** Gives the place back; nothing happens without one. */
    void settle(Outcome outcome) {
        Lease held = lease;
        lease = null;
        link = null;
        if (held != null) {
            edge.loop.inFlight(-1, held.quick(), held.deep());
            edge.dispatcher.settle(held, outcome, edge.loop.now(), service);
        }
    }

    /**
     * Nobody wants the answer: the lease stays until the worker is free of the request, so that its slot is not taken for free.
     *
     * @param lostFrom from when on the worker should have been free of it
     */
    void letGo(Call call, Outcome outcome, long lostFrom) {
        Lease held = lease;
        Link used = link;
        if (held == null || used == null) {
            settle(outcome);
            return;
        }
        lease = null;
        link = null;
        edge.dispatcher.giveUp(held, lostFrom);
        used.cancel(call, () -> {
            edge.loop.inFlight(-1, held.quick(), held.deep());
            edge.dispatcher.settle(held, outcome, edge.loop.now());
        });
    }
}
