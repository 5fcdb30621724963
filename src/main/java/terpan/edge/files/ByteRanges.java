package terpan.edge.files;

import java.util.Arrays;
import terpan.http.Ascii;

/**
 * Which bytes of a file are wanted (RFC 9110, section 14). What is no range of bytes, more ranges than 32, and ranges that have more bytes
 * together than the file are not honoured, as section 14.2 allows: the whole file costs less. Immutable.
 */
public final class ByteRanges {
    /** Most ranges of one request. */
    static final int MOST = 32;

    /** All of it. */
    public static final ByteRanges WHOLE = new ByteRanges(new long[0], false);

    /** None of what is wanted is there (416). */
    public static final ByteRanges UNSATISFIABLE = new ByteRanges(new long[0], true);

    private static final byte[] UNIT = {'b', 'y', 't', 'e', 's', '='};

    private final long[] bounds;
    private final boolean unsatisfiable;

    private ByteRanges(long[] bounds, boolean unsatisfiable) {
        this.bounds = bounds;
        this.unsatisfiable = unsatisfiable;
    }

    /** Whether none of what is wanted is there. */
    public boolean isUnsatisfiable() {
        return unsatisfiable;
    }

    /** How many there are; 0: the whole file, or nothing. */
    public int count() {
        return bounds.length / 2;
    }

    /** The first byte of a range. */
    public long start(int range) {
        return bounds[2 * range];
    }

    /** One past its last byte. */
    public long end(int range) {
        return bounds[2 * range + 1];
    }

    /** Reads the value of Range for a file of so many bytes; an empty one is always whole. */
    static ByteRanges read(byte[] bytes, int from, int to, long size) {
        if (size == 0 || to - from <= UNIT.length || !Ascii.equalsLowered(bytes, from, from + UNIT.length, UNIT)) {
            return WHOLE;
        }
        long[] bounds = new long[2 * MOST];
        int count = 0;
        int asked = 0;
        long total = 0;
        for (int at = from + UNIT.length; at <= to; ) {
            int end = at;
            while (end < to && bytes[end] != ',') {
                end++;
            }
            int first = at;
            int last = end;
            while (first < last && Ascii.isSpace(bytes[first])) {
                first++;
            }
            while (first < last && Ascii.isSpace(bytes[last - 1])) {
                last--;
            }
            at = end + 1;
            if (first == last) {
                continue; // an empty element of a list
            }
            if (++asked > MOST || !range(bytes, first, last, size, bounds, 2 * count)) {
                return WHOLE;
            }
            if (bounds[2 * count] < bounds[2 * count + 1]) {
                total += bounds[2 * count + 1] - bounds[2 * count];
                count++;
            }
        }
        if (count == 0) {
            return asked == 0 ? WHOLE : UNSATISFIABLE;
        }
        return count > 1 && total > size ? WHOLE : new ByteRanges(Arrays.copyOf(bounds, 2 * count), false);
    }

    /** One range, as far as the file has it: empty where it does not. False where it is none. */
    private static boolean range(byte[] bytes, int from, int to, long size, long[] into, int at) {
        int dash = from;
        while (dash < to && bytes[dash] != '-') {
            dash++;
        }
        long first = number(bytes, from, dash);
        long last = dash < to ? number(bytes, dash + 1, to) : -2;
        if (dash == to || first == -2 || last == -2 || (first == -1 && last == -1)) {
            return false;
        }
        if (first == -1) {
            into[at] = Math.max(0, size - last);
            into[at + 1] = size;
            return true;
        }
        if (last >= 0 && last < first) {
            return false;
        }
        into[at] = Math.min(first, size);
        into[at + 1] = last < 0 || last >= size ? size : last + 1;
        return true;
    }

    /** A number that is too large for one is the largest; -1: there is none; -2: it is none. */
    private static long number(byte[] bytes, int from, int to) {
        if (from == to) {
            return -1;
        }
        long number = 0;
        for (int i = from; i < to; i++) {
            if (!Ascii.isDigit(bytes[i])) {
                return -2;
            }
            number = number > Long.MAX_VALUE / 100 ? number : number * 10 + bytes[i] - '0';
        }
        return number;
    }
}
