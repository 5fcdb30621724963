package terpan.http2;

/**
 * The Huffman code of HPACK (RFC 7541, section 5.2 and appendix B). The code is canonical: the lengths say it all. Decoding is strict:
 * at the end at most seven bits of padding, all ones, and never the end symbol. No state.
 */
final class Huffman {
    private static final byte[] LENGTHS = {
        13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
        28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
        6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
        5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
        13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
        7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
        15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
        6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
        20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
        24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
        22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
        21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
        26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
        19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
        20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
        26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26
    };

    private static final int END_SYMBOL = 256;
    private static final int LONGEST = 30;

    /** Codes of at most so many bits, nearly all that occur, are found with one look. */
    private static final int NEAR = 10;

    private static final int[] CODES = new int[256];

    /** Symbols in the order of their codes; the first code of each length, and where it stands among the symbols. */
    private static final short[] SYMBOLS = new short[257];

    private static final int[] FIRST = new int[LONGEST + 2];
    private static final int[] OFFSET = new int[LONGEST + 2];

    /** Symbol and length of the code that the next bits begin with; 0 where it is longer. */
    private static final short[] LOOK = new short[1 << NEAR];

    static {
        int code = 0;
        int place = 0;
        for (int length = 1; length <= LONGEST; length++) {
            code <<= 1;
            FIRST[length] = code;
            OFFSET[length] = place;
            for (int symbol = 0; symbol < END_SYMBOL; symbol++) {
                if (LENGTHS[symbol] == length) {
                    CODES[symbol] = code;
                    SYMBOLS[place++] = (short) symbol;
                    look(symbol, code++, length);
                }
            }
        }
        SYMBOLS[place] = END_SYMBOL;
        OFFSET[LONGEST + 1] = place + 1;
    }

    private Huffman() {}

    private static void look(int symbol, int code, int length) {
        if (length <= NEAR) {
            int from = code << (NEAR - length);
            for (int i = 0; i < 1 << (NEAR - length); i++) {
                LOOK[from + i] = (short) (symbol << 4 | length);
            }
        }
    }

    /** Most bytes that so many coded ones can stand for. */
    static int decodedMost(int coded) {
        return coded * 8 / 5;
    }

    /**
     * Decodes into an array that has room.
     *
     * @return the index after the last byte; -1 for what is no good code
     */
    static int decode(byte[] coded, int from, int to, byte[] into, int at) {
        long bits = 0;
        int count = 0;
        int next = from;
        int out = at;
        while (true) {
            while (count <= 56 && next < to) {
                bits = bits << 8 | coded[next++] & 0xff;
                count += 8;
            }
            while (count >= NEAR) {
                short found = LOOK[(int) (bits >>> (count - NEAR)) & ((1 << NEAR) - 1)];
                if (found == 0) {
                    break;
                }
                into[out++] = (byte) (found >> 4);
                count -= found & 15;
            }
            if (next < to && count <= 56) {
                continue;
            }
            if (count < NEAR) {
                return last(bits, count, into, out);
            }
            int found = far(bits, count);
            if (found < 0) {
                return -1;
            }
            into[out++] = (byte) (found >> 5);
            count -= found & 31;
        }
    }

    /** What is left when the input is used up: codes of few bits, then padding. */
    private static int last(long bits, int bitCount, byte[] into, int at) {
        int count = bitCount;
        int out = at;
        while (count > 0) {
            int filled = (int) (bits << (NEAR - count) | (1 << (NEAR - count)) - 1) & ((1 << NEAR) - 1);
            int found = LOOK[filled];
            if (found == 0 || (found & 15) > count) {
                boolean padding = count < 8 && filled == (1 << NEAR) - 1;
                return padding ? out : -1;
            }
            into[out++] = (byte) (found >> 4);
            count -= found & 15;
        }
        return out;
    }

    /** A code of more than {@link #NEAR} bits: symbol and length; -1 for none, and for the end symbol. */
    private static int far(long bits, int count) {
        for (int length = NEAR + 1; length <= LONGEST; length++) {
            if (length > count) {
                return -1;
            }
            int code = (int) (bits >>> (count - length)) & ((1 << length) - 1);
            int place = code - FIRST[length];
            if (place >= 0 && place < OFFSET[length + 1] - OFFSET[length]) {
                int symbol = SYMBOLS[OFFSET[length] + place];
                return symbol == END_SYMBOL ? -1 : symbol << 5 | length;
            }
        }
        return -1;
    }

    /** Bytes that a text has when it is coded. */
    static int codedLength(byte[] bytes, int from, int to) {
        long bits = 0;
        for (int i = from; i < to; i++) {
            bits += LENGTHS[bytes[i] & 0xff];
        }
        return (int) ((bits + 7) >>> 3);
    }

    /**
     * Encodes into an array that has room.
     *
     * @return the index after the last byte
     */
    static int encode(byte[] bytes, int from, int to, byte[] into, int at) {
        long bits = 0;
        int count = 0;
        int out = at;
        for (int i = from; i < to; i++) {
            int symbol = bytes[i] & 0xff;
            int length = LENGTHS[symbol];
            bits = bits << length | CODES[symbol];
            count += length;
            while (count >= 8) {
                count -= 8;
                into[out++] = (byte) (bits >>> count);
            }
        }
        if (count > 0) {
            into[out++] = (byte) (bits << (8 - count) | 0xff >> count);
        }
        return out;
    }
}
