package terpan.edge;

import org.jspecify.annotations.Nullable;
import terpan.dispatch.Admission;
import terpan.dispatch.Dispatcher;
import terpan.dispatch.Lease;
import terpan.dispatch.Outcome;
import terpan.dispatch.RouteTable;
import terpan.dispatch.Waiter;
import terpan.edge.Exchange.State;
import terpan.http.Method;
import terpan.metrics.Limit;

/**
 * What one exchange asks the dispatcher for: a place on a worker, which it is given at once, later, or not at all. Belongs to the exchange, on
 * its loop; only {@link #granted} and {@link #rejected} come from other threads.
 */
final class PlaceRequest implements Waiter {
    private final Edge edge;
    private final Exchange exchange;
    private final WorkerSide worker;
    private final RequestTimes times;
    private final Reports reports;
    private volatile @Nullable Admission delivery;
    private int route;

    /** Which worker the client wants; 0: any. */
    private long stickyKey;

    PlaceRequest(Edge edge, Exchange exchange, WorkerSide worker, RequestTimes times, Reports reports) {
        this.edge = edge;
        this.exchange = exchange;
        this.worker = worker;
        this.times = times;
        this.reports = reports;
    }

    /** It wants the worker of this key; 0: any. */
    void wants(long key) {
        stickyKey = key;
    }

    private Dispatcher dispatcher() {
        return exchange.application().dispatcher;
    }

    /** Asks for the first time. */
    void ask() {
        long now = edge.loop.now();
        route = RouteTable.number(times.asked(now, exchange.head, exchange.settings().shapes));
        take(dispatcher().admit(this, now, (long) edge.loop.index() << 56 | edge.loop.turnNumber()));
    }

    /** Asks for another attempt, which goes before newer requests. */
    void askAgain() {
        take(dispatcher().readmit(this, times.askedAt(), edge.loop.now()));
    }

    /** Asks no more. */
    void cancel() {
        dispatcher().abandon(this);
    }

    private void take(Admission admission) {
        switch (admission) {
            case Lease granted -> worker.forward(granted);
            case Admission.Queued queued -> exchange.become(State.WAITING);
            case Admission.Rejected reason -> {
                exchange.application().metrics.requestRejected(reason);
                reports.rejected(reason);
                exchange.refuse(503, "No worker could take the request: " + reason.label() + ".");
            }
        }
    }

    @Override
    public void granted(Lease granted) {
        hand(granted);
    }

    @Override
    public void rejected(Admission.Rejected reason) {
        hand(reason);
    }

    private void hand(Admission what) {
        delivery = what;
        if (edge.loop.inLoop()) {
            edge.deliverLater(this);
        } else {
            edge.loop.execute(this::deliver);
        }
    }

    /** What the dispatcher said arrives on the loop. */
    void deliver() {
        Admission what = delivery;
        delivery = null;
        if (what == null) {
            throw new IllegalStateException("nothing to deliver");
        }
        if (exchange.state() == State.WAITING) {
            if (what instanceof Lease late && edge.bounds.memory().exhausted()) {
                late.settle(Outcome.UNSENT, edge.loop.now());
                edge.metrics.limitReached(Limit.MEMORY);
                exchange.refuse(503, "The server has no memory to spare for the answer at the moment.");
            } else {
                take(what);
            }
        } else if (what instanceof Lease late) {
            late.settle(Outcome.UNSENT, edge.loop.now());
        }
    }

    /** A broken invariant: only a cut tells the client of it. */
    void fault() {
        exchange.fault();
    }

    @Override
    public boolean bodyRepeatable() {
        return exchange.body.repeatable();
    }

    @Override
    public boolean mayAskAgain() {
        return Method.idempotent(exchange.head.method) && exchange.body.repeatable();
    }

    @Override
    public int route() {
        return route;
    }

    @Override
    public long stickyKey() {
        return stickyKey;
    }
}
