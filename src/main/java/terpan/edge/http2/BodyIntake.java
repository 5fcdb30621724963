package terpan.edge.http2;

import static terpan.edge.BodyRoom.LATE_SENTENCE;
import static terpan.edge.BodyRoom.NO_ROOM_SENTENCE;

import org.jspecify.annotations.Nullable;
import terpan.edge.BodyRoom;
import terpan.edge.Edge;
import terpan.edge.Exchange;
import terpan.edge.ExchangeDeadlines;
import terpan.http.Refusal;
import terpan.http2.Http2Stream;
import terpan.log.Cut;
import terpan.loop.BufferPool;
import terpan.metrics.ClientRefusal;
import terpan.metrics.Limit;

/**
 * Takes in the body of one stream's request: a short one in an array, else into a spool. The client may send more of it only as far as it
 * was taken: a body that has to wait for disk, memory or worker keeps its window, and no other's. Belongs to the loop's thread.
 */
final class BodyIntake {
    /** A body that is not longer has an array of its own length. */
    private static final int SMALL = 1024;

    private static final byte[] NONE = new byte[0];

    private final Edge edge;
    private final StreamExchange owner;
    private final Http2Stream stream;
    private final Exchange exchange;
    private final ExchangeDeadlines deadlines;
    private final BodyRoom room;
    private boolean comes;
    private boolean streams;
    private boolean inPlace;
    private boolean paused;
    private long expected;
    private long received;

    /** Bytes for which the client has no window yet. */
    private int held;

    private byte[] array = NONE;

    BodyIntake(Edge edge, StreamExchange owner, Http2Stream stream, Exchange exchange) {
        this.edge = edge;
        this.owner = owner;
        this.stream = stream;
        this.exchange = exchange;
        this.deadlines = exchange.deadlines;
        this.room = new BodyRoom(edge, this::mayGoOn);
    }

    /** Whether a body of so many bytes may go to a worker while it comes. */
    boolean mayStream(long length) {
        return length > 0 && exchange.streams();
    }

    /** Begins a body of {@code length} bytes, -1 when nobody knows; false: there is no room for it, and the client is told so. */
    boolean begin(long length) {
        deadlines.bodyBegins();
        streams = mayStream(length);
        inPlace = !streams && length >= 0 && length <= BufferPool.BYTES;
        expected = length;
        received = 0;
        held = 0;
        paused = false;
        comes = room.promisesMemory(inPlace ? BufferPool.BYTES : Http2Loop.WINDOW) && hasPlace();
        if (!comes) {
            owner.refuse(ClientRefusal.NO_ROOM, NO_ROOM_SENTENCE);
        }
        return comes;
    }

    private boolean hasPlace() {
        if (inPlace) {
            room.none();
            array = expected <= SMALL ? edge.buffers.take((int) expected) : edge.buffers.take();
            return true;
        }
        if (streams) {
            exchange.body.coming(room.streamed(), expected);
            return true;
        }
        exchange.body.spooled(room.whole());
        return expected < 0 || room.promisesRoom(expected);
    }

    /** Whether more of a body has to come. */
    boolean comes() {
        return comes;
    }

    /** Whether the body goes to a worker while it comes: its request is not held until it is whole. */
    boolean streams() {
        return comes && streams;
    }

    /** Bytes that have come. */
    long received() {
        return received;
    }

    /** A piece of it. */
    void take(byte[] bytes, int from, int to) {
        int count = to - from;
        if (!comes) {
            stream.taken(count);
            return;
        }
        deadlines.received();
        if (inPlace) {
            System.arraycopy(bytes, from, array, (int) received, count);
            received += count;
            stream.taken(count);
            return;
        }
        received += count;
        if (expected < 0 && received > Math.min(exchange.settings().limits.bodyMost(), edge.spoolSpace.bodyMost())) {
            owner.refuse(Refusal.BODY_TOO_LARGE);
            return;
        }
        room.spool().append(bytes, from, to);
        held += count;
        if (streams) {
            exchange.moreBody();
        }
        if (comes && exchange.body.failed()) {
            owner.refuse(503, "The body can not be stored at the moment.");
        } else if (comes && !paused) {
            goOn();
        }
    }

    /** Lets the client send more, if there is room. */
    private void goOn() {
        room.waitsNoLonger();
        switch (room.goesOn(streams)) {
            case MORE -> {
                if (paused) {
                    paused = false;
                    deadlines.bodyGoesOn();
                }
                int free = held;
                held = 0;
                stream.taken(free);
            }
            case PAUSE -> {
                if (!paused) {
                    paused = true;
                    deadlines.bodyPauses();
                }
            }
            case NO_ROOM -> owner.refuse(ClientRefusal.NO_ROOM, NO_ROOM_SENTENCE);
        }
    }

    private void mayGoOn() {
        if (!stream.isOpen()) {
            return;
        }
        if (!comes || streams) {
            exchange.moreBody();
        }
        if (comes) {
            if (exchange.body.failed()) {
                owner.refuse(503, "The body can not be stored at the moment.");
            } else {
                goOn();
            }
        }
    }

    /** All of it has come. */
    void end() {
        if (!comes) {
            return;
        }
        if (inPlace) {
            exchange.body.inPlace(array, 0, (int) received);
        } else {
            exchange.body.received(received);
        }
        boolean wasStreamed = streams;
        over();
        if (wasStreamed) {
            deadlines.forwarded(true);
            exchange.moreBody();
        } else {
            exchange.dispatch();
        }
    }

    /** The body is whole, or does not come: nothing is kept for it any more, but for what has come of it. */
    void over() {
        comes = false;
        room.over();
    }

    /** The request is settled. */
    void close() {
        over();
        if (array.length > 0) {
            edge.buffers.giveBack(array);
            array = NONE;
        }
    }

    /** The body's deadline has passed. */
    void late() {
        if (streams && paused) {
            workerLate();
            return;
        }
        @Nullable ClientRefusal late = deadlines.bodyLate(received, paused);
        if (late == null) {
            if (!paused) {
                room.share(deadlines.bodyPace(received));
            }
        } else if (streams && owner.giveUp()) {
            owner.cut(Cut.DEADLINE);
        } else {
            owner.refuse(late, late == ClientRefusal.NO_ROOM ? NO_ROOM_SENTENCE : LATE_SENTENCE);
        }
    }

    /** The body waits for its worker, which has as long to take some of it as to answer. */
    private void workerLate() {
        if (exchange.state() == Exchange.State.ANSWERED) {
            over();
            stream.dropBody();
            owner.exchangeLate();
        } else if (deadlines.workerLate(exchange)) {
            over();
            stream.dropBody();
            exchange.timeOut(Limit.ANSWER_IDLE);
        }
    }
}
