package terpan.link.nativelink;

import java.util.Arrays;
import terpan.link.Call;

/**
 * The calls of one connection by id. An id is a place and a generation; the place is free again when the worker has ended the
 * id, so that no id has two meanings while its fate is open. Belongs to the link's thread.
 */
final class NativeCalls {
    /** Most ids open at once on a connection. */
    static final int MOST = 4096;

    private static final int INDEX_BITS = 12;
    private static final int GENERATION_STEP = 1 << INDEX_BITS;

    private NativeCall[] places = new NativeCall[0];
    private int[] free = new int[0];
    private int freeCount;

    int openCount() {
        return places.length - freeCount;
    }

    boolean isFull() {
        return freeCount == 0 && places.length == MOST;
    }

    NativeCall open(Call call) {
        if (freeCount == 0) {
            grow();
        }
        NativeCall entry = places[free[--freeCount]];
        entry.begin(call);
        return entry;
    }

    /** The open entry of an id that the worker named. */
    NativeCall find(long id) throws MarshalException {
        if (id >= 0 && id <= Integer.MAX_VALUE && isOpen((int) id)) {
            return places[(int) id & (MOST - 1)];
        }
        throw new MarshalException("id " + id + " is not open");
    }

    boolean isOpen(int id) {
        int index = id & (MOST - 1);
        return index < places.length && places[index].id == id && places[index].open;
    }

    /** Whether the entry is of this table and still open under that id. */
    boolean holds(NativeCall entry, int id) {
        return entry.index < places.length && places[entry.index] == entry && entry.open && entry.id == id;
    }

    /** Frees the id, and tells who cancelled the call; what is free already is left alone. */
    void release(NativeCall entry) {
        if (!holds(entry, entry.id)) {
            return;
        }
        entry.open = false;
        entry.call = null;
        entry.id = (entry.id + GENERATION_STEP) & Integer.MAX_VALUE;
        free[freeCount++] = entry.index;
        Runnable ended = entry.ended;
        entry.ended = null;
        if (ended != null) {
            ended.run();
        }
    }

    /** Every place, open or not. */
    NativeCall[] places() {
        return places;
    }

    private void grow() {
        int old = places.length;
        int size = Math.min(MOST, Math.max(16, old * 2));
        places = Arrays.copyOf(places, size);
        free = Arrays.copyOf(free, size);
        for (int i = size - 1; i >= old; i--) {
            places[i] = new NativeCall(i);
            places[i].id = i;
            free[freeCount++] = i;
        }
    }
}
