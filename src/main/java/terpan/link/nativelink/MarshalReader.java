package terpan.link.nativelink;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Reads a strict subset of Python's marshal format in place: list, tuple, int, str, bytes; no references. The caller asks for
 * the type that has to come, so depth is bounded by its code and lengths by the bytes at hand. Text is turned to latin-1
 * within the array it lies in, where it only shrinks. Belongs to one loop's thread.
 */
final class MarshalReader {
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int DIGITS_MOST = 4;

    private static final byte[] NONE = new byte[0];

    private byte[] bytes = NONE;
    private int at;
    private int stop;

    /** The span of the last {@link #text} or {@link #binary}. */
    int spanStart;

    int spanEnd;

    /** Whether all characters of the last text are latin-1; its span means nothing otherwise. */
    boolean spanFits;

    void over(byte[] array, int start, int end) {
        bytes = array;
        at = start;
        stop = end;
    }

    /** Reads nothing any more, and holds no array. */
    void forget() {
        over(NONE, 0, 0);
    }

    /** A list's length; each item takes a byte at least. */
    int list() throws MarshalException {
        expect('[', "a list");
        return count("items of a list");
    }

    /** A tuple of that length, in either form. */
    void tuple(int length) throws MarshalException {
        tuple(length, length);
    }

    /** A tuple that is so long, in either form; its length. */
    int tuple(int least, int most) throws MarshalException {
        int type = type();
        int found = switch (type) {
            case '(' -> count("items of a tuple");
            case ')' -> type();
            default -> throw unexpected("a tuple", type);
        };
        if (found < least || found > most) {
            String expected = least == most ? "a tuple of " + least : "a tuple of " + least + " to " + most;
            throw new MarshalException(expected + " expected, " + found + " found");
        }
        return found;
    }

    long integer() throws MarshalException {
        int type = type();
        if (type == 'i') {
            return int32();
        }
        if (type != 'l') {
            throw unexpected("an int", type);
        }
        int digits = int32();
        if (digits < 1 || digits > DIGITS_MOST || stop - at < 2 * digits) {
            throw new MarshalException("an int of " + digits + " digits, 1 to " + DIGITS_MOST + " expected");
        }
        long value = 0;
        for (int i = 0; i < digits; i++) {
            int digit = (bytes[at] & 0xff) | ((bytes[at + 1] & 0xff) << 8);
            if (digit > 0x7fff) {
                throw new MarshalException("a digit of an int over 15 bits");
            }
            value |= (long) digit << (15 * i);
            at += 2;
        }
        return value;
    }

    /** Bytes; the span lies in the array that is read. */
    void binary() throws MarshalException {
        expect('s', "bytes");
        span(count("bytes"));
    }

    /** A str; the span holds its latin-1 bytes, if it fits. */
    void text() throws MarshalException {
        int type = type();
        switch (type) {
            case 'z', 'Z' -> {
                int length = type();
                if (stop - at < length) {
                    throw new MarshalException("a str of " + length + " bytes where " + (stop - at) + " are left");
                }
                span(length);
                requireAscii();
            }
            case 'a', 'A' -> {
                span(count("characters of a str"));
                requireAscii();
            }
            case 'u' -> {
                span(count("bytes of a str"));
                toLatin();
            }
            default -> throw unexpected("a str", type);
        }
    }

    /** Nothing may be left. */
    void finish() throws MarshalException {
        if (at != stop) {
            throw new MarshalException((stop - at) + " bytes after the value");
        }
    }

    private void requireAscii() throws MarshalException {
        spanFits = true;
        if (asciiEnd() != spanEnd) {
            throw new MarshalException("a byte over 127 in an ASCII str");
        }
    }

    private int asciiEnd() {
        int i = spanStart;
        while (i < spanEnd && bytes[i] >= 0) {
            i++;
        }
        return i;
    }

    private void toLatin() throws MarshalException {
        spanFits = true;
        int from = asciiEnd();
        int to = from;
        while (from < spanEnd) {
            int lead = bytes[from++];
            if (lead >= 0) {
                bytes[to++] = (byte) lead;
                continue;
            }
            lead &= 0xff;
            int following = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
            if (lead < 0xc2 || lead > 0xf4 || spanEnd - from < following) {
                throw new MarshalException("a str that is not UTF-8");
            }
            for (int i = 0; i < following; i++) {
                if ((bytes[from + i] & 0xc0) != 0x80) {
                    throw new MarshalException("a str that is not UTF-8");
                }
            }
            if (lead > 0xc3) {
                spanFits = false;
            } else {
                bytes[to++] = (byte) ((lead << 6) | (bytes[from] & 0x3f));
            }
            from += following;
        }
        spanEnd = to;
    }

    private void span(int length) {
        spanStart = at;
        at += length;
        spanEnd = at;
    }

    private int count(String what) throws MarshalException {
        int count = int32();
        if (count < 0 || count > stop - at) {
            throw new MarshalException(
                    (count & 0xffffffffL) + " " + what + " where " + (stop - at) + " bytes are left");
        }
        return count;
    }

    private int int32() throws MarshalException {
        if (stop - at < 4) {
            throw new MarshalException("the value ends within a number");
        }
        int value = (int) INTS.get(bytes, at);
        at += 4;
        return value;
    }

    private int type() throws MarshalException {
        if (at == stop) {
            throw new MarshalException("the value ends too soon");
        }
        return bytes[at++] & 0xff;
    }

    private void expect(int wanted, String what) throws MarshalException {
        int type = type();
        if (type != wanted) {
            throw unexpected(what, type);
        }
    }

    private static MarshalException unexpected(String what, int type) {
        return new MarshalException(what + " expected, type byte " + type + " found");
    }
}
