package terpan.edge.http1;

import org.jspecify.annotations.Nullable;
import terpan.edge.BodyRoom;
import terpan.edge.Edge;
import terpan.edge.EdgeSettings;
import terpan.edge.Exchange;
import terpan.edge.ExchangeDeadlines;
import terpan.http.ChunkDecoder;
import terpan.http.Refusal;
import terpan.log.Cut;
import terpan.loop.BufferPool;
import terpan.loop.Wire;
import terpan.metrics.ClientRefusal;
import terpan.metrics.Limit;
import terpan.spool.Spool;

/**
 * Takes a request's body out of the client's input as far as there is room, and tells the connection what became of it: in place when it
 * fits behind the head, else into a spool; chunked bodies are decoded. Belongs to one connection and serves its requests one after the
 * other.
 */
final class BodyIntake {
    /** More bytes have to come. */
    private static final int MORE = 0;

    /** The body is whole. */
    private static final int WHOLE = 1;

    /** The spool can not take more for now. */
    private static final int PAUSE = 2;

    /** There is no room for the rest, and it may not wait for any. */
    private static final int NO_ROOM = 3;

    private final Edge edge;
    private final ClientConnection connection;
    private final Wire wire;
    private final Input input;
    private final Exchange exchange;
    private final ExchangeDeadlines deadlines;
    private final BodyRoom room;
    private ChunkDecoder chunks;
    private boolean comes;
    private boolean chunked;
    private boolean inPlace;
    private boolean paused;
    private boolean streams;
    private long expected;
    private long received;

    BodyIntake(Edge edge, ClientConnection connection, Wire wire, Input input, Exchange exchange) {
        this.edge = edge;
        this.connection = connection;
        this.wire = wire;
        this.input = input;
        this.exchange = exchange;
        this.deadlines = exchange.deadlines;
        this.room = new BodyRoom(edge, this::mayGoOn);
        this.chunks = new ChunkDecoder(edge.settings().limits.chunkOverheadMost());
    }

    /** The settings by which requests are judged from now on. */
    void judgedBy(EdgeSettings newer) {
        chunks = new ChunkDecoder(newer.limits.chunkOverheadMost());
    }

    /** Whether a body of so many bytes may go to a worker while it comes. */
    boolean mayStream(long length) {
        return length > input.end - input.start && exchange.streams();
    }

    /** Begins a body of {@code length} bytes, -1 when it is chunked; false: there is no room for it, and the client is told so. */
    boolean begin(long length) {
        if (length < 0 || length > input.end - input.start) {
            input.makeRoomForBody(exchange.head);
        }
        deadlines.bodyBegins();
        streams = mayStream(length);
        expected = length;
        received = 0;
        paused = false;
        comes = streams ? beginStream(length) : beginWhole(length);
        if (!comes) {
            connection.refuse(ClientRefusal.NO_ROOM, BodyRoom.NO_ROOM_SENTENCE);
        }
        return comes;
    }

    private boolean beginWhole(long length) {
        chunked = length < 0;
        inPlace = !chunked && input.start + length <= input.capacity();
        room.none();
        if (chunked || input.end - input.start < length) {
            if (!room.promisesMemory(inPlace ? input.capacity() : BodyRoom.MEMORY)) {
                return false;
            }
        }
        if (!inPlace) {
            exchange.body.spooled(room.whole());
        }
        if (chunked) {
            chunks.reset();
            return true;
        }
        return inPlace || room.promisesRoom(length);
    }

