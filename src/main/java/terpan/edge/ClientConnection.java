package terpan.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import terpan.http.Refusal;
import terpan.http.RequestParser;
import terpan.link.Origin;
import terpan.loop.Timer;
import terpan.loop.Wire;
import terpan.loop.WireHandler;

/**
 * One client's connection: reads requests strictly one after the other, keeps its deadlines, and sends what {@link Exchange}
 * answers. Bytes behind a request stay in the input until their turn. Belongs to its loop's thread.
 */
final class ClientConnection implements WireHandler {
    private enum Phase {
        /** Between requests. */
        IDLE,
        /** A head has begun. */
        HEAD,
        /** A body is coming. */
        BODY,
        /** The request is whole and not answered to the last byte. */
        EXCHANGE,
        /** The last answer is sent; the client's rest is read so that it gets the answer. */
        LINGER,
        CLOSED
    }

    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(US_ASCII);
    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long LINGER_BYTES = 1 << 20;
    private static final long RATE_AFTER_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Edge edge;
    private final Wire wire;
    private final Output output;
    private final Input input;
    private final Exchange exchange;
    private final BodyIntake intake;
    private final Timer timer;
    private final Origin origin;
    private final boolean trusted;
    private Phase phase = Phase.IDLE;
    private boolean inputEnded;
    private boolean warned;
    private long phaseBegunAt;
    private long progressAt;
    private long lingered;

    ClientConnection(Edge edge, Wire wire) {
        this.edge = edge;
        this.wire = wire;
        this.origin = edge.origins.of(wire);
        this.trusted = edge.origins.trusts(wire);
        this.input = new Input(edge.buffers);
        this.output = new Output(edge, wire, this::outputHasRoom);
        this.exchange = new Exchange(edge, this, output, origin);
        this.intake = new BodyIntake(edge, exchange, this::bodyMayGoOn);
        this.timer = edge.loop.timer(this::deadline);
    }

    void begin() {
        timer.set(edge.loop.now() + edge.limits.headTimeout().toNanos());
    }

