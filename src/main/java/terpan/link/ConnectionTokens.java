package terpan.link;

import static java.nio.charset.StandardCharsets.US_ASCII;

import terpan.http.Field;
import terpan.http.RequestHead;

/** The field names that a request's Connection field lists: they are for this hop alone (RFC 9110, section 7.6.1). */
final class ConnectionTokens {
    private static final int MOST = 32;
    private static final byte[] CLOSE = "close".getBytes(US_ASCII);
    private static final byte[] KEPT = "keep-alive".getBytes(US_ASCII);

    private final int[] starts = new int[MOST];
    private final int[] ends = new int[MOST];
    private byte[] bytes = new byte[0];
    private int count;

    /** Reads the head's Connection fields; false when they name no field that needs a look. */
    boolean read(RequestHead head) {
        count = 0;
        bytes = head.bytes;
        for (int i = 0; i < head.fieldCount; i++) {
            if (head.field[i] == Field.CONNECTION) {
                split(head.valueStart[i], head.valueEnd[i]);
            }
        }
        return count > 0;
    }

    /** Whether the name is listed. */
    boolean name(byte[] array, int start, int end) {
        for (int i = 0; i < count; i++) {
            if (same(starts[i], ends[i], array, start, end)) {
                return true;
            }
        }
        return false;
    }

    private void split(int start, int end) {
        int from = start;
        while (from < end) {
            int to = from;
            while (to < end && bytes[to] != ',') {
                to++;
            }
            token(from, to);
            from = to + 1;
        }
    }

    private void token(int start, int end) {
        int from = start;
        int to = end;
        while (from < to && blank(bytes[from])) {
            from++;
        }
        while (from < to && blank(bytes[to - 1])) {
            to--;
        }
        boolean usual = from == to || same(from, to, CLOSE, 0, CLOSE.length) || same(from, to, KEPT, 0, KEPT.length);
        if (!usual && count < MOST) {
            starts[count] = from;
            ends[count++] = to;
        }
    }

    private boolean same(int tokenStart, int tokenEnd, byte[] array, int start, int end) {
        if (tokenEnd - tokenStart != end - start) {
            return false;
        }
        for (int i = 0; i < end - start; i++) {
            if (lower(bytes[tokenStart + i]) != lower(array[start + i])) {
                return false;
            }
        }
        return true;
    }

    private static boolean blank(byte value) {
        return value == ' ' || value == '\t';
    }

    private static byte lower(byte value) {
        return value >= 'A' && value <= 'Z' ? (byte) (value | 0x20) : value;
    }
}
