package terpan.edge;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import terpan.dispatch.Dispatcher;
import terpan.dispatch.Outcome;
import terpan.dispatch.Slot;
import terpan.edge.files.SendRules;
import terpan.edge.limits.RequestRates;
import terpan.edge.origin.Peer;
import terpan.edge.origin.RequestId;
import terpan.http.RequestHead;
import terpan.link.Origin;
import terpan.log.Cut;
import terpan.loop.Timer;
import terpan.metrics.ClientRefusal;
import terpan.metrics.Limit;
import terpan.metrics.TunnelEnding;

/**
 * One request with its answer, as its client's side sees it: whose it is and by which settings it is judged, who answers it (a worker by its
 * {@link WorkerSide}, a file by its {@link ExchangeFiles}, or a page of Terpan's own), until when, and what is told of it at its end. Serves
 * the requests of one {@link ClientStream} one after the other, on its loop.
 */
public final class Exchange {
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
        /** A file that is its answer is looked for. */
        OPENING,
        /** Bytes pass both ways, and the worker's place is free again. */
        TUNNEL,
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
    final RequestTimes times;
    private final Reports reports;
    final ExchangeFiles files;
    final WorkerSide worker;

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

    /** Whether it asks its worker to switch protocols, and whether it may. */
    final TunnelRequest tunnelRequest;

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
        this.id = new RequestId(edge.ids);
        this.times = new RequestTimes(edge, id);
        this.answer = new Answer(edge, sink, settings, application.pages, times.toldRoute);
        this.reports = new Reports(edge, head, id, times);
        this.files = new ExchangeFiles(edge, this, answer, reports);
        this.worker = new WorkerSide(edge, this, stream, sink, answer, times, reports);
        this.tunnelRequest = new TunnelRequest(edge, this, answer);
    }

    /** Where the request stands. */
    public State state() {
        return state;
    }

    /** It stands elsewhere: what became of it on its worker's side. */
    void become(State next) {
        state = next;
    }

    /** When whoever answers it was last heard of; monotonic nanoseconds. */
    long heardAt() {
        return worker.heardAt();
    }

    /** The settings by which its request is judged. */
    public EdgeSettings settings() {
        return settings;
    }

    /** The one that its request is for, once its head is whole. */
    LoopApplication application() {
        return application;
    }

    /** What its application allows an address; null: whatever all do. */
    @Nullable
    RequestRates rates() {
        return application.rates;
    }

    /** Whether some of an answer came from a worker of this slot after that time. */
    public boolean heardFrom(Slot slot, long after) {
        return worker.heardFrom(slot, after);
    }

    /** Whether it has a request whose head is whole for the application with this dispatcher, one of several. */
    public boolean isFor(Dispatcher which) {
        return place != null && application.dispatcher == which && state != State.TUNNEL;
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
        worker.begin();
        files.begin();
        tunnelRequest.begin();
    }

    /** A request has begun that comes from this peer, as long as its head does not say more. */
    public void from(Peer peer) {
        origin = peer.origin();
    }

    /** The head is whole: finds out whose request it is. */
    public void identify(Peer peer) {
        reports.forwarded(peer);
        origin = peer.client(head, id);
        if (settings.traces != null) {
            id.trace.begin(head, peer.believed(), settings.traces);
        }
        if (served.routes != null) {
            served = edge.served(); // since the first byte its application may have ended, or its route be another's
        }
        Routes routes = served.routes;
        if (routes != null) {
            route(routes.find(head));
        }
        answer.pages(application.pages);
        answer.mayName(application.sent);
        // Whoever asks for a tunnel is answered by a worker: any other 2xx to a CONNECT would be taken for one.
        files.find(head.asksForWebSocket() ? null : application.statics, head, script());
        Stickiness sticky = application.stickiness;
        worker.place.wants(sticky == null ? 0 : sticky.key(head, origin));
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

    /** What a worker began to answer counts no more: another is asked. */
    void beginAnswer() {
        answer.begin(settings, served.settings.hsts);
        answer.mayName(application.sent);
    }

    private boolean isNobodys() {
        return place != null && place.status() != 0;
    }

    /** Whether it belongs to an address with https, or to no application that there is: then {@link #sendElsewhere}. */
    public boolean belongsElsewhere() {
        return (served.settings.redirects && !origin.secure()) || isNobodys();
    }

    /** Says so, before its body, and nothing of the applications that there are; without a body the connection lives on. */
    public void sendElsewhere() {
        if (served.settings.redirects && !origin.secure()) {
            byte[] location = Redirect.location(head, served.settings.redirectPort);
            answer.location(location);
            refuseForNow(location.length > 0 ? 308 : 400, "This host is served with https.", 0);
        } else {
            Routes.Place found = Objects.requireNonNull(place);
            refuseForNow(found.status(), found.sentence(), 0);
        }
    }

    /** Whether a worker takes the request's body while it comes. */
    public boolean streams() {
        PathPatterns routes = application.streams;
        return routes != null && !files.isStatic() && routes.match(head);
    }

    /** The body is whole, or may come later: asks for a place. */
    public void dispatch() {
        if (isNobodys()) {
            sendElsewhere();
            return;
        }
        if (files.isStatic()) {
            times.asked(edge.loop.now());
            files.serve();
            return;
        }
        admit();
    }

    /** Asks for a place on a worker. */
    void admit() {
        state = State.IDLE;
        if (!application.open && isClosed()) {
            return;
        }
        worker.place.ask();
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
            List<String> cause = fault.lines().toList();
            page(500, "The application does not run as it was saved last.", cause, 0);
        } else {
            page(503, "The site is worked on and will be back soon.", List.of(), MAINTENANCE_SECONDS);
        }
        return true;
    }

    /** Which files its application's answers may name. */
    SendRules sends() {
        return Objects.requireNonNull(application.sent);
    }

    /** A file that is its answer is looked for. */
    void opens() {
        state = State.OPENING;
        worker.heard();
    }

    /** The fields of an answer that is a file are told; so many bytes follow, or those of no body (-1). */
    void fileHead(long length) {
        answer.headEnd(head, origin, length, times.askedAt() != 0 && body.whole());
    }

    /** The answer that is a file is whole. */
    void fileEnd() {
        answer.end();
        answered(Outcome.UNSENT);
    }

    /** In the place of a file. */
    void filePage(int status, String what) {
        page(status, what, List.of(), status == 503 ? 1 : 0);
    }

    /** Its answer is whole; so the lease ends, if it has one. */
    void answered(Outcome outcome) {
        state = State.ANSWERED;
        times.answered(edge.loop.now());
        worker.settle(outcome);
        stream.flushLater();
    }

    /** A broken invariant: only a cut tells the client of it. */
    void fault() {
        stream.cut(Cut.FAULT);
    }

    /** The worker did not answer in time. */
    public void timeOut(Limit limit) {
        worker.timeOut(limit);
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
            case TIME_OUT -> {
                if (state == State.OPENING) {
                    files.cancel();
                    edge.metrics.limitReached(Limit.ANSWER_IDLE);
                    page(504, "The file was not found in time.", List.of(), 0);
                } else {
                    worker.timeOut(Limit.ANSWER_IDLE);
                }
            }
            case TOO_LONG -> worker.timeOut(Limit.ANSWER_MOST);
            case CUT -> cut(Limit.SEND_IDLE);
            case TOO_SLOW -> cut(Limit.SEND_RATE);
        }
    }

    /** Its client does not take its answer, and others need the memory. */
    public void makeRoom() {
        cut(Limit.SLOW_FOR_OTHERS);
    }

    private void cut(Limit limit) {
        edge.metrics.limitReached(limit);
        stream.cut(Cut.DEADLINE);
    }

    /** Answers with a page of Terpan's own. */
    public void refuse(int status, String what) {
        page(status, what, status < 500 ? List.of() : reports.cause(settings, ""), status == 503 ? 1 : 0);
    }

    /** Whether it asks its worker to switch to WebSocket. */
    boolean tunnels() {
        return tunnelRequest.isGood();
    }

    /** The tunnel that it became is over: counted and logged, as {@link #finish} does of other answers. */
    public void tunnelOver(TunnelEnding why, long fromClient, long fromWorker) {
        application.metrics.tunnelOver(why, fromClient, fromWorker);
        times.tunnelOver(
                application.metrics, head, origin, answer.status(), fromClient, fromWorker, TunnelRequest.cut(why));
        over();
    }

    /** Shows an authority that a name is ours; its request has no body. */
    void prove(byte[] proof) {
        body.none();
        times.asked(edge.loop.now());
        answer.proof(proof, head);
        answered(Outcome.UNSENT);
    }

    /** Whether it wants something of a file that nobody can do: then it was told, before its body. */
    boolean refusesMethod() {
        if (!files.refusesMethod(head)) {
            return false;
        }
        refuseForNow(405, "A file can only be read.", 0);
        return true;
    }

    /** Refuses a request for now, before its body; without one the connection lives on. */
    public void refuseForNow(int status, String what, long retrySeconds) {
        if (head.contentLength == 0) {
            body.none();
            times.asked(edge.loop.now());
        }
        page(status, what, List.of(), retrySeconds);
    }

    /** Answers with a page of Terpan's own, by which what a worker is at is nobody's any more. */
    void page(int status, String what, List<String> cause, long retrySeconds) {
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
        return state == State.WAITING || worker.hearsLeaving();
    }

    /** Nothing of what is under way is wanted any more: the client has left, or others do not wait. */
    public void abandon(Cut by) {
        State before = state;
        state = State.ABANDONED;
        if (by == Cut.CLIENT && before != State.IDLE && before != State.ABANDONED) {
            application.metrics.requestAbandoned();
        }
        switch (before) {
            case WAITING -> worker.place.cancel();
            case IN_FLIGHT -> worker.abandon();
            case RETRYING -> worker.cancelRetry();
            case OPENING -> files.cancel();
            case IDLE, TUNNEL, ANSWERED, ABANDONED -> {}
        }
    }

    /** More of the body is at hand, or never will be. */
    public void moreBody() {
        worker.moreBody();
    }

    /** The sink takes more of the answer again. */
    public void hasRoom() {
        worker.hasRoom();
    }

    /** There is no room on disk for more of the answer. */
    public void waitsForRoom() {
        worker.waitsForRoom();
    }

    /** Its body ended after so many bytes, before it was whole: nobody was asked. */
    public void leftWithin(long received, Cut by) {
        if (by == Cut.CLIENT) {
            application.metrics.requestAbandoned();
        }
        times.settled(application, head, origin, answer.status(), received, 0, by);
    }

    /** The request is settled, and sent as far as it can be: counted, logged with whoever cut it, forgotten. */
    public void finish(Cut cut) {
        times.settled(application, head, origin, answer.status(), body.length(), sink.bodySent(), cut);
        if (files.isStatic()) {
            application.metrics.staticSettled(answer.status());
        }
        over();
    }

    private void over() {
        tunnelRequest.over();
        body.close();
        answer.over();
        state = State.IDLE;
        place = null;
    }

    /** Who its client is, as far as it is known. */
    Origin origin() {
        return origin;
    }

    /** The path below which its application is; empty: it knows, or there is none. */
    byte[] script() {
        Routes.Place found = place;
        return found == null ? Routes.NO_SCRIPT : found.script();
    }
}
