package terpan.log;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Bytes of log lines as they are put together. It checks no bounds of its own: who encodes has made sure that the longest line
 * fits, and every variable part is cut at a given length. Belongs to one thread or lock at a time.
 */
final class LineBytes {
    private static final byte[] CUT = "...".getBytes(US_ASCII);
    private static final byte[] HEX = "0123456789abcdef".getBytes(US_ASCII);
    private static final long NANOS_PER_MICRO = 1_000;
    private static final int MICRO_DIGITS = 6;
    /** Of the largest number. */
    private static final int LONG_DIGITS = 19;

    private static final long MICROS_PER_SECOND = 1_000_000;

    /** Two digits of each number below a hundred, one behind the other. */
    private static final byte[] PAIRS = new byte[200];

    static {
        for (int number = 0; number < 100; number++) {
            PAIRS[2 * number] = (byte) ('0' + number / 10);
            PAIRS[2 * number + 1] = (byte) ('0' + number % 10);
        }
    }

    private static final VarHandle EIGHT = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    /** Eight times 1, and eight times the highest bit. */
    private static final long ONES = 0x0101_0101_0101_0101L;

    private static final long HIGH = 0x8080_8080_8080_8080L;

    /** How a byte that could forge a line or a field is written. */
    enum Escape {
        /** As Apache does: {@code \"}, {@code \\}, {@code \xhh}. */
        APACHE,
        /** As {@link #APACHE}, and a space too, for parts that stand without quotes. */
        APACHE_WORD,
        /** As in JSON; a byte over 127 stands for the character of that number. */
        JSON
    }

    final byte[] bytes;
    int end;

    /** Whole lines in it, counted by who encodes. */
    int lines;

    LineBytes(int size) {
        bytes = new byte[size];
    }

    int free() {
        return bytes.length - end;
    }

    void clear() {
        end = 0;
        lines = 0;
    }

    /** Where the line begins that this byte belongs to. */
    int lineStart(int at) {
        int start = at;
        while (start > 0 && bytes[start - 1] != '\n') {
            start--;
        }
        return start;
    }

    /** How many lines end at this byte or behind it. */
    int linesFrom(int start) {
        int count = 0;
        for (int at = start; at < end; at++) {
            count += bytes[at] == '\n' ? 1 : 0;
        }
        return count;
    }

    void put(char ascii) {
        bytes[end++] = (byte) ascii;
    }

    void put(byte[] constant) {
        System.arraycopy(constant, 0, bytes, end, constant.length);
        end += constant.length;
    }

    void put(byte[] from, int start, int stop) {
        System.arraycopy(from, start, bytes, end, stop - start);
        end += stop - start;
    }

    /** Takes out the byte at this place. */
    void takeBack(int at) {
        System.arraycopy(bytes, at + 1, bytes, at, end - at - 1);
        end--;
    }

    /** A number in decimal digits; a negative one counts as zero. */
    void digits(long number) {
        long rest = Math.max(number, 0);
        int length = 1;
        for (long power = 10; length < LONG_DIGITS && rest >= power; power *= 10) {
            length++;
        }
        digits(rest, length);
    }

    /** A number in exactly so many digits, with zeros before it. */
    void digits(long number, int length) {
        long rest = number;
        int at = end + length;
        while (at - end > 1) {
            long hundreds = rest / 100;
            int pair = 2 * (int) (rest - 100 * hundreds);
            bytes[--at] = PAIRS[pair + 1];
            bytes[--at] = PAIRS[pair];
            rest = hundreds;
        }
        if (at > end) {
            bytes[end] = (byte) ('0' + rest % 10);
        }
        end += length;
    }

    /** Nanoseconds as seconds with six places. */
    void seconds(long nanos) {
        long micros = Math.max(nanos, 0) / NANOS_PER_MICRO;
        digits(micros / MICROS_PER_SECOND);
        put('.');
        digits(micros % MICROS_PER_SECOND, MICRO_DIGITS);
    }

    /**
     * A part that comes from outside, escaped, and cut once it takes more than {@code most} bytes; at most 9 beyond that.
     *
     * @return whether it was not cut
     */
    boolean escaped(byte[] from, int start, int stop, int most, Escape escape) {
        int limit = end + most;
        int least = escape == Escape.APACHE_WORD ? ' ' + 1 : ' ';
        int at = start;
        while (at < stop) {
            if (at + Long.BYTES <= stop && end + Long.BYTES <= limit) {
                long eight = (long) EIGHT.get(from, at);
                if (areHarmless(eight, least)) {
                    EIGHT.set(bytes, end, eight);
                    end += Long.BYTES;
                    at += Long.BYTES;
                    continue;
                }
            }
            if (end >= limit) {
                put(CUT);
                return false;
            }
            int value = from[at++] & 0xff;
            if (value >= least && value < 0x7f && value != '"' && value != '\\') {
                bytes[end++] = (byte) value;
            } else {
                escape(value, escape);
            }
        }
        return true;
    }

    /** The same of a URL whose query has secrets that are hidden; at most 12 bytes beyond. */
    void escaped(byte[] url, int start, int stop, int most, Escape escape, QueryMask mask) {
        int limit = end + most;
        int at = start;
        for (long secret = mask.next(url, mask.query(url, start, stop), stop);
                secret >= 0;
                secret = mask.next(url, at, stop)) {
            if (!escaped(url, at, QueryMask.from(secret), limit - end, escape)) {
                return;
            }
            put(QueryMask.STARS);
            at = QueryMask.to(secret);
        }
        escaped(url, at, stop, limit - end, escape);
    }

    /** Whether none of eight bytes is below {@code least}, above a tilde, a quote or a backslash: looked at all at once. */
    private static boolean areHarmless(long eight, int least) {
        long harmful = eight // above 127
                | (eight - least * ONES) & ~eight
                | zeros(eight ^ 0x7f * ONES)
                | zeros(eight ^ '"' * ONES)
                | zeros(eight ^ '\\' * ONES);
        return (harmful & HIGH) == 0;
    }

    /** The highest bit of a byte is set if that, or one before it, is zero; no bit where none is. */
    private static long zeros(long eight) {
        return (eight - ONES) & ~eight & HIGH;
    }

    private void escape(int value, Escape escape) {
        put('\\');
        if (value == '"' || value == '\\') {
            put((char) value);
            return;
        }
        if (escape == Escape.JSON) {
            put('u');
            put('0');
            put('0');
        } else {
            put('x');
        }
        bytes[end++] = HEX[value >> 4];
        bytes[end++] = HEX[value & 0xf];
    }
}
