package terpan.http;

import java.util.Arrays;

/**
 * Trace Context (https://www.w3.org/TR/trace-context/): traceparent, which says to which trace a request belongs and what caused it, and
 * tracestate, what others keep beside it. Pure functions over bytes.
 */
public final class TraceParent {
    /** Bytes of a traceparent of version 00 (section 3.2.2). */
    public static final int LENGTH = 55;

    /** Where the trace's id is in it, in lower-case hexadecimal. */
    public static final int TRACE_START = 3;

    public static final int TRACE_END = 35;

    /** The same of what caused the request. */
    public static final int PARENT_START = 36;

    public static final int PARENT_END = 52;

    /** The flag of a trace that whoever asks tells of (section 3.2.2.5.1). */
    public static final int SAMPLED = 1;

    /** Longest tracestate that is passed on, bytes; so much everyone should (section 3.3.1.5). */
    static final int STATE_MOST = 512;

    private static final int FLAGS_START = 53;
    private static final int MEMBERS_MOST = 32;
    private static final int KEY_MOST = 256;
    private static final int VALUE_MOST = 256;

    /** The flags that go on as they came, random (of level 2) and sampled; others must be zero (section 3.2.2.5.2). */
    private static final int FLAGS_KNOWN = 3;

    private TraceParent() {}

    /** Whether a value is a traceparent: of version 00, or of a later one that begins alike (section 4.3). */
    public static boolean isGood(byte[] bytes, int from, int to) {
        int length = to - from;
        if (length < LENGTH || !isHex(bytes, from, from + 2) || (bytes[from] == 'f' && bytes[from + 1] == 'f')) {
            return false;
        }
        boolean first = bytes[from] == '0' && bytes[from + 1] == '0';
        return (length == LENGTH || (!first && bytes[from + LENGTH] == '-'))
                && bytes[from + TRACE_START - 1] == '-'
                && isHex(bytes, from + TRACE_START, from + TRACE_END)
                && anyNotZero(bytes, from + TRACE_START, from + TRACE_END)
                && bytes[from + PARENT_START - 1] == '-'
                && isHex(bytes, from + PARENT_START, from + PARENT_END)
                && anyNotZero(bytes, from + PARENT_START, from + PARENT_END)
                && bytes[from + FLAGS_START - 1] == '-'
                && isHex(bytes, from + FLAGS_START, from + LENGTH);
    }

    private static boolean isHex(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (!(Ascii.isDigit(bytes[i]) || (bytes[i] >= 'a' && bytes[i] <= 'f'))) {
                return false;
            }
        }
        return true;
    }

    private static boolean anyNotZero(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] != '0') {
                return true;
            }
        }
        return false;
    }

    /** The flags of a good one that go on. */
    public static int flags(byte[] bytes, int from) {
        return ((Ascii.hexValue(bytes[from + FLAGS_START]) << 4) | Ascii.hexValue(bytes[from + LENGTH - 1]))
                & FLAGS_KNOWN;
    }

    /** The number that 16 hexadecimal digits are. */
    public static long number(byte[] bytes, int from) {
        long number = 0;
        for (int i = from; i < from + 2 * Long.BYTES; i++) {
            number = number << 4 | Ascii.hexValue(bytes[i]);
        }
        return number;
    }

    /** Writes one of version 00, {@link #LENGTH} bytes. */
    public static void write(byte[] into, long high, long low, long parent, int flags) {
        Arrays.fill(into, 0, LENGTH, (byte) '0');
        into[TRACE_START - 1] = '-';
        digits(into, TRACE_START, high);
        digits(into, TRACE_START + 2 * Long.BYTES, low);
        into[PARENT_START - 1] = '-';
        digits(into, PARENT_START, parent);
        into[FLAGS_START - 1] = '-';
        into[LENGTH - 1] = (byte) ('0' + (flags & FLAGS_KNOWN));
    }

    private static void digits(byte[] into, int at, long number) {
        for (int i = 0; i < 2 * Long.BYTES; i++) {
            into[at + i] = Ascii.hexDigit((int) (number >>> (60 - 4 * i)) & 15);
        }
    }

    /**
     * Whether a value is a tracestate, or a part of one in a field of several (section 3.3.1): members {@code key=value}, some of them empty.
     *
     * @return how many members it has; -1: it is none
     */
    public static int stateMembers(byte[] bytes, int from, int to) {
        if (to - from > STATE_MOST) {
            return -1;
        }
        int count = 0;
        for (int at = from; at <= to; at++) {
            int end = at;
            while (end < to && bytes[end] != ',') {
                end++;
            }
            int last = end;
            while (at < last && Ascii.isSpace(bytes[at])) {
                at++;
            }
            while (last > at && Ascii.isSpace(bytes[last - 1])) {
                last--;
            }
            if (last > at && (!isMember(bytes, at, last) || ++count > MEMBERS_MOST)) {
                return -1;
            }
            at = end;
        }
        return count;
    }

    private static boolean isMember(byte[] bytes, int from, int to) {
        int equals = from;
        while (equals < to && isKeyByte(bytes[equals])) {
            equals++;
        }
        if (equals == from || equals - from > KEY_MOST || equals == to || bytes[equals] != '=') {
            return false;
        }
        int length = to - equals - 1;
        if (length < 1 || length > VALUE_MOST) {
            return false;
        }
        for (int i = equals + 1; i < to; i++) {
            if (bytes[i] < ' ' || bytes[i] > '~' || bytes[i] == '=') {
                return false;
            }
        }
        return true;
    }

    private static boolean isKeyByte(byte b) {
        return Ascii.isDigit(b) || (b >= 'a' && b <= 'z') || b == '_' || b == '-' || b == '*' || b == '/' || b == '@';
    }

    /** Whether members of all parts together are as many as may be. */
    public static boolean isWhole(int members, int bytes) {
        return members <= MEMBERS_MOST && bytes <= STATE_MOST;
    }
}