    @Override
    public void onReadable() {
        if (phase == Phase.LINGER) {
            discard();
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
        progressAt = edge.loop.now();
        proceed();
    }

    private void proceed() {
        if (phase == Phase.IDLE || phase == Phase.HEAD) {
            readHead();
        } else if (phase == Phase.BODY) {
            readBody();
        } else if (phase == Phase.EXCHANGE && input.isFull()) {
            wire.reading(false);
        }
    }

    private void readHead() {
        if (phase == Phase.IDLE) {
            if (input.isEmpty()) {
                idle();
                return;
            }
            phase = Phase.HEAD;
            phaseBegunAt = edge.loop.now();
            exchange.begin(phaseBegunAt);
            exchange.head.reset(input.bytes, input.start);
        }
        int result = edge.parser.parse(input.bytes, input.start, input.end, exchange.head);
        if (result == RequestParser.NEED_MORE) {
            if (input.isFull()) {
                input.makeRoom(exchange.head, edge.limits.headMost() + BufferPool.BYTES);
            }
            timer.set(phaseBegunAt + edge.limits.headTimeout().toNanos());
        } else if (result < 0) {
            Refusal refusal = Refusal.of(result);
            refuse(refusal.status(), refusal.reason());
        } else {
            input.start = result;
            beginBody();
        }
    }

    private void beginBody() {
        long length = exchange.head.contentLength;
        if (length > edge.limits.bodyMost()) {
            refuse(413, "The body is larger than " + edge.limits.bodyMost() + " bytes.");
            return;
        }
        if (length == 0) {
            exchange.body.none();
            dispatch();
            return;
        }
        if (exchange.head.expectContinue && input.isEmpty()) {
            output.put(CONTINUE);
            wire.flushLater();
        }
        input.makeRoomForBody(exchange.head);
        phase = Phase.BODY;
        phaseBegunAt = edge.loop.now();
        progressAt = phaseBegunAt;
        intake.begin(length, input.start, input.capacity());
        bodyDeadline();
        readBody();
    }

    private void readBody() {
        int result = intake.take(input);
        if (result == BodyIntake.WHOLE) {
            dispatch();
        } else if (result == BodyIntake.PAUSE) {
            wire.reading(false);
        } else if (result < 0) {
            Refusal refusal = Refusal.of(result);
            refuse(refusal.status(), refusal.reason());
        } else if (exchange.body.failed()) {
            refuse(503, "The body can not be stored at the moment.");
        }
    }

    private void bodyMayGoOn() {
        if (phase == Phase.BODY) {
            wire.reading(true);
            readBody();
        } else {
            exchange.moreBody();
        }
    }

    private void dispatch() {
        phase = Phase.EXCHANGE;
        warned = false;
        wire.reading(!inputEnded && !input.isFull());
        exchange.dispatch(trusted ? edge.origins.behindProxy(origin, exchange.head) : origin);
    }

    /** Answers with a page and ends the connection: what follows in the input can not be told apart any more. */
    private void refuse(int status, String what) {
        phase = Phase.EXCHANGE;
        ClientRefusals.count(edge.metrics, status, exchange.head);
        exchange.refuse(status, what);
    }

    /** The request is with a worker from now on. */
    void awaitAnswer() {
        progressAt = edge.loop.now();
        timer.set(progressAt
                + Math.min(
                        edge.limits.answerIdle().toNanos(),
                        edge.limits.answerWarn().toNanos()));
    }

    void flushLater() {
        wire.flushLater();
    }

    private void outputHasRoom() {
        exchange.outputHasRoom();
        wire.flushLater();
    }

    @Override
    public void onFlush() {
        long before = output.sent();
        boolean empty;
        try {
            empty = output.flush();
        } catch (IOException clientLeft) {
            gone();
            return;
        }
        if (output.failed() || exchange.body.failed()) {
            cut();
            return;
        }
        if (output.sent() != before) {
            progressAt = edge.loop.now();
        }
        if (!empty) {
            timer.set(progressAt + edge.limits.sendIdle().toNanos());
        } else if (phase == Phase.EXCHANGE && exchange.state() == Exchange.State.ANSWERED) {
            finish();
        }
    }

    private void finish() {
        boolean keep = exchange.keepsConnection();
        exchange.finish();
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
        input.release();
        if (inputEnded) {
            close();
            return;
        }
        wire.reading(true);
        timer.set(edge.loop.now()
                + (edge.stopping()
                        ? Edge.IDLE_GRACE_NANOS
                        : edge.limits.keepAliveIdle().toNanos()));
    }

    /** Shuts the output and reads the rest, so that a client that is still sending is not reset before it reads the answer. */
    private void linger() {
        if (inputEnded) {
            close();
            return;
        }
        phase = Phase.LINGER;
        try {
            wire.shutdownOutput();
        } catch (IOException alreadyGone) {
            close();
            return;
        }
        wire.reading(true);
        timer.set(edge.loop.now() + LINGER_NANOS);
    }

    private void discard() {
        input.release();
        try {
            int received = input.receive(wire);
            lingered += Math.max(0, received);
            if (received < 0 || lingered > LINGER_BYTES) {
                close();
            }
        } catch (IOException reset) {
            close();
        }
    }

    private void endOfInput() {
        inputEnded = true;
        wire.reading(false);
        if (phase != Phase.EXCHANGE || edge.limits.abortOnHalfClose()) {
            gone();
        }
    }

    /** Stops soon: an idle connection has until the deadline to send a request. */
    void stopSoon(long deadline) {
        if (phase == Phase.IDLE) {
            timer.set(deadline);
        }
    }

    private void deadline() {
        long now = edge.loop.now();
        switch (phase) {
            case IDLE -> linger();
            case HEAD -> refuse(408, "The head of the request did not come in time.");
            case BODY -> bodyLate(now);
            case EXCHANGE -> exchangeLate(now);
            case LINGER -> close();
            case CLOSED -> {}
        }
    }

    private void bodyDeadline() {
        long idleAt = progressAt + edge.limits.bodyIdle().toNanos();
        timer.set(Math.min(idleAt, edge.loop.now() + RATE_AFTER_NANOS));
    }

    private void bodyLate(long now) {
        long elapsed = now - phaseBegunAt;
        boolean tooSlow = elapsed >= RATE_AFTER_NANOS
                && intake.received() < edge.limits.bodyRate() * (elapsed / 1_000_000_000L)
                && !intake.paused();
        if (tooSlow || now - progressAt >= edge.limits.bodyIdle().toNanos()) {
            refuse(408, "The body of the request did not come in time.");
        } else {
            bodyDeadline();
        }
    }

    private void exchangeLate(long now) {
        if (!output.isEmpty()) {
            if (now - progressAt >= edge.limits.sendIdle().toNanos()) {
                cut();
            } else {
                timer.set(progressAt + edge.limits.sendIdle().toNanos());
            }
            return;
        }
        if (exchange.state() != Exchange.State.IN_FLIGHT) {
            timer.set(now + edge.limits.answerIdle().toNanos());
            return;
        }
        long dueAt = exchange.heardAt() + edge.limits.answerIdle().toNanos();
        if (now >= dueAt) {
            exchange.timeOut();
            return;
        }
        if (!warned && now - phaseBegunAt >= edge.limits.answerWarn().toNanos()) {
            warned = true;
            exchange.warnSlow();
        }
        timer.set(
                warned ? dueAt : Math.min(dueAt, now + edge.limits.answerWarn().toNanos()));
    }

    /** Cuts the connection, so that the client can not take what it has for the whole. */
    void cut() {
        wire.reset();
        gone();
    }

    @Override
    public void onFault(RuntimeException fault) {
        cut();
    }

    /** The client is not there any more. */
    private void gone() {
        if (phase == Phase.EXCHANGE) {
            exchange.abandon();
            exchange.finish();
        }
        close();
    }

    private void close() {
        if (phase == Phase.CLOSED) {
            return;
        }
        phase = Phase.CLOSED;
        timer.cancel();
        wire.close();
        output.close();
        exchange.body.close();
        input.release();
        edge.closed(this);
    }
}
