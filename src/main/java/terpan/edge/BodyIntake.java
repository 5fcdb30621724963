package terpan.edge;

import terpan.http.ChunkDecoder;
import terpan.http.Refusal;
import terpan.loop.BufferPool;
import terpan.metrics.Limit;
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

    /** There is no room for the rest, and it may not wait for any. */
    static final int NO_ROOM = 3;

    /** Memory that a body may have which is spooled as it comes: the input, and what is on its way to the disk. */
    private static final int MEMORY = 3 * BufferPool.BYTES;

    /** Room that a body keeps for itself where others find none, though it comes slowly; bytes. */
    private static final long ROOM_LEAST = 256 * 1024;

    /** It keeps as much as comes in so many seconds. */
    private static final long ROOM_SECONDS = 30;

    private final Edge edge;
    private final Exchange exchange;
    private final Runnable mayGoOn;
    private final ChunkDecoder chunks;
    private @org.jspecify.annotations.Nullable Spool spool;
    private boolean chunked;
    private boolean inPlace;
    private boolean paused;
    private boolean streams;
    private long expected;
    private long received;

    /** What was promised to it of memory, what it holds of the disk while it waits for more, and what was known of others' luck. */
    private int promised;

    private long waiting;
    private long refusalsSeen;

    BodyIntake(Edge edge, Exchange exchange, Runnable mayGoOn) {
        this.edge = edge;
        this.exchange = exchange;
        this.mayGoOn = mayGoOn;
        this.chunks = new ChunkDecoder(edge.limits.chunkOverheadMost());
    }

    /**
     * Begins a body of {@code length} bytes, -1 when chunked, that begins at {@code from} in an input of {@code capacity} bytes.
     *
     * @param here how much of it has come
     * @return false: there is no room for it
     */
    boolean begin(long length, int from, int capacity, int here) {
        chunked = length < 0;
        expected = length;
        received = 0;
        paused = false;
        streams = false;
        inPlace = !chunked && from + length <= capacity;
        spool = null;
        if (here < expected || chunked) {
            if (!promisesMemory(inPlace ? capacity : MEMORY)) {
                return false;
            }
        }
        if (!inPlace) {
            exchange.body.spooled(spool());
        }
        if (chunked) {
            chunks.reset();
            return true;
        }
        return inPlace || promisesRoom(length);
    }

    private boolean promisesRoom(long length) {
        Spool target = spool;
        refusalsSeen = edge.spoolSpace.refusals();
        return target == null || target.promise(length);
    }

    /** Begins a body of {@code length} bytes that the worker takes while it comes; false: there is no room for it. */
    boolean beginStream(long length) {
        if (!promisesMemory(MEMORY)) {
            return false;
        }
        streams = true;
        chunked = false;
        expected = length;
        received = 0;
        paused = false;
        inPlace = false;
        exchange.body.coming(keep(Spool.ofAnswer(edge.spoolSpace, edge.loop, mayGoOn, mayGoOn, () -> {})), length);
        return true;
    }

    /** What comes slowly, a head or a body, may go on to hold so much memory; false: there is none for it. */
    boolean promisesMemory(int bytes) {
        if (promised > 0) {
            edge.bounds.memory.promiseOver(promised);
        }
        promised = edge.bounds.memory.promise(bytes) ? bytes : 0;
        if (promised == 0) {
            edge.metrics.limitReached(Limit.MEMORY);
        }
        return promised > 0;
    }

    /** The input holds less for what comes slowly. */
    void trimmed(Input input) {
        if (inPlace && input.capacity() < promised) {
            edge.bounds.memory.promiseOver(promised - input.capacity());
            promised = input.capacity();
        }
    }

    /** The body is whole, or does not come: nothing is kept for it any more. */
    void over() {
        edge.waitsNoLonger(mayGoOn);
        waitsNoLonger();
        if (promised > 0) {
            edge.bounds.memory.promiseOver(promised);
            promised = 0;
        }
    }

    private void waitsNoLonger() {
        if (waiting > 0) {
            edge.spoolSpace.waitsNoLonger(waiting);
            waiting = 0;
        }
    }

    /** Where others find no room, what comes slowly keeps only as much of its own as it will soon use. */
    void shareRoom(long bytesEachSecond) {
        Spool target = spool;
        long refusals = edge.spoolSpace.refusals();
        if (target != null && !inPlace && refusals != refusalsSeen) {
            refusalsSeen = refusals;
            target.keepPromised(Math.max(ROOM_LEAST, bytesEachSecond * ROOM_SECONDS));
        }
    }

    private Spool spool() {
        return keep(new Spool(edge.spoolSpace, edge.loop, mayGoOn, mayGoOn));
    }

    private Spool keep(Spool fresh) {
        fresh.onWaiting(mayGoOn);
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
     * @return {@link #MORE}, {@link #WHOLE}, {@link #PAUSE}, {@link #NO_ROOM}, or a refusal of -2 or less
     */
    int take(Input input) {
        if (inPlace) {
            return takeInPlace(input);
        }
        Spool target = spool;
        if (target == null) {
            throw new IllegalStateException("no body is being taken in");
        }
        waitsNoLonger();
        int result = chunked ? takeChunks(input, target) : takePlain(input, target);
        if (result == MORE && !target.failed()) {
            result = goesOn(target);
        }
        paused = result == PAUSE;
        return result;
    }

    private int goesOn(Spool target) {
        if (target.mayAppend()) {
            return edge.memoryIsShort(mayGoOn) ? PAUSE : MORE;
        }
        if (target.waitsForRoom() && !streams) {
            long holds = target.bytesOnDisk();
            if (!edge.spoolSpace.mayWait(holds)) {
                return NO_ROOM;
            }
            waiting = holds;
        }
        return PAUSE;
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
            if (chunks.announced() > Math.min(edge.limits.bodyMost(), edge.spoolSpace.bodyMost())) {
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
