package terpan.http;

/**
 * Reads one field line into a head (RFC 9112, section 5), for requests and answers alike: strict names, strict values, CRLF
 * alone ends a line. Stops at the first byte that is wrong, so that the result does not depend on how the bytes were cut.
 */
final class FieldLines {
    static final int NEED_MORE = -1;

    /** More options than this in all Connection fields are refused: each is compared with each field. */
    private static final int OPTIONS_MOST = 32;

    private static final byte[] CLOSE = {'c', 'l', 'o', 's', 'e'};
    private static final byte[] KEEP_ALIVE = {'k', 'e', 'e', 'p', '-', 'a', 'l', 'i', 'v', 'e'};
    private static final byte[] CHUNKED = {'c', 'h', 'u', 'n', 'k', 'e', 'd'};

    /** Fields that a Connection option cannot drop: framing and routing need them, or they are treated apart anyway. */
    private static final long KEPT = (1L << Field.HOST)
            | (1L << Field.CONTENT_LENGTH)
            | (1L << Field.TRANSFER_ENCODING)
            | (1L << Field.CONNECTION)
            | (1L << Field.EXPECT)
            | (1L << Field.FORWARDED)
            | (1L << Field.X_FORWARDED)
            | (1L << Field.PRIVATE);

    private FieldLines() {}

    /**
     * Reads the line that begins at {@code from}, which is not the empty line.
     *
     * @param stop end of the bytes that are there or allowed, whichever comes first
     * @param atLimit whether {@code stop} is the head's limit
     * @return the index after the line; NEED_MORE; or a refusal
     */
    static int read(Head head, byte[] bytes, int from, int stop, boolean atLimit, int fieldMost, int fieldsMost) {
        int lineMost = from + fieldMost;
        int scanTo = Math.min(stop, lineMost);
        int at = from;
        int bits = 0;
        while (at < scanTo) {
            int b = Ascii.classOf(bytes[at]);
            if ((b & Ascii.TOKEN) == 0) {
                break;
            }
            bits |= b;
            at++;
        }
        if (at == stop) {
            return pending(atLimit);
        }
        if (bytes[at] != ':' || at == from || at == lineMost) {
            return badName(bytes[at], at == from, at == lineMost, head.fieldCount == 0);
        }
        int nameEnd = at++;
        at = Ascii.valueEnd(bytes, at, scanTo);
        if (at == stop) {
            return pending(atLimit);
        }
        if (bytes[at] != '\r') {
            return (at == lineMost ? Refusal.FIELD_TOO_LARGE : badValue(bytes[at])).result();
        }
        if (at + 1 == stop) {
            return pending(atLimit);
        }
        if (bytes[at + 1] != '\n') {
            return Refusal.BARE_CR.result();
        }
        if (head.fieldCount == fieldsMost) {
            return Refusal.TOO_MANY_FIELDS.result();
        }
        add(head, bytes, from, nameEnd, at, (bits & Ascii.UNDERSCORE) != 0);
        return at + 2;
    }

    static int pending(boolean atLimit) {
        return atLimit ? Refusal.HEAD_TOO_LARGE.result() : NEED_MORE;
    }

    private static int badName(byte b, boolean first, boolean tooLong, boolean firstLine) {
        Refusal refusal;
        if (tooLong) {
            refusal = Refusal.FIELD_TOO_LARGE;
        } else if (Ascii.isSpace(b)) {
            refusal = first && !firstLine ? Refusal.FOLDED_LINE : Refusal.SPACE_IN_NAME;
        } else if (b == '\n') {
            refusal = Refusal.BARE_LF;
        } else if (b == '\r') {
            refusal = Refusal.NO_COLON;
        } else {
            refusal = b == ':' ? Refusal.EMPTY_NAME : Refusal.BAD_NAME;
        }
        return refusal.result();
    }

    private static Refusal badValue(byte b) {
        return b == '\n' ? Refusal.BARE_LF : Refusal.BAD_VALUE;
    }

