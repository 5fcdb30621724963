package terpan.edge;

import java.nio.channels.FileChannel;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import terpan.dispatch.Admission;
import terpan.dispatch.Lease;
import terpan.dispatch.Outcome;
import terpan.dispatch.RouteTable;
import terpan.dispatch.Slot;
import terpan.dispatch.Waiter;
import terpan.edge.origin.Peer;
import terpan.edge.origin.RequestId;
import terpan.http.Method;
import terpan.http.RequestHead;
import terpan.http.ResponseHead;
import terpan.link.Call;
import terpan.link.Failure;
import terpan.link.Link;
import terpan.link.Origin;
import terpan.link.WorkerEndpoint;
import terpan.log.Cut;
import terpan.loop.Timer;
import terpan.metrics.ClientRefusal;
import terpan.metrics.Limit;

/**
 * One request with its answer: asks the dispatcher for a place, sends the request by the place's link, passes the answer on, and
 * settles the lease exactly once. Serves the requests of one {@link ClientStream} one after the other, on its loop; only {@link #granted}
 * and {@link #rejected} come from other threads.
 */
public final class Exchange implements Call, Waiter {
    private static final int TIMED_OUT = 504;
    private static final long MAINTENANCE_SECONDS = 60;

    /** Where the request stands. */
    public enum State {
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

    /** The head of the request; filled by whoever parses it. */
    public final RequestHead head;

    /** The body of the request; filled by whoever takes it in. */
    public final RequestBody body = new RequestBody();

    private final Edge edge;
    private final ClientStream stream;
    private final AnswerSink sink;
    private final Answer answer;
    private final RequestId id;
    private final RequestTimes times;
    private final Attempts attempts;
    private final Reports reports;

    /** Its deadlines, which whoever takes in the body tells of it. */
    public final ExchangeDeadlines deadlines;

    private State state = State.IDLE;
    private EdgeSettings settings;
    private Origin origin;

    /** What there was when its first byte came; where applications are told apart, when its head was whole. */
    private LoopServed served;

    /** The one that the request is for. */
    private LoopApplication application;

    /** Where it goes, once its head is whole; null where all requests are for one. */
    private Routes.@Nullable Place place;

    private @Nullable Object linkState;
    private volatile @Nullable Admission delivery;
    private int route;

    /** Which worker the client wants; 0: any. */
    private long stickyKey;

    /** Whether it was told that there is no room for more of the answer. */
    private boolean toldOfRoom;

    private long heardAt;
    private long takenSeen;

    /**
     * @param timer of whoever has the exchange, who calls {@link #late} when it comes up and the body is whole
     * @param head into which heads of its requests are read
     * @param origin the peer, as long as no request says more
     */
    public Exchange(Edge edge, ClientStream stream, AnswerSink sink, Timer timer, RequestHead head, Origin origin) {
        this.edge = edge;
        this.head = head;
        this.stream = stream;
        this.sink = sink;
        this.origin = origin;
        this.served = edge.served();
        this.settings = served.settings;
        this.application = served.first;
        this.deadlines = new ExchangeDeadlines(edge, timer);
        this.answer = new Answer(sink, settings, application.pages);
        this.id = new RequestId(edge.ids);
        this.times = new RequestTimes(edge, id);
        this.attempts = new Attempts(edge, this::retry);
        this.reports = new Reports(edge, head, id, times);
    }

