package terpan.link.nativelink;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Writes Python's marshal format (as every Python from 3.4 on reads it) and little-endian integers to the end of one growing
 * array. Text is given as latin-1 bytes. Belongs to one loop's thread; the array is open to its package, so that a frame can
 * be sent without a copy.
 */
final class MarshalWriter {
    /** Set in a type byte: the object gets the next reference number. */
    static final int FLAG = 0x80;

    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long HIGH_BITS = 0x8080808080808080L;
    private static final int SHORT_MOST = 255;

    byte[] bytes;
    int end;

    MarshalWriter(int capacity) {
        bytes = new byte[capacity];
    }

    /** Makes room for that many bytes beyond the end. */
    void ensure(int more) {
        if (bytes.length - end < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, Math.addExact(end, more)));
        }
    }

    void raw(int value) {
        ensure(1);
        bytes[end++] = (byte) value;
    }

    void raw(byte[] from, int start, int length) {
        ensure(length);
        System.arraycopy(from, start, bytes, end, length);
        end += length;
    }

    void int32(int value) {
        ensure(4);
        INTS.set(bytes, end, value);
        end += 4;
    }

    void int32At(int at, int value) {
        INTS.set(bytes, at, value);
    }

    void list(int count) {
        raw('[');
        int32(count);
    }

    void dict() {
        raw('{');
    }

    void dictEnd() {
        raw('0');
    }

    void none() {
        raw('N');
    }

    /** The begin of {@code bytes} of that length; the caller adds the content. */
    void binary(int length) {
        ensure(5);
        bytes[end] = 's';
        INTS.set(bytes, end + 1, length);
        end += 5;
    }

    void reference(int number) {
        ensure(5);
        bytes[end] = 'r';
        INTS.set(bytes, end + 1, number);
        end += 5;
    }

    void integer(long value) {
        if (value == (int) value) {
            ensure(5);
            bytes[end] = 'i';
            INTS.set(bytes, end + 1, (int) value);
            end += 5;
            return;
        }
        long rest = Math.absExact(value);
        int digits = (63 - Long.numberOfLeadingZeros(rest)) / 15 + 1;
        raw('l');
        int32(value < 0 ? -digits : digits);
        for (int i = 0; i < digits; i++) {
            raw((int) rest);
            raw((int) (rest >>> 8) & 0x7f);
            rest >>>= 15;
        }
    }

    /** A {@code str} whose characters are the given latin-1 bytes. */
    void text(byte[] from, int start, int stop) {
        int length = stop - start;
        if (!ascii(from, start, stop)) {
            wideText(from, start, stop);
            return;
        }
        ensure(5 + length);
        if (length <= SHORT_MOST) {
            bytes[end++] = 'z';
            bytes[end++] = (byte) length;
        } else {
            bytes[end] = 'a';
            INTS.set(bytes, end + 1, length);
            end += 5;
        }
        System.arraycopy(from, start, bytes, end, length);
        end += length;
    }

    private void wideText(byte[] from, int start, int stop) {
        ensure(5 + 2 * (stop - start));
        int lengthAt = end + 1;
        bytes[end] = 'u';
        int at = lengthAt + 4;
        for (int i = start; i < stop; i++) {
            int value = from[i] & 0xff;
            if (value < 0x80) {
                bytes[at++] = (byte) value;
            } else {
                bytes[at++] = (byte) (0xc0 | (value >> 6));
                bytes[at++] = (byte) (0x80 | (value & 0x3f));
            }
        }
        INTS.set(bytes, lengthAt, at - lengthAt - 4);
        end = at;
    }

    private static boolean ascii(byte[] from, int start, int stop) {
        int i = start;
        for (; i <= stop - 8; i += 8) {
            if (((long) LONGS.get(from, i) & HIGH_BITS) != 0) {
                return false;
            }
        }
        for (; i < stop; i++) {
            if (from[i] < 0) {
                return false;
            }
        }
        return true;
    }
}