    private static void add(Head head, byte[] bytes, int from, int nameEnd, int lineEnd, boolean underscore) {
        int valueStart = nameEnd + 1;
        int valueEnd = lineEnd;
        while (valueStart < valueEnd && Ascii.isSpace(bytes[valueStart])) {
            valueStart++;
        }
        while (valueEnd > valueStart && Ascii.isSpace(bytes[valueEnd - 1])) {
            valueEnd--;
        }
        int index = head.addField();
        head.nameStart[index] = from;
        head.nameEnd[index] = nameEnd;
        head.valueStart[index] = valueStart;
        head.valueEnd[index] = valueEnd;
        head.field[index] = underscore && head instanceof RequestHead ? Field.DROPPED : Field.of(bytes, from, nameEnd);
    }

    /**
     * Reads a Content-Length: digits alone (RFC 9110, section 8.6).
     *
     * @return the number; -1 for anything else, lists and numbers past {@link Long#MAX_VALUE} included
     */
    static long contentLength(byte[] bytes, int from, int to) {
        if (from == to) {
            return -1;
        }
        long value = 0;
        for (int i = from; i < to; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9 || value > (Long.MAX_VALUE - digit) / 10) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return value;
    }

    /**
     * Judges a Transfer-Encoding value (RFC 9112, sections 6.1 and 6.3).
     *
     * @return 0 for {@code chunked} alone, else a refusal: 501 for unknown codings before one final chunked, 400 for the rest, which
     *     has no reliable end
     */
    static int transferEncoding(byte[] bytes, int from, int to) {
        if (Ascii.equalsLowered(bytes, from, to, CHUNKED)) {
            return 0;
        }
        int at = from;
        while (true) {
            int start = at;
            while (at < to && Ascii.isToken(bytes[at])) {
                at++;
            }
            boolean chunked = Ascii.equalsLowered(bytes, start, at, CHUNKED);
            if (at == to) {
                return (chunked ? Refusal.ENCODING_UNSUPPORTED : Refusal.BAD_TRANSFER_ENCODING).result();
            }
            int next = Lists.afterComma(bytes, at, to);
            if (start == at || chunked || next < 0) {
                return Refusal.BAD_TRANSFER_ENCODING.result();
            }
            at = next;
        }
    }

    /**
     * Reads all Connection fields: close, keep-alive, and the names of fields to drop (RFC 9110, section 7.6.1).
     *
     * @return 0, or a refusal
     */
    static int connection(Head head) {
        if (!head.has(Field.CONNECTION)) {
            return 0;
        }
        int options = 0;
        for (int i = 0; i < head.fieldCount && options >= 0; i++) {
            if (head.field[i] == Field.CONNECTION) {
                options = options(head, head.valueStart[i], head.valueEnd[i], options);
            }
        }
        return Math.min(options, 0);
    }

    private static int options(Head head, int from, int to, int before) {
        byte[] bytes = head.bytes;
        int options = before;
        int at = from;
        while (at < to) {
            byte b = bytes[at];
            if (b == ',' || Ascii.isSpace(b)) {
                at++;
                continue;
            }
            int start = at;
            while (at < to && Ascii.isToken(bytes[at])) {
                at++;
            }
            int separator = at;
            while (separator < to && Ascii.isSpace(bytes[separator])) {
                separator++;
            }
            if (start == at || (separator < to && bytes[separator] != ',')) {
                return Refusal.BAD_CONNECTION.result();
            }
            if (++options > OPTIONS_MOST) {
                return Refusal.TOO_MANY_CONNECTION_OPTIONS.result();
            }
            option(head, bytes, start, at);
        }
        return options;
    }

    private static void option(Head head, byte[] bytes, int from, int to) {
        if (Ascii.equalsLowered(bytes, from, to, CLOSE)) {
            head.closeOption = true;
        } else if (Ascii.equalsLowered(bytes, from, to, KEEP_ALIVE)) {
            head.keepAliveOption = true;
        } else {
            drop(head, bytes, from, to);
        }
    }

    private static void drop(Head head, byte[] bytes, int from, int to) {
        for (int i = 0; i < head.fieldCount; i++) {
            if (((KEPT >>> head.field[i]) & 1) == 0
                    && Ascii.equalsIgnoreCase(bytes, from, to, bytes, head.nameStart[i], head.nameEnd[i])) {
                head.field[i] = Field.DROPPED;
            }
        }
    }

    /** Whether the connection is kept after this message: version and options decide (RFC 9112, section 9.3). */
    static boolean kept(Head head) {
        return !head.closeOption && (head.version == 11 || head.keepAliveOption);
    }
}