    /** Where the request stands. */
    public State state() {
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

    /** The settings by which its request is judged. */
    public EdgeSettings settings() {
        return settings;
    }

    /** Whether some of an answer came from a worker of this slot after that time. */
    public boolean heardFrom(Slot slot, long after) {
        return state == State.IN_FLIGHT && attempts.isOn(slot) && answer.started() && heardAt - after > 0;
    }

    /** A request's first byte has come: it is judged by the settings of now. */
    public void begin(long now) {
        served = edge.served();
        settings = served.settings;
        application = served.first;
        place = null;
        id.reset();
        times.begin(now);
        deadlines.begin(now, settings.limits);
        answer.begin(settings, served.settings.hsts);
        attempts.reset();
        toldOfRoom = false;
    }

    /** A request has begun that comes from this peer, as long as its head does not say more. */
    public void from(Peer peer) {
        origin = peer.origin();
    }

    /** The head is whole: finds out whose request it is. */
    public void identify(Peer peer) {
        reports.forwarded(peer);
        origin = peer.client(head, id);
        if (served.routes != null) {
            served = edge.served(); // since the first byte its application may have ended, or its route be another's
        }
        Routes routes = served.routes;
        if (routes != null) {
            route(routes.find(head));
        }
        answer.pages(application.pages);
        Stickiness sticky = application.stickiness;
        if (sticky != null) {
            stickyKey = sticky.key(head, origin);
        }
    }

    /** It is for the application at this place, and judged by what that one says. */
    private void route(Routes.Place found) {
        place = found;
        application = served.at(found);
        EdgeSettings its = application.settings;
        if (its != null) {
            settings = its;
            answer.begin(its, served.settings.hsts);
            deadlines.judgedBy(its.limits);
        }
    }

    private boolean isNobodys() {
        Routes.Place found = place;
        return found != null && found.status() != 0;
    }

    /** Whether it belongs to an address with https, or to no application that there is: then {@link #sendElsewhere}. */
    public boolean belongsElsewhere() {
        return (served.settings.redirects && !origin.secure()) || isNobodys();
    }

    /** Says so, before its body, and nothing of the applications that there are; without a body the connection lives on. */
    public void sendElsewhere() {
        if (served.settings.redirects && !origin.secure()) {
            redirect();
        } else {
            Routes.Place found = Objects.requireNonNull(place);
            refuseForNow(found.status(), found.sentence(), 0);
        }
    }

    /** Whether a worker takes the request's body while it comes. */
    public boolean streams() {
        PathPatterns routes = application.streams;
        return routes != null && routes.match(head);
    }

    /** The body is whole, or may come later: asks for a place. */
    public void dispatch() {
        if (isNobodys()) {
            sendElsewhere();
            return;
        }
        if (!application.open && isClosed()) {
            return;
        }
        route = RouteTable.number(head.method, head.bytes, head.pathStart, head.pathEnd);
        long now = edge.loop.now();
        times.asked(now);
        take(application.dispatcher.admit(this, now, (long) edge.loop.index() << 56 | edge.loop.turnNumber()));
    }

    /** Whether the application takes no requests now, not from this client: then it was told. */
    private boolean isClosed() {
        String fault = application.fault;
        Maintenance work = application.maintenance;
        if (fault == null && (work == null || work.lets(origin))) {
            return false;
        }
        times.asked(edge.loop.now());
        if (fault != null) {
            page(
                    500,
                    "The application does not run as it was saved last.",
                    fault.lines().toList(),
                    0);
        } else {
            page(503, "The site is worked on and will be back soon.", List.of(), MAINTENANCE_SECONDS);
        }
        return true;
    }

    private void take(Admission admission) {
        switch (admission) {
            case Lease granted -> forward(granted);
            case Admission.Queued queued -> state = State.WAITING;
            case Admission.Rejected reason -> {
                application.metrics.requestRejected(reason);
                reports.rejected(reason);
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
            late.settle(Outcome.UNSENT, edge.loop.now());
        }
    }

    private void forward(Lease granted) {
        attempts.begin(granted, application.links);
        state = State.IN_FLIGHT;
        heardAt = edge.loop.now();
        takenSeen = 0;
        times.sent(heardAt, granted.slot().spec());
        deadlines.forwarded(body.whole());
        Link found = attempts.link();
        if (found == null) {
            failed(Failure.NOT_CONNECTED, "the worker is gone");
            return;
        }
        found.forward(this);
    }

    private void settle(Outcome outcome) {
        linkState = null;
        attempts.settle(outcome, answer.toldStatus());
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
        boolean asksOthers = attempts.isProving() && mayAskAgain();
        if ((asksOthers || (!answer.raised().isEmpty() && attempts.isOurs())) && answer.hide()) {
            return;
        }
        Stickiness sticky = application.stickiness;
        if (sticky != null) {
            sticky.tell(answer, stickyKey, attempts.stickyKey(), origin.secure());
        }
        answer.headEnd(head, origin, length, body.whole());
        stream.flushLater();
    }

    @Override
    public void answerBody(byte[] bytes, int start, int end) {
        heardAt = edge.loop.now();
        answer.body(bytes, start, end);
        stream.flushLater();
    }

    @Override
    public void answerFile(FileChannel file, long position, long length) {
        heardAt = edge.loop.now();
        if (answer.hidden()) {
            edge.closeFile(file);
            return;
        }
        answer.file(file, position, length);
        stream.flushLater();
    }

    @Override
    public boolean wantsMore() {
        return sink.mayAppend();
    }

    /** There is no room on disk for more of the answer. */
    public void waitsForRoom() {
        if (!toldOfRoom) {
            toldOfRoom = true;
            edge.metrics.limitReached(Limit.ANSWER_SPOOL);
            reports.waitsForRoom();
        }
    }

    @Override
    public void answerEnd(long serviceNanos) {
        attempts.served(serviceNanos);
        if (answer.hidden() && attempts.isProving() && mayAskAgain() && body.rewind()) {
            askOthers();
            return;
        }
        if (answer.hidden()) {
            applicationRaised();
            return;
        }
        answer.end();
        answered(Outcome.ANSWERED);
    }

    /** A worker that has to prove itself answered with a failure: that is counted, and one of the others is asked. */
    private void askOthers() {
        if (!answer.raised().isEmpty()) {
            reports.raised(answer.raised());
        }
        settle(Outcome.ANSWERED);
        answer.begin(settings, served.settings.hsts);
        application.metrics.requestRetried();
        take(application.dispatcher.readmit(this, times.askedAt(), edge.loop.now()));
    }

    /** The worker answered that its application raised: the log has its traceback, the client a page as for any other failure. */
    private void applicationRaised() {
        String trace = reports.raised(answer.raised());
        settle(Outcome.ANSWERED);
        page(answer.toldStatus(), "The application failed.", settings.development ? List.of(trace) : List.of(), 0);
    }

    private void answered(Outcome outcome) {
        state = State.ANSWERED;
        times.answered(edge.loop.now());
        settle(outcome);
        stream.flushLater();
    }

    @Override
    public void failed(Failure failure, String detail) {
        if (state != State.IN_FLIGHT) {
            return;
        }
        times.workerFailed(failure);
        if (!answer.started() && attempts.mayTryAgain(failure, head.method) && body.rewind()) {
            attempts.pause(failure);
            linkState = null;
            state = State.RETRYING;
            return;
        }
        reports.failed(failure.name(), detail);
        fail(failure == Failure.HEAD_TOO_LARGE ? 431 : 502, Reports.words(failure, detail), detail);
    }

    private void retry() {
        if (state != State.RETRYING) {
            return;
        }
        if (attempts.killed()) {
            reports.failed("the worker died", "");
            fail(502, "The worker died before it answered.", "");
            return;
        }
        application.metrics.requestRetried();
        take(application.dispatcher.readmit(this, times.askedAt(), edge.loop.now()));
    }

    @Override
    public void returned() {
        application.metrics.requestReturned();
        settle(Outcome.RETURNED);
        if (body.rewind()) {
            take(application.dispatcher.readmit(this, times.askedAt(), edge.loop.now()));
        } else {
            fail(502, "The worker gave the request back and its body is gone.", "");
        }
    }

    /** The worker did not answer in time. */
    public void timeOut(Limit limit) {
        reports.failed("no answer in time", limit.label());
        edge.metrics.limitReached(limit);
        application.metrics.requestTimedOut();
        WorkerEndpoint worker = attempts.worker();
        if (worker != null) {
            worker.tellStacks();
        }
        Link used = attempts.link();
        if (used != null && limit == Limit.ANSWER_IDLE) {
            used.timedOut(this);
        }
        letGo(Outcome.TIMED_OUT, edge.loop.now());
        fail(TIMED_OUT, "The application did not answer in time.", "");
    }

    /** A broken invariant: only a cut tells the client of it. */
    void fault() {
        stream.cut(Cut.FAULT);
    }

    /** It is refused for this reason, which is counted; where there is no room for its body the operator hears of it. */
    public void countRefusal(ClientRefusal reason) {
        edge.metrics.clientRefused(reason);
        if (reason == ClientRefusal.NO_ROOM) {
            reports.noRoom();
        }
    }

    /** The deadline of an exchange whose body is whole has passed: its worker's, or its client's who takes the answer. */
    public void late() {
        switch (deadlines.judge(this)) {
            case WAIT -> {}
            case WARN -> reports.slow(answer.headSent() ? "its answer is not whole yet" : "no answer yet");
            case TIME_OUT -> timeOut(Limit.ANSWER_IDLE);
            case TOO_LONG -> timeOut(Limit.ANSWER_MOST);
            case CUT -> cut(Limit.SEND_IDLE);
            case TOO_SLOW -> cut(Limit.SEND_RATE);
        }
    }

    private void cut(Limit limit) {
        edge.metrics.limitReached(limit);
        stream.cut(Cut.DEADLINE);
    }

    /** Ends the worker's part badly: with a page as long as nothing of the answer has left, else only a cut can tell the client. */
    private void fail(int status, String what, String detail) {
        settle(Outcome.FAILED);
        if (answer.takeBack()) {
            page(status, what, reports.cause(settings, detail), status == 503 ? 1 : 0);
        } else {
            application.metrics.answerCut();
            state = State.ABANDONED;
            stream.cut(status == TIMED_OUT ? Cut.DEADLINE : Cut.WORKER);
        }
    }

    /** Answers with a page of Terpan's own. */
    public void refuse(int status, String what) {
        page(status, what, status < 500 ? List.of() : reports.cause(settings, ""), status == 503 ? 1 : 0);
    }

    /** A handshake for WebSocket. */
    public void refuseWebSocket() {
        reports.webSocket();
        refuseForNow(501, "WebSocket is not spoken here; long polling works.", 0);
    }

    /** Sends the client to the same address with https, before its body; without one the connection lives on. */
    public void redirect() {
        byte[] location = Redirect.location(head, served.settings.redirectPort);
        answer.location(location);
        refuseForNow(location.length > 0 ? 308 : 400, "This host is served with https.", 0);
    }

    /** Refuses a request for now, before its body; without one the connection lives on. */
    public void refuseForNow(int status, String what, long retrySeconds) {
        if (head.contentLength == 0) {
            body.none();
            times.asked(edge.loop.now());
        }
        page(status, what, List.of(), retrySeconds);
    }

    private void page(int status, String what, List<String> cause, long retrySeconds) {
        answer.page(status, what, cause, id.text(), retrySeconds, head, times.askedAt() != 0 && body.whole());
        answered(Outcome.UNSENT);
    }

    /** The rest of the body does not come: nothing is wanted any more. True when some of an answer has left: it can only be cut. */
    public boolean giveUp() {
        abandon(Cut.DEADLINE);
        return !answer.takeBack();
    }

    /** Terpan stops and waits no longer: a page says so. False: some of an answer has left, which can only be cut. */
    public boolean stopWaiting() {
        boolean withWorker = state == State.IN_FLIGHT;
        if (state == State.ANSWERED || giveUp()) {
            return false;
        }
        page(503, "Terpan is stopping and could not wait for the answer.", List.of(), withWorker ? 0 : 1);
        return true;
    }

    /**
     * Whether a client that ends its sending side is taken as gone: while it waits in line, for nobody should work for one that left; and
     * where the application asks to be told, as its own server would tell it.
     */
    public boolean endsWithClient() {
        Link used = attempts.link();
        return state == State.WAITING || (state == State.IN_FLIGHT && used != null && used.hearsLeaving());
    }

    /** Nothing of what is under way is wanted any more: the client has left, or others do not wait. */
    public void abandon(Cut by) {
        State before = state;
        state = State.ABANDONED;
        if (by == Cut.CLIENT && before != State.IDLE && before != State.ABANDONED) {
            application.metrics.requestAbandoned();
        }
        switch (before) {
            case WAITING -> application.dispatcher.abandon(this);
            case IN_FLIGHT ->
                // The worker may go on as long as if its client had stayed.
                letGo(
                        Outcome.ABANDONED,
                        heardAt() + settings.limits.answerIdle().toNanos());
            case RETRYING -> attempts.cancel();
            case IDLE, ANSWERED, ABANDONED -> {}
        }
    }

    private void letGo(Outcome outcome, long lostFrom) {
        attempts.giveUp(this, outcome, lostFrom);
        linkState = null;
    }

    /** More of the body is at hand, or never will be. */
    public void moreBody() {
        if (body.failed() && state != State.ANSWERED) {
            reports.failed("its spooled body can not be read back", "");
            stream.cut(Cut.FAULT);
            return;
        }
        Link used = attempts.link();
        if (used != null && state == State.IN_FLIGHT) {
            used.bodyReady(this);
        }
    }

    /** The sink takes more of the answer again. */
    public void hasRoom() {
        Link used = attempts.link();
        if (used != null && state == State.IN_FLIGHT) {
            heardAt = edge.loop.now();
            used.resume(this);
        }
    }

    /** Its body ended after so many bytes, before it was whole: nobody was asked. */
    public void leftWithin(long received, Cut by) {
        if (by == Cut.CLIENT) {
            application.metrics.requestAbandoned();
        }
        times.settled(application.metrics, head, origin, answer.status(), received, 0, by);
    }

    /** The request is settled, and sent as far as it can be: counted, logged with whoever cut it, forgotten. */
    public void finish(Cut cut) {
        times.settled(application.metrics, head, origin, answer.status(), body.length(), sink.bodySent(), cut);
        body.close();
        sink.over();
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
    public byte[] script() {
        Routes.Place found = place;
        return found == null ? Routes.NO_SCRIPT : found.script();
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
    public boolean bodyRepeatable() {
        return body.repeatable();
    }

    @Override
    public boolean mayAskAgain() {
        return Method.idempotent(head.method) && body.repeatable();
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
