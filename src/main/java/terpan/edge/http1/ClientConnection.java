package terpan.edge.http1;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.SocketAddress;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import terpan.edge.Client;
import terpan.edge.ClientRefusals;
import terpan.edge.ClientStream;
import terpan.edge.Edge;
import terpan.edge.EdgeSettings;
import terpan.edge.Exchange;
import terpan.edge.HeadRules;
import terpan.edge.LingeringClose;
import terpan.edge.origin.Peer;
import terpan.http.Refusal;
import terpan.http.RequestHead;
import terpan.http.RequestParser;
import terpan.link.TunnelEnd;
import terpan.log.Cut;
import terpan.loop.Timer;
import terpan.loop.Wire;
import terpan.metrics.ClientRefusal;
import terpan.metrics.Limit;
import terpan.picture.Connections;

/**
 * One client's connection of HTTP/1: reads requests strictly one after the other, keeps its deadlines, and sends what {@link Exchange}
 * answers. Bytes behind a request stay in the input until their turn. Belongs to its loop's thread.
 */
public final class ClientConnection implements Client, ClientStream {
    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(US_ASCII);

    /** Room that the input keeps for more of a head that comes slowly, bytes. */
    private static final int SLOW_ROOM = 1024;

    private final Edge edge;
    private final Wire wire;
    private final Output output;
    private final Http1Answer answer;
    private final Input input;
    private final Exchange exchange;
    private final BodyIntake intake;
    private final ConnectionDeadlines deadlines;
    private final LingeringClose lingering;
    private Peer peer;
    private EdgeSettings settings;
    private final long addressKey;
    private Phase phase = Phase.IDLE;
    private boolean inputEnded;
    private final Timer timer;

    /** While its worker has switched protocols. */
    private @Nullable Http1Tunnel tunnel;

    /** Makes it; {@link #begin} follows. */
    public ClientConnection(Edge edge, Wire wire) {
        this.edge = edge;
        this.wire = wire;
        this.settings = edge.settings();
        this.peer = settings.origins.peer(wire);
        this.addressKey = edge.clientLimits.key(peer, wire);
        this.input = new Input(edge.buffers);
        this.output = new Output(edge, wire, this::outputHasRoom, this::outputWaits);
        this.answer = new Http1Answer(edge, this, output);
        this.timer = edge.loop.timer(this::deadlinePassed);
        this.deadlines = new ConnectionDeadlines(edge, this, timer);
        this.exchange = new Exchange(edge, this, answer, timer, new RequestHead(), peer.origin());
        this.intake = new BodyIntake(edge, this, wire, input, exchange);
        this.lingering = new LingeringClose(edge, wire);
    }

    @Override
    public void begin() {
        deadlines.first();
        switch (edge.clientLimits.enter(addressKey, peer)) {
            case ADMITTED -> {}
            case REFUSED -> {
                beginRequest();
                refuse(ClientRefusal.CONNECTIONS_PER_ADDRESS, "Your address has too many connections open.");
            }
            case CUT -> {
                edge.metrics.clientRefused(ClientRefusal.CONNECTIONS_PER_ADDRESS);
                cut(Cut.NONE);
            }
        }
    }

    Phase phase() {
        return phase;
    }

    @Override
    public long addressKey() {
        return addressKey;
    }

    boolean inputEnded() {
        return inputEnded;
    }

    @Override
    public void tunnel(TunnelEnd worker) {
        phase = Phase.TUNNEL;
        tunnel = new Http1Tunnel(edge, this, exchange, wire, input, output, timer, worker);
        tunnel.begin();
    }

    /** The tunnel is over, and its exchange. */
    void tunnelOver(boolean byClient) {
        tunnel = null;
        if (byClient) {
            close();
        } else {
            linger();
        }
    }

    @Override
    public void onReadable() {
        if (tunnel != null) {
            tunnel.readable();
            return;
        }
        if (phase == Phase.LINGER) {
            if (!lingering.goesOn()) {
                close();
            }
            return;
        }
        int received;
        try {
            received = input.receive(wire);
        } catch (IOException reset) {
            gone();
            return;
        }
        if (received < 0) {
            endOfInput();
            return;
        }
        if (phase == Phase.IDLE || phase == Phase.HEAD) {
            readHead();
        } else if (intake.comes()) {
            exchange.deadlines.received();
            intake.read();
        } else if (phase == Phase.EXCHANGE && input.isFull() && !readsAhead()) {
            wire.reading(false);
        }
    }

    /** A request's first byte has come: all of it is judged by the settings of now. */
    private void beginRequest() {
        exchange.begin(deadlines.headBegins());
        EdgeSettings present = exchange.settings();
        if (settings != present) {
            settings = present;
            peer = present.origins.peer(wire);
            answer.judgedBy(present);
            intake.judgedBy(present);
        }
        exchange.from(peer);
    }

