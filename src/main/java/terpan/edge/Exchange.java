package terpan.edge;

import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;
import terpan.dispatch.Admission;
import terpan.dispatch.Lease;
import terpan.dispatch.Outcome;
import terpan.dispatch.RouteTable;
import terpan.dispatch.Waiter;
import terpan.http.RequestHead;
import terpan.http.ResponseHead;
import terpan.link.Call;
import terpan.link.Failure;
import terpan.link.Link;
import terpan.link.Origin;
import terpan.link.WorkerPoint;

/**
 * One request with its answer: asks the dispatcher for a place, sends the request by the place's link, passes the answer on, and
 * settles the lease exactly once. Serves one client connection's requests one after the other, on its loop; only {@link #granted}
 * and {@link #rejected} come from other threads.
 */
final class Exchange implements Call, Waiter {
    /** Where the request stands. */
    enum State {
        /** Nothing under way, or not whole yet. */
        IDLE,
        /** In the wait queue, or its grant is on its way. */
        WAITING,
        /** With a worker. */
        IN_FLIGHT,
        /** About to be tried once more. */
        RETRYING,
        /** The answer is complete; the client may not have all of it yet. */
        ANSWERED,
        /** Nobody wants the answer any more. */
        ABANDONED
    }

    final RequestHead head = new RequestHead();
    final RequestBody body = new RequestBody();
    private final Edge edge;
    private final ClientConnection connection;
    private final Output output;
    private final Answering answer;
    private final Stations stations;
    private final Attempts attempts;
    private final Reports reports;
    private State state = State.IDLE;
    private Origin origin;
    private @Nullable Lease lease;
    private @Nullable Link link;
    private @Nullable Object linkState;
    private volatile @Nullable Admission delivery;
    private boolean quick;
    private int route;
    private long heardAt;
    private long takenSeen;
    private long service;

    Exchange(Edge edge, ClientConnection connection, Output output, Origin origin) {
        this.edge = edge;
        this.connection = connection;
        this.output = output;
        this.origin = origin;
        this.answer = new Answering(edge, output);
        this.stations = new Stations(edge);
        this.attempts = new Attempts(edge, this::retry);
        this.reports = new Reports(edge, head, stations);
    }

    State state() {
        return state;
    }

    /** When the worker was last heard of, or was seen to have taken more of the body; monotonic nanoseconds. */
    long heardAt() {
        if (body.taken() != takenSeen) {
            takenSeen = body.taken();
            heardAt = edge.loop.now();
        }
        return heardAt;
    }

    /** Whether the connection lives on after this answer. */
    boolean keepsConnection() {
        return answer.keepsConnection();
    }

    /** A request's first byte has come. */
    void begin(long now) {
        stations.begin(now);
        answer.reset();
        attempts.reset();
    }

    /** Head and body are whole: asks for a place. */
    void dispatch(Peer peer) {
        origin = peer.client(head, stations);
        route = RouteTable.number(head.method, head.bytes, head.pathStart, head.pathEnd);
        long now = edge.loop.now();
        stations.asked(now);
        take(edge.dispatcher.admit(this, now, (long) edge.loop.index() << 56 | edge.loop.turnNumber()));
    }

