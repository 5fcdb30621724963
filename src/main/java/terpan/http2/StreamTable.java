package terpan.http2;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The open streams of one connection by id, and how the last ones ended. */
final class StreamTable {
    /** Nothing is known of it any more. */
    static final int FORGOTTEN = 0;

    /** Ended by both sides, or by the peer's reset: nothing may follow. */
    static final int CLOSED = 1;

    /** We reset it, or refused it: the peer may not know yet. */
    static final int RESET = 2;

    private static final int FIRST_SLOTS = 8;
    private static final int RING_LEAST = 64;

    private @Nullable Http2Stream[] slots = new Http2Stream[FIRST_SLOTS];
    private int count;

    /** Ids; those of streams that we reset with the sign turned. */
    private int[] ring = new int[0];

    private final int ringLength;
    private int ringNext;

    StreamTable(int streamsMost) {
        ringLength = Math.max(RING_LEAST, 2 * streamsMost);
    }

    int count() {
        return count;
    }

    private int slot(int id) {
        return id >>> 1 & slots.length - 1;
    }

    @Nullable
    Http2Stream get(int id) {
        int slot = slot(id);
        Http2Stream found = slots[slot];
        while (found != null && found.id != id) {
            slot = slot + 1 & slots.length - 1;
            found = slots[slot];
        }
        return found;
    }

    void add(Http2Stream stream) {
        if (2 * count >= slots.length) {
            @Nullable Http2Stream[] old = slots;
            slots = new Http2Stream[2 * old.length];
            for (Http2Stream each : old) {
                if (each != null) {
                    put(each);
                }
            }
        }
        put(stream);
        count++;
    }

    private void put(Http2Stream stream) {
        int slot = slot(stream.id);
        while (slots[slot] != null) {
            slot = slot + 1 & slots.length - 1;
        }
        slots[slot] = stream;
    }

    /** Takes one out; those behind it that would not be found any more move up. */
    void remove(Http2Stream stream) {
        int slot = slot(stream.id);
        while (slots[slot] != stream) {
            slot = slot + 1 & slots.length - 1;
        }
        int mask = slots.length - 1;
        int hole = slot;
        for (int at = hole + 1 & mask; ; at = at + 1 & mask) {
            Http2Stream other = slots[at];
            if (other == null) {
                break;
            }
            if ((at - slot(other.id) & mask) >= (at - hole & mask)) {
                slots[hole] = other;
                hole = at;
            }
        }
        slots[hole] = null;
        count--;
    }

    /** All of them; for walks during which streams leave. */
    @Nullable
    Http2Stream[] snapshot() {
        return Arrays.copyOf(slots, slots.length);
    }

    /** All of them, with gaps; for walks during which none leaves. */
    @Nullable
    Http2Stream[] slots() {
        return slots;
    }

    /** Notes how a stream ended. */
    void ended(int id, boolean reset) {
        if (ring.length == 0) {
            ring = new int[ringLength];
        }
        ring[ringNext] = reset ? -id : id;
        ringNext = ringNext + 1 == ringLength ? 0 : ringNext + 1;
    }

    /** The peer has ended a stream that we reset: it knows no more of it, and may send nothing more. */
    void endedByPeer(int id) {
        for (int i = 0; i < ring.length; i++) {
            if (ring[i] == -id) {
                ring[i] = id;
            }
        }
    }

    /** Whether more have ended than it knows of. */
    boolean forgets() {
        return ring.length > 0 && ring[ringNext] != 0;
    }

    /** How a stream that is not open ended: {@link #CLOSED}, {@link #RESET} or {@link #FORGOTTEN}. */
    int how(int id) {
        for (int ended : ring) {
            if (ended == id) {
                return CLOSED;
            }
            if (ended == -id) {
                return RESET;
            }
        }
        return FORGOTTEN;
    }
}
