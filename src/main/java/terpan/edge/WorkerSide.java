package terpan.edge;

import java.nio.channels.FileChannel;
import java.util.List;
import org.jspecify.annotations.Nullable;
import terpan.dispatch.Lease;
import terpan.dispatch.Outcome;
import terpan.dispatch.Slot;
import terpan.edge.Exchange.State;
import terpan.http.Method;
import terpan.http.RequestHead;
import terpan.http.ResponseHead;
import terpan.link.Call;
import terpan.link.Failure;
import terpan.link.Link;
import terpan.link.Origin;
import terpan.link.TunnelEnd;
import terpan.link.WorkerEndpoint;
import terpan.log.Cut;
import terpan.metrics.ClientRefusal;
import terpan.metrics.Limit;

/**
 * The worker side of one exchange: sends the request by the link of the place that it was given, takes the answer, tries again where that is
 * harmless, and settles the lease exactly once. Belongs to the exchange, on its loop.
 */
final class WorkerSide implements Call {
    private static final int TIMED_OUT = 504;

    private final Edge edge;
    private final Exchange exchange;
    private final ClientStream stream;
    private final AnswerSink sink;
    private final Answer answer;
    private final RequestTimes times;
    private final Reports reports;
    private final Attempts attempts;

    /** By which it comes to a place. */
    final PlaceRequest place;

    private final EarlyHints hints;
    private @Nullable Object linkState;

    /** Whether it was told that there is no room for more of the answer. */
    private boolean toldOfRoom;

    /** Whether more of the answer waits for another turn of the loop. */
    private boolean awaitsTurn;

    private long heardAt;
    private long takenSeen;

    WorkerSide(
            Edge edge,
            Exchange exchange,
            ClientStream stream,
            AnswerSink sink,
            Answer answer,
            RequestTimes times,
            Reports reports) {
        this.edge = edge;
        this.exchange = exchange;
        this.stream = stream;
        this.sink = sink;
        this.answer = answer;
        this.times = times;
        this.reports = reports;
        this.hints = new EarlyHints(sink);
        this.attempts = new Attempts(edge, this::retry);
        this.place = new PlaceRequest(edge, exchange, this, times, reports);
    }

    /** A new request. */
    void begin() {
        attempts.reset();
        hints.begin();
        toldOfRoom = false;
    }

    /** When the worker was last heard of, or was seen to have taken more of the body; monotonic nanoseconds. */
    long heardAt() {
        long taken = exchange.body.taken();
        if (taken != takenSeen) {
            takenSeen = taken;
            heardAt = edge.loop.now();
        }
        return heardAt;
    }

    /** Whoever answers in the worker's place has begun to. */
    void heard() {
        heardAt = edge.loop.now();
    }

    /** Whether some of an answer came from a worker of this slot after that time. */
    boolean heardFrom(Slot slot, long after) {
        return isInFlight() && attempts.isOn(slot) && answer.started() && heardAt - after > 0;
    }

    /** Whether it is with a worker that is told when its client leaves, as its own server would tell it. */
    boolean hearsLeaving() {
        Link used = attempts.link();
        return isInFlight() && used != null && used.hearsLeaving();
    }

    private boolean isInFlight() {
        return exchange.state() == State.IN_FLIGHT;
    }

    /** It has a place on a worker. */
    void forward(Lease granted) {
        attempts.begin(granted, exchange.application().links);
        exchange.become(State.IN_FLIGHT);
        heardAt = edge.loop.now();
        takenSeen = 0;
        times.sent(heardAt, granted.slot().spec());
        exchange.deadlines.forwarded(exchange.body.whole());
        Link found = attempts.link();
        if (found == null) {
            failed(Failure.NOT_CONNECTED, "the worker is gone");
            return;
        }
        if (tunnels() && !found.takesTunnels()) {
            edge.metrics.clientRefused(ClientRefusal.NOT_IMPLEMENTED);
            reports.webSocket();
            exchange.refuse(501, "The application's server does not speak WebSocket; long polling works.");
            return;
        }
        found.forward(this);
    }

    /** The lease ends; nothing happens without one. */
    void settle(Outcome outcome) {
        linkState = null;
        attempts.settle(outcome, answer.toldStatus());
    }

