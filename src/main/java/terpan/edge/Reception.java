package terpan.edge;

import terpan.http.Refusal;
import terpan.loop.Wire;
import terpan.metrics.ClientRefusal;

/** The time in which a request's body comes: reads it as far as there is room, and tells the connection what became of it. */
final class Reception {
    /** What a client is told. */
    static final String NO_ROOM = "There is no room for the body at the moment.";

    private final Edge edge;
    private final ClientConnection connection;
    private final Wire wire;
    private final Input input;
    private final Exchange exchange;
    private final Deadlines deadlines;
    final BodyIntake intake;
    private boolean stream;

    Reception(Edge edge, ClientConnection connection, Wire wire, Input input, Exchange exchange, Deadlines deadlines) {
        this.edge = edge;
        this.connection = connection;
        this.wire = wire;
        this.input = input;
        this.exchange = exchange;
        this.deadlines = deadlines;
        this.intake = new BodyIntake(edge, exchange, this::mayGoOn);
    }

    /** Whether so many bytes fit, though perhaps not now: what goes on as it comes always does. */
    boolean mayEverFit(long length) {
        return length <= edge.spoolSpace.promiseMost() || goesOn(length);
    }

    private boolean goesOn(long length) {
        PathPatterns streams = edge.streams;
        return streams != null && length > input.end - input.start && streams.match(exchange.head);
    }

    /** Begins a body, of -1 bytes when it is chunked; false: there is no room for it. */
    boolean begin(long length) {
        input.makeRoomForBody(exchange.head);
        deadlines.bodyBegins();
        stream = goesOn(length);
        return stream
                ? intake.beginStream(length)
                : intake.begin(length, input.start, input.capacity(), input.end - input.start);
    }

    /** Whether the body that was begun goes to the worker as it comes. */
    boolean streams() {
        return stream;
    }

    /** Takes what is there. */
    void read() {
        int result = intake.take(input);
        if (connection.phase() == Phase.STREAM) {
            exchange.moreBody();
        }
        if (connection.phase() == Phase.CLOSED) {
            return;
        }
        if (result < 0) {
            connection.refuse(Refusal.of(result));
        } else if (exchange.body.failed()) {
            connection.refuse(503, "The body can not be stored at the moment.");
        } else if (result == BodyIntake.NO_ROOM) {
            connection.refuse(ClientRefusal.NO_ROOM, NO_ROOM);
        } else if (result == BodyIntake.WHOLE) {
            connection.bodyWhole();
        } else if (connection.inputEnded()) {
            connection.gone();
        } else if (result == BodyIntake.PAUSE) {
            deadlines.bodyPauses();
            wire.reading(false);
        }
    }

    private void mayGoOn() {
        Phase phase = connection.phase();
        if (phase == Phase.BODY || phase == Phase.STREAM) {
            if (intake.paused()) {
                deadlines.bodyGoesOn();
            }
            wire.reading(true);
            read();
        } else if (phase == Phase.EXCHANGE) {
            exchange.moreBody();
        }
    }
}
