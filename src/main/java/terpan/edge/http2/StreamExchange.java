package terpan.edge.http2;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import terpan.edge.ClientRefusals;
import terpan.edge.ClientStream;
import terpan.edge.Edge;
import terpan.edge.Exchange;
import terpan.edge.HeadRules;
import terpan.edge.origin.Peer;
import terpan.http.Refusal;
import terpan.http2.ErrorCode;
import terpan.http2.Http2Owner;
import terpan.http2.Http2Stream;
import terpan.log.Cut;
import terpan.loop.Timer;
import terpan.metrics.ClientRefusal;

/**
 * The exchange of one stream, with its body, its answer and its deadline. Stays with the stream when that is used again, perhaps on another
 * connection of the loop, whose thread it belongs to.
 */
final class StreamExchange implements ClientStream {
    /** What one holds beside bodies, by estimate: its objects, the request's head, the answer's. */
    private static final int BYTES = 8 * 1024;

    final Exchange exchange;
    private final Edge edge;
    private final Http2Stream stream;
    private final Http2Answer answer;
    private final AnswerBuffer waiting;
    private final BodyIntake intake;
    private final Timer timer;
    private @Nullable Http2Client client;

    /** Its place among those of the connection that are open. */
    int place;

    /** Whether the connection knows that it has something to send. */
    boolean due;

    /** Whether others may still call it after its end, so that no other request can have it. */
    private boolean spoilt;

    private Cut cutBy = Cut.NONE;
    private long progress;
    private long takenSeen;
    private long sentSeen;

    StreamExchange(Edge edge, Http2Stream stream, Peer peer, AnswerMemory memory) {
        this.edge = edge;
        this.stream = stream;
        this.timer = edge.loop.timer(this::deadlinePassed);
        this.waiting = new AnswerBuffer(edge, stream, memory, this::flushLater, this::hasRoom, this::waitsForRoom);
        this.answer = new Http2Answer(edge, stream, waiting);
        this.exchange = new Exchange(edge, this, answer, timer, stream.head, peer.origin());
        this.intake = new BodyIntake(edge, this, stream, exchange);
    }

    private Http2Client client() {
        Http2Client present = client;
        if (present == null) {
            throw new IllegalStateException("the exchange is over");
        }
        return present;
    }

    /** A request on this connection. */
    void opens(Http2Client on) {
        client = on;
        due = false;
        waiting.on(on.memory);
        edge.buffers.count(BYTES);
        cutBy = Cut.NONE;
        progress = 0;
        takenSeen = 0;
        sentSeen = on.bodySent();
        exchange.begin(edge.loop.now());
    }

    /** Whether it has a request on this connection that is not over. */
    boolean isOn(Http2Client connection) {
        return client == connection;
    }

    /** The head is whole and well; whose it is, and whether it may go on, is found out here. */
    void request(Peer peer) {
        int judged = peer.judge(0, exchange.head);
        if (judged < 0) {
            refuse(Refusal.of(judged));
        } else if (HeadRules.turnAway(edge, exchange, peer)) {
            stream.dropBody();
        } else {
            beginBody();
        }
    }

    private void beginBody() {
        long length = exchange.head.contentLength;
        if (length == 0) {
            exchange.body.none();
            stream.dropBody();
            exchange.dispatch();
            return;
        }
        Optional<String> tooLarge = HeadRules.bodyTooLarge(edge, exchange, length, intake.mayStream(length));
        if (tooLarge.isPresent()) {
            refuse(ClientRefusal.BODY_TOO_LARGE, tooLarge.get());
            return;
        }
        if (!intake.begin(length)) {
            return;
        }
        if (exchange.head.expectContinue) {
            stream.informational(100);
        }
        if (intake.streams()) {
            exchange.dispatch();
        }
    }

    void body(byte[] bytes, int from, int to) {
        intake.take(bytes, from, to);
    }

    void bodyEnd() {
        intake.end();
    }

