package terpan.edge.http2;

import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import terpan.edge.ClientRefusals;
import terpan.edge.ClientStream;
import terpan.edge.Edge;
import terpan.edge.Exchange;
import terpan.edge.HeadRules;
import terpan.edge.origin.Peer;
import terpan.edge.tunnel.Tunnel;
import terpan.http.Refusal;
import terpan.http.WebSocketHandshake;
import terpan.http2.ErrorCode;
import terpan.http2.Http2Owner;
import terpan.http2.Http2Stream;
import terpan.link.TunnelEnd;
import terpan.log.Cut;
import terpan.loop.Timer;
import terpan.metrics.ClientRefusal;
import terpan.metrics.TunnelEnding;

/**
 * The exchange of one stream, with its body, its answer and its deadline. Stays with the stream when that is used again, perhaps on another
 * connection of the loop, whose thread it belongs to.
 */
final class StreamExchange implements ClientStream, Tunnel.Owner {
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

    /** Of a handshake for WebSocket: what comes of the client is for the tunnel. */
    private @Nullable Http2TunnelEnd tunnelEnd;

    /** While it is open. */
    private @Nullable Tunnel tunnel;

    /** Once it was, and is over. */
    private @Nullable TunnelEnding tunnelEnding;

    private long fromClient;
    private long fromWorker;
    private boolean closing;
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
        tunnelEnding = null;
        closing = false;
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
        } else if (stream.protocolStart >= 0) {
            connect(peer);
        } else if (HeadRules.turnAway(edge, exchange, peer)) {
            stream.dropBody();
        } else {
            beginBody();
        }
    }

    /** An extended CONNECT (RFC 8441): the worker is asked as over HTTP/1.1. */
    private void connect(Peer peer) {
        if (!WebSocketHandshake.isProtocol(exchange.head, stream.protocolStart, stream.protocolEnd)) {
            refuse(ClientRefusal.NOT_IMPLEMENTED, "No other protocol than websocket is spoken in a stream.");
            return;
        }
        byte[] key = new byte[WebSocketHandshake.KEY_BYTES];
        ThreadLocalRandom.current().nextBytes(key);
        if (!WebSocketHandshake.fromConnect(exchange.head, key)) {
            refuse(ClientRefusal.TOO_MANY_FIELDS, "There are too many fields.");
            return;
        }
        tunnelEnd = new Http2TunnelEnd(edge, stream, answer, this::flushLater);
        if (stream.requestEnded()) {
            tunnelEnd.ended();
        }
        if (HeadRules.turnAway(edge, exchange, peer)) {
            bodyIsNotWanted();
            return;
        }
        exchange.body.none();
        exchange.dispatch();
    }

    @Override
    public void tunnel(TunnelEnd worker) {
        Http2TunnelEnd end = Objects.requireNonNull(tunnelEnd);
        waiting.whenEmpty(end::look);
        Tunnel begun = new Tunnel(edge, exchange.settings().limits, timer, end, worker, this);
        tunnel = begun;
        flushLater();
        begun.begin();
        if (client != null && edge.leaves(client)) {
            stopSoon();
        }
    }

    /** It is to end soon, so that its client comes again. */
    void stopSoon() {
        Tunnel open = tunnel;
        if (open != null) {
            open.endSoon();
        }
    }

    /** The stream ends, and with it the exchange: well where nothing is left to send. */
    @Override
    public void tunnelOver(TunnelEnding why) {
        Tunnel ended = Objects.requireNonNull(tunnel);
        fromClient = ended.fromClient();
        fromWorker = ended.fromWorker();
        tunnel = null;
        tunnelEnding = why;
        if (closing) {
            return;
        }
        boolean well = why == TunnelEnding.WORKER || why == TunnelEnding.CLIENT || ended.tookLeave();
        if (answer.waits() && !well) {
            stream.reset(ErrorCode.CANCEL);
        } else {
            if (answer.waits()) {
                timer.set(
                        edge.loop.now() + exchange.settings().limits.sendIdle().toNanos());
            }
            answer.end();
            flushLater();
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
        Http2TunnelEnd end = tunnelEnd;
        if (end == null) {
            intake.take(bytes, from, to);
        } else if (tunnelEnding == null) {
            end.take(bytes, from, to);
        } else {
            stream.taken(to - from);
        }
    }

    void bodyEnd() {
        Http2TunnelEnd end = tunnelEnd;
        if (end == null) {
            intake.end();
        } else {
            end.ended();
        }
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
        Tunnel open = tunnel;
        if (open != null) {
            open.end(TunnelEnding.CLIENT);
        }
        if (tunnelEnding != null) {
            return;
        }
        if ((intake.streams() || tunnelEnd != null) && giveUp()) {
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
        dropTunnelEnd();
        stream.dropBody();
    }

    private void dropTunnelEnd() {
        Http2TunnelEnd end = tunnelEnd;
        tunnelEnd = null;
        if (end != null) {
            end.close();
        }
    }

    /** The worker is not to go on; true: some of an answer has left, which can only be cut. */
    boolean giveUp() {
        spoilt = true;
        return exchange.giveUp();
    }

    /** Terpan waits no longer: the client is told by a page, or its stream is cut. False: its answer is whole, and about to be sent. */
    boolean stopWaiting() {
        Tunnel open = tunnel;
        if (open != null || tunnelEnding != null) {
            if (open != null) {
                open.end(TunnelEnding.DRAINED);
            } else {
                stream.reset(ErrorCode.CANCEL); // its client does not take the rest
            }
            return false;
        }
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
        Http2TunnelEnd end = tunnelEnd;
        if (end != null && exchange.state() == Exchange.State.TUNNEL) {
            end.look();
            return;
        }
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
        Tunnel open = tunnel;
        if (open != null) {
            open.late();
            return;
        }
        if (tunnelEnding != null) {
            stream.reset(ErrorCode.CANCEL); // its client has not taken the rest
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
        closing = true;
        if (tunnel != null || tunnelEnding != null) {
            spoilt = true;
            closedTunnel(by);
        } else if (intake.comes() && !intake.streams()) {
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
        dropTunnelEnd();
        intake.close();
        answer.over();
        exchange.deadlines.flushed(progress, true);
        edge.buffers.count(-BYTES);
        timer.cancel();
        client = null;
        return !spoilt;
    }

    private void closedTunnel(Cut by) {
        Tunnel open = tunnel;
        if (open != null) {
            open.end(by);
        }
        exchange.tunnelOver(Objects.requireNonNull(tunnelEnding), fromClient, fromWorker);
    }
}
