package terpan.http;

/** Percent-decoding of paths to the bytes that PATH_INFO is made of (RFC 3986, section 2.1). No state. */
public final class PercentDecoder {
    /** The result for an escape that is not one, or that stands for NUL: to be answered with 400. */
    public static final int BAD = -2;

    private PercentDecoder() {}

    /**
     * Decodes a range; may decode in place, for the result is never longer.
     *
     * @return the index after the last byte written, or {@link #BAD}
     */
    public static int decode(byte[] bytes, int from, int to, byte[] into, int at) {
        int escape = from;
        while (escape < to && bytes[escape] != '%') {
            escape++;
        }
        System.arraycopy(bytes, from, into, at, escape - from);
        int out = at + escape - from;
        for (int i = escape; i < to; i++) {
            byte b = bytes[i];
            if (b == '%') {
                if (!goodEscape(bytes, i, to)) {
                    return BAD;
                }
                b = (byte) ((Ascii.hexValue(bytes[i + 1]) << 4) | Ascii.hexValue(bytes[i + 2]));
                i += 2;
            }
            into[out++] = b;
        }
        return out;
    }

    /** Whether two hexadecimal digits that are not both zero follow the percent sign at {@code at}. */
    static boolean goodEscape(byte[] bytes, int at, int to) {
        if (at + 2 >= to) {
            return false;
        }
        int high = Ascii.hexValue(bytes[at + 1]);
        int low = Ascii.hexValue(bytes[at + 2]);
        return high >= 0 && low >= 0 && (high | low) != 0;
    }
}
