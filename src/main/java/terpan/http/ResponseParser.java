package terpan.http;

/**
 * Reads the heads of workers' answers as strictly as those of requests: a worker is not trusted either. Resumable line by line;
 * holds no state of its own.
 */
public final class ResponseParser {
    /** The head is not complete: call again with the same head when more bytes are there. */
    public static final int NEED_MORE = FieldLines.NEED_MORE;

    /** Most bytes of a head with the empty line at its end. */
    public static final int HEAD_MOST = 64 * 1024;

    /** Most field lines. */
    public static final int FIELDS_MOST = 200;

    private static final int VERSION_LENGTH = 8;
    private static final int STATUS_END = 12;

    /**
     * Goes on with the head where it was left; begins a new one at {@code from} when the last is complete.
     *
     * @param from where the head begins (ignored when it is begun already)
     * @param to end of the bytes read so far
     * @return the index after the head's empty line; {@link #NEED_MORE}; or -2 or less for nonsense, see {@link #problem}
     */
    public int parse(byte[] bytes, int from, int to, ResponseHead head) {
        if (head.phase == Head.DONE) {
            head.reset(bytes, from);
        }
        int limit = head.start + HEAD_MOST;
        boolean atLimit = limit <= to;
        int stop = Math.min(to, limit);
        int at = head.resumeAt;
        if (head.phase == Head.FIRST_LINE) {
            at = statusLine(head, bytes, at, stop, atLimit);
            if (at < 0) {
                return at;
            }
            head.phase = Head.FIELD_LINES;
            head.resumeAt = at;
        }
        return fieldLines(head, bytes, at, stop, atLimit);
    }

    /** What is wrong, in one sentence, for a result of -2 or less. */
    public static String problem(int result) {
        return Refusal.of(result).reason();
    }

    /** Whether an answer has no body whatever its fields say (RFC 9112, section 6.3). */
    public static boolean bodyless(int requestMethod, int status) {
        return requestMethod == Method.HEAD || status < 200 || status == 204 || status == 304;
    }

    private static int statusLine(ResponseHead head, byte[] bytes, int from, int stop, boolean atLimit) {
        for (int i = 0; i < STATUS_END; i++) {
            if (from + i == stop) {
                return FieldLines.pending(atLimit);
            }
            if (!statusLineByte(bytes[from + i], i)) {
                return Refusal.BAD_STATUS_LINE.result();
            }
        }
        int at = from + STATUS_END;
        if (at == stop) {
            return FieldLines.pending(atLimit);
        }
        head.reasonStart = at;
        if (bytes[at] == ' ') {
            head.reasonStart = ++at;
            at = Ascii.valueEnd(bytes, at, stop);
        }
        if (at == stop) {
            return FieldLines.pending(atLimit);
        }
        if (bytes[at] != '\r') {
            return (bytes[at] == '\n' ? Refusal.BARE_LF : Refusal.BAD_STATUS_LINE).result();
        }
        if (at + 1 == stop) {
            return FieldLines.pending(atLimit);
        }
        if (bytes[at + 1] != '\n') {
            return Refusal.BARE_CR.result();
        }
        head.reasonEnd = at;
        head.version = RequestLine.known(10 + bytes[from + 7] - '0');
        head.status = (bytes[from + 9] - '0') * 100 + (bytes[from + 10] - '0') * 10 + bytes[from + 11] - '0';
        return at + 2;
    }

    private static boolean statusLineByte(byte b, int place) {
        if (place < VERSION_LENGTH) {
            return place == 5 ? b == '1' : RequestLine.versionByte(b, place);
        }
        return switch (place) {
            case 8 -> b == ' ';
            case 9 -> b >= '1' && b <= '5';
            default -> Ascii.isDigit(b);
        };
    }

    private static int fieldLines(ResponseHead head, byte[] bytes, int from, int stop, boolean atLimit) {
        int at = from;
        while (at < stop && bytes[at] != '\r') {
            int next = FieldLines.read(head, bytes, at, stop, atLimit, HEAD_MOST, FIELDS_MOST);
            if (next < 0) {
                return next;
            }
            int index = head.fieldCount - 1;
            byte field = head.field[index];
            if (field != Field.OTHER) {
                int judged = judge(head, bytes, index, field);
                if (judged < 0) {
                    return judged;
                }
                head.seen |= 1L << field;
            }
            at = next;
            head.resumeAt = at;
        }
        if (stop - at < 2) {
            return FieldLines.pending(atLimit);
        }
        return bytes[at + 1] == '\n' ? finish(head, at + 2) : Refusal.BARE_CR.result();
    }

    private static int judge(ResponseHead head, byte[] bytes, int index, byte field) {
        int from = head.valueStart[index];
        int to = head.valueEnd[index];
        if (field == Field.CONTENT_LENGTH) {
            if (head.has(Field.CONTENT_LENGTH)) {
                return Refusal.CONTENT_LENGTH_REPEATED.result();
            }
            head.lengthGiven = FieldLines.contentLength(bytes, from, to);
            return head.lengthGiven < 0 ? Refusal.BAD_CONTENT_LENGTH.result() : 0;
        }
        if (field == Field.TRANSFER_ENCODING) {
            if (head.version == 10) {
                return Refusal.ENCODING_IN_OLD_VERSION.result();
            }
            if (head.has(Field.TRANSFER_ENCODING)) {
                return Refusal.BAD_TRANSFER_ENCODING.result();
            }
            return FieldLines.transferEncoding(bytes, from, to);
        }
        return 0;
    }

    private static int finish(ResponseHead head, int end) {
        head.chunked = head.has(Field.TRANSFER_ENCODING);
        if (head.chunked && head.has(Field.CONTENT_LENGTH)) {
            return Refusal.LENGTH_AND_ENCODING.result();
        }
        head.contentLength = head.lengthGiven;
        int connection = FieldLines.connection(head);
        if (connection < 0) {
            return connection;
        }
        head.keepAlive = FieldLines.kept(head);
        head.end = end;
        head.resumeAt = end;
        head.phase = Head.DONE;
        return end;
    }
}