    /** That of a worker that has to prove itself may be another's who answers in its place. */
    @Override
    public void answerInformational(ResponseHead said) {
        heardAt = edge.loop.now();
        boolean asksOthers = attempts.isProving() && place.mayAskAgain();
        boolean wanted = isInFlight() && !asksOthers && !tunnels();
        if (wanted && hints.pass(exchange.head, exchange.settings().limits.earlyHints(), said, answer.ours())) {
            stream.flushLater();
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
        times.headEnds(exchange.application().metrics, exchange.head);
        boolean asksOthers = attempts.isProving() && place.mayAskAgain();
        if ((asksOthers || (!answer.raised().isEmpty() && attempts.isOurs())) && answer.hide()) {
            return;
        }
        if (exchange.tunnelRequest.isTakenFor(answer.toldStatus())) {
            answer.hideWhole();
            edge.loop.nextTurn(this::tellNotSwitched); // not within what the link is at
            return;
        }
        boolean leaves = answer.namesFile();
        if (leaves) {
            answer.leaveToFile();
        }
        tellSticky();
        if (leaves && length > 0 && exchange.head.method != Method.HEAD) {
            exchange.files.waitForNoBody();
        } else if (!leaves) {
            answer.headEnd(exchange.head, exchange.origin(), length, exchange.body.whole());
            stream.flushLater();
        }
    }

    private void tellNotSwitched() {
        if (isInFlight() && exchange.tunnelRequest.isTakenFor(answer.toldStatus())) {
            letGoAnswered();
            exchange.page(502, "The worker did not switch to WebSocket.", List.of(), 0);
        }
    }

    private void tellSticky() {
        Stickiness sticky = exchange.application().stickiness;
        if (sticky != null) {
            sticky.tell(
                    answer,
                    place.stickyKey(),
                    attempts.stickyKey(),
                    exchange.origin().secure());
        }
    }

    @Override
    public void answerBody(byte[] bytes, int start, int end) {
        heardAt = edge.loop.now();
        answer.body(bytes, start, end);
        if (answer.isBroken()) {
            edge.loop.nextTurn(this::cutBroken); // not within what the link is at
        }
        stream.flushLater();
    }

    private void cutBroken() {
        if (answer.isBroken() && isInFlight()) {
            stream.cut(Cut.FAULT);
        }
    }

    @Override
    public void answerFile(FileChannel file, long position, long length) {
        heardAt = edge.loop.now();
        if (answer.hidden() || answer.isLeftToFile()) {
            edge.closeFile(file);
            return;
        }
        answer.file(file, position, length);
        stream.flushLater();
    }

    @Override
    public boolean wantsMore() {
        if (!answer.mayGoOn()) {
            if (!awaitsTurn) {
                awaitsTurn = true;
                edge.loop.nextTurn(this::turnComes);
            }
            return false;
        }
        return sink.mayAppend();
    }

    private void turnComes() {
        awaitsTurn = false;
        hasRoom();
    }

    @Override
    public boolean takesFiles() {
        return answer.takesFiles();
    }

    /** There is no room on disk for more of the answer. */
    void waitsForRoom() {
        if (!toldOfRoom) {
            toldOfRoom = true;
            edge.metrics.limitReached(Limit.ANSWER_SPOOL);
            reports.waitsForRoom();
        }
    }

    /** The sink takes more of the answer again. */
    void hasRoom() {
        Link used = attempts.link();
        if (used != null && isInFlight()) {
            heardAt = edge.loop.now();
            used.resume(this);
        }
    }

    /** More of the body is at hand, or never will be. */
    void moreBody() {
        if (exchange.body.failed() && exchange.state() != State.ANSWERED) {
            reports.failed("its spooled body can not be read back", "");
            stream.cut(Cut.FAULT);
            return;
        }
        Link used = attempts.link();
        if (used != null && isInFlight()) {
            used.bodyReady(this);
        }
    }

    @Override
    public void answerEnd(long serviceNanos) {
        attempts.served(serviceNanos);
        if (answer.hidden() && attempts.isProving() && place.mayAskAgain() && exchange.body.rewind()) {
            askOthers();
            return;
        }
        if (answer.hidden() && exchange.tunnelRequest.isTakenFor(answer.toldStatus())) {
            tellNotSwitched();
            return;
        }
        if (answer.hidden()) {
            applicationRaised();
            return;
        }
        if (answer.isLeftToFile()) {
            settle(Outcome.ANSWERED);
            exchange.files.send();
            return;
        }
        answer.end();
        if (answer.isBroken()) {
            fail(502, "The answer could not be compressed.", "");
            return;
        }
        exchange.answered(Outcome.ANSWERED);
    }

    /** A file is the answer, whatever the worker has yet to send: many tell the file's length and send no body. */
    void leaveToFile() {
        if (isInFlight()) {
            letGoAnswered();
            exchange.files.send();
        }
    }

    /** A worker that has to prove itself answered with a failure: that is counted, and one of the others is asked. */
    private void askOthers() {
        if (!answer.raised().isEmpty()) {
            reports.raised(answer.raised());
        }
        settle(Outcome.ANSWERED);
        exchange.beginAnswer();
        exchange.application().metrics.requestRetried();
        place.askAgain();
    }

    /** The worker answered that its application raised: the log has its traceback, the client a page as for any other failure. */
    private void applicationRaised() {
        String trace = reports.raised(answer.raised());
        settle(Outcome.ANSWERED);
        exchange.page(
                answer.toldStatus(),
                "The application failed.",
                exchange.settings().development ? List.of(trace) : List.of(),
                0);
    }

    @Override
    public boolean tunnels() {
        return exchange.tunnels();
    }

    @Override
    public void answerTunnel(TunnelEnd worker) {
        if (!isInFlight()) {
            worker.close();
            return;
        }
        heardAt = edge.loop.now();
        tellSticky();
        answer.switches(exchange.head, exchange.origin());
        exchange.become(State.TUNNEL);
        times.answered(heardAt);
        settle(Outcome.ANSWERED);
        exchange.application().metrics.tunnelOpened();
        stream.tunnel(worker);
    }

    @Override
    public void failed(Failure failure, String detail) {
        if (!isInFlight()) {
            return;
        }
        if (failure == Failure.BROKEN_OFF && answer.isLeftToFile()) {
            answerEnd(0); // many tell the file's length and send no body
            return;
        }
        times.workerFailed(failure);
        if (!answer.started() && attempts.mayTryAgain(failure, exchange.head.method) && exchange.body.rewind()) {
            attempts.pause(failure);
            linkState = null;
            exchange.become(State.RETRYING);
            return;
        }
        reports.failed(failure.name(), detail);
        fail(failure == Failure.HEAD_TOO_LARGE ? 431 : 502, Reports.words(failure, detail), detail);
    }

    private void retry() {
        if (exchange.state() != State.RETRYING) {
            return;
        }
        if (attempts.killed()) {
            reports.failed("the worker died", "");
            fail(502, "The worker died before it answered.", "");
            return;
        }
        exchange.application().metrics.requestRetried();
        place.askAgain();
    }

    @Override
    public void returned() {
        exchange.application().metrics.requestReturned();
        settle(Outcome.RETURNED);
        if (exchange.body.rewind()) {
            place.askAgain();
        } else {
            fail(502, "The worker gave the request back and its body is gone.", "");
        }
    }

    /** The worker did not answer in time. */
    void timeOut(Limit limit) {
        reports.failed("no answer in time", limit.label());
        edge.metrics.limitReached(limit);
        exchange.application().metrics.requestTimedOut();
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

    /** Ends the worker's part badly: with a page as long as nothing of the answer has left, else only a cut can tell the client. */
    private void fail(int status, String what, String detail) {
        settle(Outcome.FAILED);
        if (answer.takeBack()) {
            exchange.page(status, what, reports.cause(exchange.settings(), detail), status == 503 ? 1 : 0);
        } else {
            exchange.application().metrics.answerCut();
            exchange.become(State.ABANDONED);
            stream.cut(status == TIMED_OUT ? Cut.DEADLINE : Cut.WORKER);
        }
    }

    /** Nobody wants its answer: the worker may go on as long as if its client had stayed. */
    void abandon() {
        letGo(Outcome.ABANDONED, heardAt() + answerIdleNanos());
    }

    /** Nobody wants another attempt. */
    void cancelRetry() {
        attempts.cancel();
    }

    private void letGoAnswered() {
        letGo(Outcome.ANSWERED, edge.loop.now() + answerIdleNanos());
    }

    private void letGo(Outcome outcome, long lostFrom) {
        attempts.giveUp(this, outcome, outcome == Outcome.ANSWERED ? answer.toldStatus() : 0, lostFrom);
        linkState = null;
    }

    private long answerIdleNanos() {
        return exchange.settings().limits.answerIdle().toNanos();
    }

    @Override
    public RequestHead head() {
        return exchange.head;
    }

    @Override
    public Origin origin() {
        return exchange.origin();
    }

    @Override
    public byte[] script() {
        return exchange.script();
    }

    @Override
    public byte[] traceparent() {
        return times.id().trace.told();
    }

    @Override
    public RequestBody body() {
        return exchange.body;
    }

    @Override
    public @Nullable Object linkState() {
        return linkState;
    }

    @Override
    public void linkState(@Nullable Object newState) {
        linkState = newState;
    }
}