    private boolean beginStream(long length) {
        if (!room.promisesMemory(BodyRoom.MEMORY)) {
            return false;
        }
        chunked = false;
        inPlace = false;
        exchange.body.coming(room.streamed(), length);
        return true;
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

    /** What comes slowly, a head or a body, may go on to hold so much memory; false: there is none for it. */
    boolean promisesMemory(int bytes) {
        return room.promisesMemory(bytes);
    }

    /** The input holds less for what comes slowly. */
    private void trimmed() {
        if (inPlace) {
            room.trimmedTo(input.capacity());
        }
    }

    /** The body is whole, or does not come: nothing is kept for it any more. */
    void over() {
        comes = false;
        room.over();
    }

    /** Bytes of the input's array that what is still to come can use; 0 where it only passes through. */
    private int wanted() {
        return inPlace ? (int) (expected - (input.end - input.start)) : BufferPool.BYTES;
    }

    /** Takes what is there. */
    void read() {
        int result = take();
        if (streams) {
            exchange.moreBody();
        }
        if (connection.phase() == Phase.CLOSED) {
            return;
        }
        if (result < 0) {
            connection.refuse(Refusal.of(result));
        } else if (exchange.body.failed()) {
            connection.refuse(503, "The body can not be stored at the moment.");
        } else if (result == NO_ROOM) {
            connection.refuse(ClientRefusal.NO_ROOM, BodyRoom.NO_ROOM_SENTENCE);
        } else if (result == WHOLE) {
            whole();
        } else if (connection.inputEnded()) {
            connection.gone();
        } else if (result == PAUSE) {
            deadlines.bodyPauses();
            wire.reading(false);
        }
    }

    private void whole() {
        over();
        if (streams) {
            deadlines.forwarded(true);
        } else {
            connection.dispatch();
        }
    }

    private void mayGoOn() {
        if (comes) {
            if (paused) {
                deadlines.bodyGoesOn();
            }
            wire.reading(true);
            read();
        } else if (connection.phase() == Phase.EXCHANGE) {
            exchange.moreBody();
        }
    }

    /** Takes what is there: {@link #MORE}, {@link #WHOLE}, {@link #PAUSE}, {@link #NO_ROOM}, or a refusal of -2 or less. */
    private int take() {
        if (inPlace) {
            return takeInPlace();
        }
        Spool target = room.spool();
        room.waitsNoLonger();
        int result = chunked ? takeChunks(target) : takePlain(target);
        if (result == MORE && !target.failed()) {
            result = goesOn();
        }
        paused = result == PAUSE;
        return result;
    }

    private int goesOn() {
        return switch (room.goesOn(streams)) {
            case MORE -> MORE;
            case PAUSE -> PAUSE;
            case NO_ROOM -> NO_ROOM;
        };
    }

    private int takeInPlace() {
        received = Math.min(expected, input.end - input.start);
        if (received < expected) {
            return MORE;
        }
        exchange.body.inPlace(input.bytes, input.start, input.start + (int) expected);
        input.start += (int) expected;
        return WHOLE;
    }

    private int takePlain(Spool target) {
        int piece = (int) Math.min(expected - received, input.end - input.start);
        target.append(input.bytes, input.start, input.start + piece);
        received += piece;
        return drop(input.start + piece, received == expected ? WHOLE : MORE);
    }

    private int takeChunks(Spool target) {
        int at = input.start;
        while (true) {
            int result = chunks.decode(input.bytes, at, input.end);
            if (chunks.announced() > Math.min(exchange.settings().limits.bodyMost(), edge.spoolSpace.bodyMost())) {
                return Refusal.BODY_TOO_LARGE.result();
            }
            if (result == ChunkDecoder.BODY) {
                target.append(input.bytes, chunks.bodyStart, chunks.bodyEnd);
                received += chunks.bodyEnd - chunks.bodyStart;
                at = chunks.position;
            } else if (result == ChunkDecoder.NEED_MORE) {
                return drop(input.end, MORE);
            } else if (result == ChunkDecoder.END) {
                return drop(chunks.position, WHOLE);
            } else {
                return result;
            }
        }
    }

    /** Bytes up to {@code used} are taken: the rest moves to where the body began, so that the head stays where it is. */
    private int drop(int used, int result) {
        System.arraycopy(input.bytes, used, input.bytes, input.start, input.end - used);
        input.end = input.start + input.end - used;
        if (result == WHOLE) {
            exchange.body.received(received);
        }
        return result;
    }

    /** The body's deadline has passed. */
    void late() {
        if (streams && paused) {
            workerLate();
            return;
        }
        @Nullable ClientRefusal late = deadlines.bodyLate(received, paused);
        if (late == null && paused) {
            connection.lookForEnd();
        } else if (late == null) {
            room.share(deadlines.bodyPace(received));
            input.trim(exchange.head, wanted());
            trimmed();
        } else if (streams && exchange.giveUp()) {
            connection.cut(Cut.DEADLINE);
        } else {
            connection.refuse(late, late == ClientRefusal.NO_ROOM ? BodyRoom.NO_ROOM_SENTENCE : BodyRoom.LATE_SENTENCE);
        }
    }

    /** The body waits for its worker, which has as long to take some of it as to answer. */
    private void workerLate() {
        if (exchange.state() == Exchange.State.ANSWERED) {
            over();
            connection.exchangeLate();
        } else if (deadlines.workerLate(exchange)) {
            over();
            exchange.timeOut(Limit.ANSWER_IDLE);
        } else {
            connection.lookForEnd();
        }
    }
}