    void refuse(Refusal refusal) {
        refuse(ClientRefusals.of(refusal), refusal.reason());
    }

    void refuse(ClientRefusal reason, String what) {
        exchange.countRefusal(reason);
        refuse(reason.status(), what);
    }

    /** Answers with a page; the rest of the request is not wanted any more. */
    void refuse(int status, String what) {
        if (intake.streams() && giveUp()) {
            cut(Cut.CLIENT);
            return;
        }
        bodyIsNotWanted();
        exchange.refuse(status, what);
    }

    private void bodyIsNotWanted() {
        boolean nobodyHasTheBody = intake.comes() && !intake.streams();
        intake.over();
        if (nobodyHasTheBody) {
            exchange.body.close();
        }
        stream.dropBody();
    }

    /** The worker is not to go on; true: some of an answer has left, which can only be cut. */
    boolean giveUp() {
        spoilt = true;
        return exchange.giveUp();
    }

    /** Terpan waits no longer: the client is told by a page, or its stream is cut. False: its answer is whole, and about to be sent. */
    boolean stopWaiting() {
        if (exchange.state() == Exchange.State.ANSWERED && !answer.waits()) {
            return false;
        }
        spoilt = true;
        if (exchange.stopWaiting()) {
            bodyIsNotWanted();
        } else {
            cut(Cut.STOP);
        }
        return true;
    }

    @Override
    public void flushLater() {
        if (client != null) {
            client.due(this);
        }
    }

    private void hasRoom() {
        if (client != null) {
            exchange.hasRoom();
            flushLater();
        }
    }

    private void waitsForRoom() {
        exchange.waitsForRoom();
    }

    /** The connection is about to send. The stream may be over when this returns. */
    void tell() {
        if (answer.failed()) {
            cut(Cut.FAULT);
        } else {
            answer.tell();
        }
    }

    /**
     * The connection has sent what it could. As long as the stream's own window is open it is the connection that the client does not take
     * enough from, or others go first.
     */
    void sent() {
        Http2Client on = client();
        long taken = answer.bodySent();
        long sentInAll = on.bodySent();
        progress += stream.windowIsShut() ? taken - takenSeen : sentInAll - sentSeen;
        takenSeen = taken;
        sentSeen = sentInAll;
        boolean waits = answer.waits();
        if (waits) {
            waiting.trim();
        }
        exchange.deadlines.flushed(progress, !waits);
    }

    private void deadlinePassed() {
        if (client == null) {
            return;
        }
        if (intake.comes()) {
            intake.late();
        } else {
            exchangeLate();
        }
    }

    /** The deadline of an exchange whose body is whole, or not wanted any more, has passed. */
    void exchangeLate() {
        if (exchange.deadlines.unsent()) {
            client().onFlush();
            if (client == null) {
                return;
            }
            sent();
        }
        exchange.late();
    }

    @Override
    public void cut(Cut by) {
        if (stream.isOpen()) {
            cutBy = by;
            stream.reset(ErrorCode.INTERNAL_ERROR);
        }
    }

    /**
     * The stream is over.
     *
     * @param connectionBy who ended the connection, if that was what ended it
     * @return whether the stream may be used again
     */
    boolean closed(Http2Owner.End end, Cut connectionBy) {
        Cut by = switch (end) {
            case FINISHED -> Cut.NONE;
            case RESET_BY_PEER, FAULT -> Cut.CLIENT;
            case RESET -> cutBy;
            case CONNECTION -> connectionBy;
        };
        if (intake.comes() && !intake.streams()) {
            exchange.leftWithin(intake.received(), by);
            exchange.body.close();
            spoilt = true;
        } else {
            if (end != Http2Owner.End.FINISHED) {
                spoilt = true;
                exchange.abandon(by);
            }
            exchange.finish(by);
        }
        intake.close();
        answer.over();
        exchange.deadlines.flushed(progress, true);
        edge.buffers.count(-BYTES);
        timer.cancel();
        client = null;
        return !spoilt;
    }
}