    private void take(Admission admission) {
        switch (admission) {
            case Lease granted -> forward(granted);
            case Admission.Queued queued -> state = State.WAITING;
            case Admission.Rejected reason -> {
                edge.metrics.requestRejected(reason);
                refuse(503, "No worker could take the request: " + reason.label() + ".");
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
        if (state == State.WAITING) {
            take(what);
        } else if (what instanceof Lease late) {
            edge.dispatcher.settle(late, Outcome.UNSENT, edge.loop.now());
        }
    }

    private void forward(Lease granted) {
        lease = granted;
        state = State.IN_FLIGHT;
        service = 0;
        heardAt = edge.loop.now();
        takenSeen = 0;
        stations.sent(heardAt, granted.slot().spec().name());
        quick = granted.quick();
        if (quick) {
            edge.loop.quickInFlight(1);
        }
        connection.awaitAnswer();
        Link found = edge.links.get(granted.slotIndex());
        link = found;
        if (found == null) {
            failed(Failure.NOT_CONNECTED, "the worker is gone");
            return;
        }
        found.forward(this);
    }

    private void settle(Outcome outcome) {
        Lease held = lease;
        lease = null;
        link = null;
        linkState = null;
        if (quick) {
            quick = false;
            edge.loop.quickInFlight(-1);
        }
        if (held != null) {
            edge.dispatcher.settle(held, outcome, edge.loop.now(), service);
        }
    }

    @Override
    public void answerStart(int status, byte[] bytes, int reasonStart, int reasonEnd) {
        heardAt = edge.loop.now();
        answer.start(status, bytes, reasonStart, reasonEnd);
    }

    @Override
    public boolean answerField(byte[] bytes, int nameStart, int nameEnd, int valueStart, int valueEnd) {
        return answer.field(bytes, nameStart, nameEnd, valueStart, valueEnd);
    }

    @Override
    public boolean answerFields(ResponseHead from) {
        return answer.fields(from);
    }

    @Override
    public void answerHeadEnd(long length) {
        answer.headEnd(head, origin, length);
        connection.flushLater();
    }

    @Override
    public void answerBody(byte[] bytes, int start, int end) {
        heardAt = edge.loop.now();
        answer.body(bytes, start, end);
        connection.flushLater();
    }

    @Override
    public void answerFile(FileChannel file, long position, long length) {
        heardAt = edge.loop.now();
        answer.file(file, position, length);
        connection.flushLater();
    }

    @Override
    public boolean wantsMore() {
        return output.mayAppend();
    }

    @Override
    public void answerEnd(long serviceNanos) {
        service = serviceNanos;
        answer.end();
        answered(Outcome.ANSWERED);
    }

    private void answered(Outcome outcome) {
        state = State.ANSWERED;
        stations.answered(edge.loop.now());
        settle(outcome);
        connection.flushLater();
    }

    @Override
    public void failed(Failure failure, String detail) {
        if (state != State.IN_FLIGHT) {
            return;
        }
        edge.metrics.workerFailed(failure);
        if (!answer.started() && attempts.mayTryAgain(failure, head.method) && body.rewind()) {
            Lease held = lease;
            boolean unsent = attempts.pause(failure, held == null ? null : edge.links.point(held.slotIndex()));
            settle(unsent ? Outcome.UNSENT : Outcome.FAILED);
            state = State.RETRYING;
            return;
        }
        reports.failed(failure.name(), detail);
        fail(failure == Failure.HEAD_TOO_LARGE ? 431 : 502, Reports.words(failure, detail), Outcome.FAILED);
    }

    private void retry() {
        if (state != State.RETRYING) {
            return;
        }
        if (attempts.killed()) {
            reports.failed("the worker died", "");
            fail(502, "The worker died before it answered.", Outcome.FAILED);
            return;
        }
        edge.metrics.requestRetried();
        take(edge.dispatcher.readmit(this, stations.askedAt(), edge.loop.now()));
    }

    @Override
    public void returned() {
        edge.metrics.requestReturned();
        settle(Outcome.RETURNED);
        if (body.rewind()) {
            take(edge.dispatcher.readmit(this, stations.askedAt(), edge.loop.now()));
        } else {
            fail(502, "The worker gave the request back and its body is gone.", Outcome.FAILED);
        }
    }

    /** The worker did not answer in time. */
    void timeOut() {
        reports.failed("no answer in time", "");
        edge.metrics.requestTimedOut();
        Lease held = lease;
        WorkerPoint point = held == null ? null : edge.links.point(held.slotIndex());
        if (point != null) {
            point.tellStacks();
        }
        letGo(Outcome.TIMED_OUT);
        fail(504, "The application did not answer in time.", Outcome.TIMED_OUT);
    }

    /** A broken invariant: only a cut tells the client of it. */
    void fault() {
        connection.cut();
    }

    void warnSlow() {
        reports.slow(answer.headSent() ? "its answer is not whole yet" : "no answer yet");
    }

    /** Ends the worker's part badly: a page if no head was sent, else the connection is cut. */
    private void fail(int status, String what, Outcome outcome) {
        settle(outcome);
        if (answer.headSent()) {
            edge.metrics.answerCut();
            state = State.ABANDONED;
            connection.cut();
        } else {
            refuse(status, what);
        }
    }

    /** Answers with a page of Terpan's own. */
    void refuse(int status, String what) {
        answer.page(status, what, stations.id(), head, stations.askedAt() != 0);
        answered(Outcome.UNSENT);
    }

    /** The client has left: nothing of what is under way is wanted any more. */
    void abandon() {
        State before = state;
        state = State.ABANDONED;
        switch (before) {
            case WAITING -> {
                edge.metrics.requestAbandoned();
                edge.dispatcher.abandon(this);
            }
            case IN_FLIGHT -> {
                edge.metrics.requestAbandoned();
                letGo(Outcome.ABANDONED);
            }
            case RETRYING -> {
                edge.metrics.requestAbandoned();
                attempts.cancel();
            }
            case IDLE, ANSWERED, ABANDONED -> {}
        }
    }

    /** The lease stays until the worker is free of the request, so that its slot is not taken for free. */
    private void letGo(Outcome outcome) {
        Lease held = lease;
        Link used = link;
        if (held == null || used == null) {
            settle(outcome);
            return;
        }
        boolean counted = quick;
        lease = null;
        link = null;
        quick = false;
        used.cancel(this, () -> {
            if (counted) {
                edge.loop.quickInFlight(-1);
            }
            edge.dispatcher.settle(held, outcome, edge.loop.now());
        });
        linkState = null;
    }

    /** More of the body is at hand, or never will be. */
    void moreBody() {
        if (body.failed() && state != State.ANSWERED) {
            reports.failed("its spooled body can not be read back", "");
            connection.cut();
            return;
        }
        Link used = link;
        if (used != null && state == State.IN_FLIGHT) {
            used.bodyReady(this);
        }
    }

    void outputHasRoom() {
        Link used = link;
        if (used != null && state == State.IN_FLIGHT) {
            heardAt = edge.loop.now();
            used.resume(this);
        }
    }

    /** The request is settled, and sent as far as it can be: counted, logged, forgotten. */
    void finish() {
        stations.settled(head, origin, answer.status(), body.length(), answer.bodyBytes());
        body.close();
        output.answerOver();
        state = State.IDLE;
    }

    @Override
    public RequestHead head() {
        return head;
    }

    @Override
    public Origin origin() {
        return origin;
    }

    @Override
    public RequestBody body() {
        return body;
    }

    @Override
    public @Nullable Object linkState() {
        return linkState;
    }

    @Override
    public void linkState(@Nullable Object newState) {
        linkState = newState;
    }

    @Override
    public boolean bodyWhole() {
        return true;
    }

    @Override
    public int route() {
        return route;
    }
}
