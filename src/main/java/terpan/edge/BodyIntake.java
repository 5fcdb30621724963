package terpan.edge;

import terpan.http.ChunkDecoder;
import terpan.http.Refusal;
import terpan.loop.BufferPool;
import terpan.spool.Spool;

/**
 * Takes a request's body out of the client's input: in place when it fits behind the head, else into a spool; chunked bodies are
 * decoded. Belongs to one connection and serves its requests one after the other.
 */
final class BodyIntake {
    /** More bytes have to come. */
    static final int MORE = 0;

    /** The body is whole. */
    static final int WHOLE = 1;

    /** The spool can not take more for now. */
    static final int PAUSE = 2;

    private final Edge edge;
    private final Exchange exchange;
    private final Runnable mayGoOn;
    private final ChunkDecoder chunks;
    private @org.jspecify.annotations.Nullable Spool spool;
    private boolean chunked;
    private boolean inPlace;
    private boolean paused;
    private long expected;
    private long received;

    BodyIntake(Edge edge, Exchange exchange, Runnable mayGoOn) {
        this.edge = edge;
        this.exchange = exchange;
        this.mayGoOn = mayGoOn;
        this.chunks = new ChunkDecoder(edge.limits.chunkOverheadMost());
    }

    /** Begins a body of {@code length} bytes, -1 when chunked, that begins at {@code from} in an input of {@code capacity} bytes. */
    void begin(long length, int from, int capacity) {
        chunked = length < 0;
        expected = length;
        received = 0;
        paused = false;
        inPlace = !chunked && from + length <= capacity;
        spool = null;
        if (!inPlace) {
            exchange.body.spooled(spool());
        }
        if (chunked) {
            chunks.reset();
        }
    }

    /** Begins a body of {@code length} bytes that the worker takes while it comes. */
    void beginStream(long length) {
        chunked = false;
        expected = length;
        received = 0;
        paused = false;
        inPlace = false;
        exchange.body.coming(spool(), length);
    }

    private Spool spool() {
        Spool fresh = new Spool(edge.spoolSpace, edge.loop, mayGoOn, mayGoOn);
        spool = fresh;
        edge.metrics.bodySpooled();
        return fresh;
    }

    /** Bytes of the input's array that what is still to come can use; 0 where it only passes through. */
    int wanted(Input input) {
        return inPlace ? (int) (expected - (input.end - input.start)) : BufferPool.BYTES;
    }

    long received() {
        return received;
    }

    boolean paused() {
        return paused;
    }

    /**
     * Takes what is there.
     *
     * @return {@link #MORE}, {@link #WHOLE}, {@link #PAUSE}, or a refusal of -2 or less
     */
    int take(Input input) {
        if (inPlace) {
            return takeInPlace(input);
        }
        Spool target = spool;
        if (target == null) {
            throw new IllegalStateException("no body is being taken in");
        }
        int result = chunked ? takeChunks(input, target) : takePlain(input, target);
        if (result == MORE && !target.failed() && (!target.mayAppend() || edge.memoryIsShort(mayGoOn))) {
            result = PAUSE;
        }
        paused = result == PAUSE;
        return result;
    }

    private int takeInPlace(Input input) {
        received = Math.min(expected, input.end - input.start);
        if (received < expected) {
            return MORE;
        }
        exchange.body.inPlace(input.bytes, input.start, input.start + (int) expected);
        input.start += (int) expected;
        return WHOLE;
    }

    private int takePlain(Input input, Spool target) {
        int piece = (int) Math.min(expected - received, input.end - input.start);
        target.append(input.bytes, input.start, input.start + piece);
        received += piece;
        return drop(input, input.start + piece, received == expected ? WHOLE : MORE);
    }

    private int takeChunks(Input input, Spool target) {
        int at = input.start;
        while (true) {
            int result = chunks.decode(input.bytes, at, input.end);
            if (chunks.announced() > edge.limits.bodyMost()) {
                return Refusal.BODY_TOO_LARGE.result();
            }
            if (result == ChunkDecoder.BODY) {
                target.append(input.bytes, chunks.bodyStart, chunks.bodyEnd);
                received += chunks.bodyEnd - chunks.bodyStart;
                at = chunks.position;
            } else if (result == ChunkDecoder.NEED_MORE) {
                return drop(input, input.end, MORE);
            } else if (result == ChunkDecoder.END) {
                return drop(input, chunks.position, WHOLE);
            } else {
                return result;
            }
        }
    }

    /** Bytes up to {@code used} are taken: the rest moves to where the body began, so that the head stays where it is. */
    private int drop(Input input, int used, int result) {
        System.arraycopy(input.bytes, used, input.bytes, input.start, input.end - used);
        input.end = input.start + input.end - used;
        if (result == WHOLE) {
            exchange.body.received(received);
        }
        return result;
    }
}
