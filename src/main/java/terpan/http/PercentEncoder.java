package terpan.http;

/** Escapes bytes beyond ASCII, as browsers do with those of a path and query (URL Standard, section 1.3). No state. */
public final class PercentEncoder {
    /** Most bytes that one byte becomes. */
    public static final int GROWTH = 3;

    private static final byte[] DIGITS = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'
    };

    private PercentEncoder() {}

    /** The bytes of a range once it is escaped. */
    static int length(byte[] bytes, int from, int to) {
        int length = to - from;
        for (int i = from; i < to; i++) {
            length += bytes[i] < 0 ? GROWTH - 1 : 0;
        }
        return length;
    }

    /**
     * Copies a range, each byte from 0x80 on as a percent sign and two hexadecimal digits, everything else as it is.
     *
     * @param into has room for {@link #GROWTH} times the range
     * @return the index after the last byte written
     */
    public static int encode(byte[] bytes, int from, int to, byte[] into, int at) {
        int out = at;
        for (int i = from; i < to; i++) {
            byte b = bytes[i];
            if (b >= 0) {
                into[out++] = b;
            } else {
                into[out++] = '%';
                into[out++] = DIGITS[(b & 0xff) >> 4];
                into[out++] = DIGITS[b & 15];
            }
        }
        return out;
    }
}