    private void readHead() {
        if (phase == Phase.IDLE) {
            if (input.isEmpty()) {
                idle();
                return;
            }
            phase = Phase.HEAD;
            beginRequest();
            exchange.head.reset(input.bytes, input.start);
        }
        int result =
                peer.judge(settings.parser.parse(input.bytes, input.start, input.end, exchange.head), exchange.head);
        if (result == RequestParser.NEED_MORE) {
            if (inputEnded) {
                gone();
                return;
            }
            if (input.isFull() && !makeRoomForHead()) {
                return;
            }
            input.counts(exchange.head);
            deadlines.headGoesOn();
        } else if (result < 0) {
            refuse(Refusal.of(result));
        } else {
            input.start = result;
            input.counts(exchange.head);
            intake.over();
            phase = Phase.EXCHANGE;
            if (!HeadRules.turnAway(edge, exchange, peer)) {
                beginBody();
            }
        }
    }

    /** A head goes on for which the input is too small; false: there is no memory for it, and the client is told so. */
    private boolean makeRoomForHead() {
        if (edge.bounds.memory().exhausted()) {
            edge.metrics.limitReached(Limit.MEMORY);
            refuse(ClientRefusal.NO_ROOM, "There is no memory to spare for a long head.");
            return false;
        }
        input.makeRoom(exchange.head, settings.limits.headMost());
        return true;
    }

    /** Whether the input, which is full, has room again for what comes while a request is under way. */
    private boolean readsAhead() {
        return !edge.bounds.memory().exhausted() && input.readAhead(exchange.head, exchange.body);
    }

