package terpan.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import terpan.http.Refusal;
import terpan.http.RequestParser;
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

    private final Edge edge;
    private final Wire wire;
    private final Output output;
    private final Input input;
    private final Exchange exchange;
    private final BodyIntake intake;
    private final Deadlines deadlines;
    private final Farewell farewell;
    private final Peer peer;
    private Phase phase = Phase.IDLE;
    private boolean inputEnded;

    ClientConnection(Edge edge, Wire wire) {
        this.edge = edge;
        this.wire = wire;
        this.peer = edge.origins.peer(wire);
        this.input = new Input(edge.buffers);
        this.output = new Output(edge, wire, this::outputHasRoom);
        this.exchange = new Exchange(edge, this, output, peer.origin());
        this.intake = new BodyIntake(edge, exchange, this::bodyMayGoOn);
        this.farewell = new Farewell(wire, input);
        this.deadlines = new Deadlines(edge, this::deadline);
    }

    void begin() {
        deadlines.first();
    }

    @Override
    public void onReadable() {
        if (phase == Phase.LINGER) {
            if (!farewell.goesOn()) {
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
        deadlines.received();
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
            exchange.begin(deadlines.headBegins());
            exchange.head.reset(input.bytes, input.start);
        }
        int result = peer.judge(edge.parser.parse(input.bytes, input.start, input.end, exchange.head), exchange.head);
        if (result == RequestParser.NEED_MORE) {
            if (inputEnded) {
                gone();
                return;
            }
            if (input.isFull()) {
                input.makeRoom(exchange.head, edge.limits.headMost());
            }
            deadlines.headGoesOn();
        } else if (result < 0) {
            refuse(Refusal.of(result));
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
        intake.begin(length, input.start, input.capacity());
        deadlines.bodyBegins();
        readBody();
    }

    private void readBody() {
        int result = intake.take(input);
        if (result < 0) {
            refuse(Refusal.of(result));
        } else if (exchange.body.failed()) {
            refuse(503, "The body can not be stored at the moment.");
        } else if (result == BodyIntake.WHOLE) {
            dispatch();
        } else if (inputEnded) {
            gone();
        } else if (result == BodyIntake.PAUSE) {
            deadlines.bodyPauses();
            wire.reading(false);
        }
    }

    private void bodyMayGoOn() {
        if (phase == Phase.BODY) {
            if (intake.paused()) {
                deadlines.bodyGoesOn();
            }
            wire.reading(true);
            readBody();
        } else if (phase == Phase.EXCHANGE) {
            exchange.moreBody();
        }
    }

    private void dispatch() {
        phase = Phase.EXCHANGE;
        deadlines.exchangeBegins();
        wire.reading(!inputEnded && !input.isFull());
        exchange.dispatch(peer);
    }

    private void refuse(Refusal refusal) {
        refuse(refusal.status(), refusal.reason());
    }

    /** Answers with a page and ends the connection: what follows in the input can not be told apart any more. */
    private void refuse(int status, String what) {
        ClientRefusals.count(edge.metrics, status, phase == Phase.HEAD);
        phase = Phase.EXCHANGE;
        exchange.refuse(status, what);
    }

    /** The request is with a worker from now on. */
    void awaitAnswer() {
        deadlines.forwarded();
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
        boolean empty;
        try {
            empty = output.flush();
        } catch (IOException clientLeftOrFileUnreadable) {
            cut();
            return;
        }
        if (output.failed()) {
            cut();
            return;
        }
        deadlines.flushed(output.sent(), empty);
        if (empty && phase == Phase.EXCHANGE && exchange.state() == Exchange.State.ANSWERED) {
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
        deadlines.idle();
    }

    private void linger() {
        if (inputEnded || !farewell.begin()) {
            close();
            return;
        }
        phase = Phase.LINGER;
        deadlines.linger();
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
            deadlines.at(deadline);
        }
    }

    private void deadline() {
        switch (phase) {
            case IDLE -> linger();
            case HEAD -> refuse(408, "The head of the request did not come in time.");
            case BODY -> {
                if (deadlines.bodyLate(intake)) {
                    refuse(408, "The body of the request did not come in time.");
                }
            }
            case EXCHANGE -> exchangeLate();
            case LINGER -> close();
            case CLOSED -> {}
        }
    }

    private void exchangeLate() {
        switch (deadlines.exchange(exchange)) {
            case WAIT -> {}
            case WARN -> exchange.warnSlow();
            case TIME_OUT -> exchange.timeOut();
            case CUT -> cut();
        }
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
        deadlines.cancel();
        wire.close();
        output.close();
        exchange.body.close();
        input.release();
        edge.closed(this);
    }
}
