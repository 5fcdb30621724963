package terpan.http2;

import java.util.Arrays;

/**
 * A dynamic table (RFC 7541, section 2.3.2): entries as field lines, one behind the other in one array, so that one is copied with one
 * step. Takes no memory before its first entry. Belongs to one direction of one connection.
 */
final class HpackTable {
    /** What an entry counts beside its name and value (RFC 7541, section 4.1). */
    static final int OVERHEAD = 32;

    /** Beside name and value of a line: colon, space, CRLF. */
    static final int LINE_EXTRA = 4;

    private static final int FIRST_STORE = 1024;
    private static final int FIRST_ENTRIES = 16;
    private static final byte[] NONE = new byte[0];
    private static final int[] NO_ENTRIES = new int[0];

    /** Where the lines are. */
    byte[] store = NONE;

    private int storeEnd;
    private int[] start = NO_ENTRIES;
    private int[] nameLength = NO_ENTRIES;
    private int[] valueLength = NO_ENTRIES;
    private int[] kind = NO_ENTRIES;
    private int inserted;
    private int count;
    private int size;
    private int most;

    HpackTable(int most) {
        this.most = most;
    }

    int count() {
        return count;
    }

    int size() {
        return size;
    }

    int most() {
        return most;
    }

    /** Bytes of its arrays. */
    int bytes() {
        return store.length + 4 * Integer.BYTES * start.length;
    }

    /** How many were inserted ever; wraps around. */
    int inserted() {
        return inserted;
    }

    /** Sets the size; entries that do not fit leave, oldest first. */
    void most(int newMost) {
        most = newMost;
        while (size > most) {
            evict();
        }
    }

    /** The place of an entry, 1 for the newest up to {@link #count}. */
    int place(int index) {
        return inserted - index & start.length - 1;
    }

    int start(int place) {
        return start[place];
    }

    int nameLength(int place) {
        return nameLength[place];
    }

    int valueLength(int place) {
        return valueLength[place];
    }

    int kind(int place) {
        return kind[place];
    }

    /** Inserts a line that lies elsewhere; one that is too large empties the table (RFC 7541, section 4.4). */
    boolean insert(byte[] from, int at, int lineNameLength, int lineValueLength, int lineKind) {
        int entry = lineNameLength + lineValueLength + OVERHEAD;
        while (count > 0 && size + entry > most) {
            evict();
        }
        if (entry > most) {
            return false;
        }
        int length = lineNameLength + lineValueLength + LINE_EXTRA;
        room(length);
        if (count == start.length) {
            moreEntries();
        }
        int place = inserted++ & start.length - 1;
        System.arraycopy(from, at, store, storeEnd, length);
        start[place] = storeEnd;
        nameLength[place] = lineNameLength;
        valueLength[place] = lineValueLength;
        kind[place] = lineKind;
        storeEnd += length;
        size += entry;
        count++;
        return true;
    }

    private void evict() {
        int oldest = place(count);
        size -= nameLength[oldest] + valueLength[oldest] + OVERHEAD;
        count--;
    }

    /** Lines that are still there move to the front when the end is reached; the array is at least twice as long as they are. */
    private void room(int length) {
        if (store.length - storeEnd >= length) {
            return;
        }
        int from = count == 0 ? storeEnd : start[place(count)];
        int live = storeEnd - from;
        byte[] target = store;
        if (2 * (live + length) > store.length) {
            target = new byte[Math.max(FIRST_STORE, Integer.highestOneBit(live + length) * 4)];
        }
        System.arraycopy(store, from, target, 0, live);
        store = target;
        storeEnd = live;
        for (int i = 1; i <= count; i++) {
            start[place(i)] -= from;
        }
    }

    private void moreEntries() {
        int length = Math.max(FIRST_ENTRIES, start.length * 2);
        int[][] old = {start, nameLength, valueLength, kind};
        int[] places = new int[count];
        for (int i = 1; i <= count; i++) {
            places[i - 1] = place(i);
        }
        int[][] fresh = new int[old.length][];
        for (int which = 0; which < old.length; which++) {
            fresh[which] = new int[length];
            for (int i = 1; i <= count; i++) {
                fresh[which][inserted - i & length - 1] = old[which][places[i - 1]];
            }
        }
        start = fresh[0];
        nameLength = fresh[1];
        valueLength = fresh[2];
        kind = fresh[3];
    }

    /** Whether the entry that was inserted as that number is there and is that line. */
    boolean is(int number, byte[] from, int at, int lineNameLength, int lineValueLength) {
        int age = inserted - number;
        if (age < 1 || age > count) {
            return false;
        }
        int place = number & start.length - 1;
        return nameLength[place] == lineNameLength
                && valueLength[place] == lineValueLength
                && Arrays.equals(
                        store,
                        start[place],
                        start[place] + lineNameLength + lineValueLength + 2,
                        from,
                        at,
                        at + lineNameLength + lineValueLength + 2);
    }
}