    private void beginBody() {
        long length = exchange.head.contentLength;
        if (length == 0) {
            exchange.body.none();
            dispatch();
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
        if (exchange.head.expectContinue && input.isEmpty()) {
            output.put(CONTINUE);
            wire.flushLater();
        }
        phase = Phase.EXCHANGE;
        if (intake.streams()) {
            exchange.dispatch();
        }
        intake.read();
    }

    /** The request is whole. */
    void dispatch() {
        phase = Phase.EXCHANGE;
        wire.reading(!inputEnded && (!input.isFull() || readsAhead()));
        exchange.dispatch();
    }

    void refuse(Refusal refusal) {
        refuse(ClientRefusals.of(refusal), refusal.reason());
    }

    void refuse(ClientRefusal reason, String what) {
        exchange.countRefusal(reason);
        refuse(reason.status(), what);
    }

    /** Answers with a page and ends the connection: what follows in the input can not be told apart any more. */
    void refuse(int status, String what) {
        boolean nobodyHasTheBody = intake.comes() && !intake.streams();
        intake.over();
        phase = Phase.EXCHANGE;
        if (nobodyHasTheBody) {
            exchange.body.close();
        }
        exchange.refuse(status, what);
    }

    @Override
    public void flushLater() {
        wire.flushLater();
    }

    private void outputWaits() {
        exchange.waitsForRoom();
    }

    private void outputHasRoom() {
        exchange.hasRoom();
        wire.flushLater();
    }

    @Override
    public void onFlush() {
        if (tunnel != null) {
            tunnel.flush();
            return;
        }
        boolean empty;
        try {
            empty = output.flush();
        } catch (IOException clientLeftOrFileUnreadable) {
            cut(output.failed() ? Cut.FAULT : Cut.CLIENT);
            return;
        }
        exchange.deadlines.flushed(output.sent(), empty);
        if (empty && phase == Phase.EXCHANGE && exchange.state() == Exchange.State.ANSWERED) {
            finish();
        }
    }

    private void finish() {
        boolean keep = answer.keepsConnection();
        exchange.finish(Cut.NONE);
        if (!keep) {
            linger();
            return;
        }
        phase = Phase.IDLE;
        if (input.isEmpty()) {
            idle();
        } else {
            wire.reading(!inputEnded);
            readHead();
        }
    }

    private void idle() {
        input.release(exchange.head);
        if (inputEnded) {
            close();
            return;
        }
        wire.reading(true);
        deadlines.idle();
    }

    private void linger() {
        if (inputEnded || !lingering.begin()) {
            close();
            return;
        }
        phase = Phase.LINGER;
        input.release(exchange.head);
        deadlines.linger();
    }

    /** Nothing is read at the moment: looks into what room there is whether the client is still there. */
    void lookForEnd() {
        if (input.isFull()) {
            return;
        }
        try {
            if (input.receive(wire) < 0) {
                endOfInput();
            }
        } catch (IOException reset) {
            gone();
        }
    }

    private void endOfInput() {
        inputEnded = true;
        wire.reading(false);
        boolean nothingIsWhole = phase != Phase.EXCHANGE || intake.comes();
        if (nothingIsWhole || settings.limits.abortOnHalfClose() || exchange.endsWithClient()) {
            gone();
        }
    }

    @Override
    public boolean cameBy(Predicate<SocketAddress> listener) {
        SocketAddress ours = wire.localAddress();
        return ours != null && listener.test(ours);
    }

    @Override
    public void stopSoon(long deadline) {
        if (phase == Phase.IDLE) {
            deadlines.at(deadline);
        } else if (tunnel != null) {
            tunnel.endSoon();
        }
    }

    @Override
    public int stopWaiting() {
        if (phase == Phase.EXCHANGE && !intake.comes() && exchange.state() == Exchange.State.ANSWERED) {
            onFlush();
        }
        return switch (phase) {
            case IDLE, HEAD -> {
                close();
                yield 0;
            }
            case TUNNEL -> {
                ended(Cut.STOP);
                yield 0;
            }
            case LINGER, CLOSED -> 0;
            case EXCHANGE -> {
                if (exchange.stopWaiting()) {
                    intake.over();
                } else {
                    cut(Cut.STOP);
                }
                yield 1;
            }
        };
    }

    @Override
    public Connections.Protocol protocol() {
        return Connections.Protocol.HTTP_1;
    }

    @Override
    public Connections.State state() {
        return switch (phase) {
            case IDLE -> Connections.State.IDLE;
            case HEAD -> Connections.State.READING;
            case EXCHANGE -> Client.stateOf(exchange);
            case TUNNEL -> Connections.State.TUNNEL;
            case LINGER, CLOSED -> Connections.State.CLOSING;
        };
    }

    @Override
    public long idleSince() {
        return switch (phase) {
            case IDLE, LINGER -> deadlines.idleSince();
            case HEAD -> deadlines.headSince();
            case EXCHANGE, TUNNEL, CLOSED -> Long.MAX_VALUE;
        };
    }

    @Override
    public long heldUpSince() {
        return phase == Phase.EXCHANGE ? exchange.deadlines.heldUpSince() : Long.MAX_VALUE;
    }

    @Override
    public void makeRoom(long before) {
        exchange.makeRoom();
    }

    @Override
    public boolean any(Predicate<Exchange> what) {
        return what.test(exchange);
    }

    @Override
    public void closeIdle() {
        edge.metrics.limitReached(Limit.IDLE_FOR_OTHERS);
        close();
    }

    private void deadlinePassed() {
        switch (phase) {
            case IDLE -> idleTooLong();
            case HEAD -> headLate();
            case EXCHANGE -> {
                if (intake.comes()) {
                    intake.late();
                } else {
                    exchangeLate();
                }
            }
            case TUNNEL -> Objects.requireNonNull(tunnel).late();
            case LINGER -> close();
            case CLOSED -> {}
        }
    }

    private void idleTooLong() {
        // What has come since the sockets were looked at is a request in time.
        int received;
        try {
            received = input.receive(wire);
        } catch (IOException reset) {
            gone();
            return;
        }
        if (received > 0) {
            readHead();
            return;
        }
        if (received < 0) {
            endOfInput();
            return;
        }
        edge.metrics.limitReached(Limit.KEEP_ALIVE_IDLE);
        linger();
    }

    private void headLate() {
        if (!deadlines.headLate()) {
            input.trim(exchange.head, SLOW_ROOM);
            if (!intake.promisesMemory(input.counts(exchange.head))) {
                refuse(ClientRefusal.NO_ROOM, "There is no memory to spare for a head that comes slowly.");
            }
        } else if (exchange.head.start == input.end) {
            // Nothing but the empty line that old clients send behind a body: an answer would be taken for the next
            // request's.
            idleTooLong();
        } else {
            refuse(ClientRefusal.HEAD_TIMEOUT, "The head of the request did not come in time.");
        }
    }

    /** The deadline of an exchange whose body is whole, or not wanted any more, has passed. */
    void exchangeLate() {
        if (exchange.deadlines.unsent()) {
            onFlush();
            if (phase != Phase.EXCHANGE) {
                return;
            }
        }
        exchange.late();
    }

    @Override
    public void cut(Cut by) {
        output.stopFile();
        wire.reset();
        ended(by);
    }

    @Override
    public void onFault(RuntimeException fault) {
        cut(Cut.FAULT);
    }

    /** The client is not there any more. */
    void gone() {
        ended(Cut.CLIENT);
    }

    private void ended(Cut by) {
        if (tunnel != null) {
            tunnel.end(by);
        } else if (intake.comes() && !intake.streams()) {
            exchange.leftWithin(intake.received(), by);
        } else if (phase == Phase.EXCHANGE) {
            exchange.abandon(by);
            exchange.finish(by);
            if (wire.secure()) {
                wire.reset(); // a close_notify would say that the answer was whole
            }
        }
        close();
    }

    void close() {
        if (phase == Phase.CLOSED) {
            return;
        }
        phase = Phase.CLOSED;
        intake.over();
        deadlines.cancel();
        output.close();
        wire.close();
        exchange.body.close();
        input.release(exchange.head);
        edge.closed(this);
    }
}
