package terpan.http;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Small things over ASCII bytes: letter case, token grammar, numbers written into an array. No state. */
public final class Ascii {
    /** Bit of a byte that may stand in a token (RFC 9110, section 5.6.2). */
    static final byte TOKEN = 1;
    /** Bit of the underscore, which is a token byte, too. */
    static final byte UNDERSCORE = 2;
    /** Bit of a byte that may stand in a field value: HTAB, SP, visible ASCII, obs-text (RFC 9110, section 5.5). */
    static final byte VALUE = 4;
    /** Bit of a byte that may stand in a request target: visible ASCII without {@code #}. */
    static final byte TARGET = 8;
    /** Bit of a byte of a host name: unreserved and sub-delims (RFC 3986, section 3.2.2); not the percent sign. */
    static final byte REG_NAME = 16;
    /** Bit of a byte beyond ASCII. */
    static final byte RAW = 32;

    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;

    private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";
    private static final String REG_NAME_MARKS = "-._~!$&'()*+,;=";
    private static final byte[] CLASSES = new byte[256];
    private static final byte[] LOWER = new byte[256];
    private static final byte[] HEX = new byte[256];
    private static final byte[] HEX_DIGITS = {
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'
    };

    static {
        for (int b = 0; b < 256; b++) {
            boolean letter = (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z');
            boolean digit = b >= '0' && b <= '9';
            LOWER[b] = (byte) (b >= 'A' && b <= 'Z' ? b + 32 : b);
            HEX[b] = (byte) Character.digit(b < 128 ? b : 0, 16);
            int bits = 0;
            bits |= letter || digit || TOKEN_MARKS.indexOf(b) >= 0 ? TOKEN : 0;
            bits |= b == '_' ? UNDERSCORE : 0;
            bits |= b == '\t' || (b >= 0x20 && b != 0x7f) ? VALUE : 0;
            bits |= b > 0x20 && b < 0x7f && b != '#' ? TARGET : 0;
            bits |= letter || digit || REG_NAME_MARKS.indexOf(b) >= 0 ? REG_NAME : 0;
            bits |= b >= 0x80 ? RAW : 0;
            CLASSES[b] = (byte) bits;
        }
    }

    private Ascii() {}

    /** The class bits of a byte. */
    static int classOf(byte b) {
        return CLASSES[b & 0xff];
    }

    /** Whether a byte may stand in a token (RFC 9110, section 5.6.2). */
    public static boolean isToken(byte b) {
        return (CLASSES[b & 0xff] & TOKEN) != 0;
    }

    /** Whether a byte may stand in a field value (RFC 9110, section 5.5). */
    public static boolean isFieldValue(byte b) {
        return (CLASSES[b & 0xff] & VALUE) != 0;
    }

    /** Whether all bytes of a range may stand in a field value. */
    public static boolean isFieldValue(byte[] bytes, int from, int to) {
        return valueEnd(bytes, from, to) == to;
    }

    /**
     * Passes over bytes of a field value, eight at a time as long as none of them is a control byte.
     *
     * @return the index of the first byte that may not stand in a field value, or {@code to}
     */
    static int valueEnd(byte[] bytes, int from, int to) {
        int at = from;
        while (at <= to - 8 && !anyControl((long) WORDS.get(bytes, at))) {
            at += 8;
        }
        while (at < to && (CLASSES[bytes[at] & 0xff] & VALUE) != 0) {
            at++;
        }
        return at;
    }

    /** Whether one of eight bytes is below the space, or DEL; the tab, too. */
    private static boolean anyControl(long word) {
        long delAsZero = word ^ (0x7f * ONES);
        long belowSpace = (word - 0x20 * ONES) & ~word;
        long del = (delAsZero - ONES) & ~delAsZero;
        return ((belowSpace | del) & HIGH_BITS) != 0;
    }

    public static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    /** Whether a byte is optional whitespace (RFC 9110, section 5.6.3). */
    public static boolean isSpace(byte b) {
        return b == ' ' || b == '\t';
    }

    /** The value of a hexadecimal digit; -1 for any other byte. */
    public static int hexValue(byte b) {
        return HEX[b & 0xff];
    }

    /** The lower-case hexadecimal digit of a number from 0 to 15. */
    static byte hexDigit(int number) {
        return HEX_DIGITS[number];
    }

    /** The byte with an upper-case ASCII letter made lower-case. */
    public static byte lower(byte b) {
        return LOWER[b & 0xff];
    }

    /** Whether the range equals {@code lowered} but for the case of ASCII letters; {@code lowered} must be lower-case. */
    public static boolean equalsLowered(byte[] bytes, int from, int to, byte[] lowered) {
        if (to - from != lowered.length) {
            return false;
        }
        for (int i = 0; i < lowered.length; i++) {
            if (LOWER[bytes[from + i] & 0xff] != lowered[i]) {
                return false;
            }
        }
        return true;
    }

    /** Whether two ranges are equal but for the case of ASCII letters. */
    public static boolean equalsIgnoreCase(byte[] a, int aFrom, int aTo, byte[] b, int bFrom, int bTo) {
        if (aTo - aFrom != bTo - bFrom) {
            return false;
        }
        for (int i = aFrom, j = bFrom; i < aTo; i++, j++) {
            if (LOWER[a[i] & 0xff] != LOWER[b[j] & 0xff]) {
                return false;
            }
        }
        return true;
    }

    /**
     * Writes a number in decimal; at most 19 digits.
     *
     * @param value at least 0
     * @return the index after the last digit
     */
    public static int appendDecimal(byte[] into, int at, long value) {
        int digits = 1;
        for (long rest = value / 10; rest != 0; rest /= 10) {
            digits++;
        }
        long rest = value;
        for (int i = at + digits - 1; i >= at; i--) {
            into[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        return at + digits;
    }

    /**
     * Writes a number in lower-case hexadecimal without leading zeros; at most 16 digits.
     *
     * @return the index after the last digit
     */
    public static int appendHex(byte[] into, int at, long value) {
        int digits = Math.max(1, (67 - Long.numberOfLeadingZeros(value)) >>> 2);
        long rest = value;
        for (int i = at + digits - 1; i >= at; i--) {
            into[i] = HEX_DIGITS[(int) rest & 15];
            rest >>>= 4;
        }
        return at + digits;
    }
}
