package terpan.http;

/**
 * Reads a request line into a head (RFC 9112, section 3): method, one space, target, one space, version, CRLF. Stops at the first
 * byte that is wrong, so that the result does not depend on how the bytes were cut; what concerns the whole line is judged when
 * the line is complete.
 */
final class RequestLine {
    /** Longest method that is read; no registered one is longer than 17. */
    static final int METHOD_MOST = 32;

    private static final byte[] VERSION_BEGIN = {'H', 'T', 'T', 'P', '/'};
    private static final int VERSION_LENGTH = 8;
    private static final byte TLS_HANDSHAKE = 0x16;

    private RequestLine() {}

    /**
     * Reads the line that begins at {@code from}.
     *
     * @param stop end of the bytes that are there or allowed, whichever comes first
     * @return the index after the line; NEED_MORE; or a refusal
     */
    static int read(RequestHead head, byte[] bytes, int from, int stop, boolean atLimit, HeadLimits limits) {
        int at = from;
        int methodTo = Math.min(stop, from + METHOD_MOST);
        while (at < methodTo && Ascii.isToken(bytes[at])) {
            at++;
        }
        if (at == stop) {
            return FieldLines.pending(atLimit);
        }
        if (bytes[at] != ' ' || at == from) {
            return badMethod(bytes[at], at - from);
        }
        head.methodStart = from;
        head.methodEnd = at;
        int targetStart = ++at;
        int targetTo = Math.min(stop, targetStart + limits.targetMost());
        int allowed = limits.targetBytes();
        int seen = 0;
        while (at < targetTo && (Ascii.classOf(bytes[at]) & allowed) != 0) {
            seen |= bytes[at++];
        }
        if (at == stop) {
            return FieldLines.pending(atLimit);
        }
        if (bytes[at] != ' ' || at == targetStart) {
            return badTarget(bytes[at], at - targetStart == limits.targetMost());
        }
        head.targetStart = targetStart;
        head.targetEnd = at;
        head.targetRaw = seen < 0;
        return version(head, bytes, at + 1, stop, atLimit, limits.targetMost());
    }

    private static int badMethod(byte b, int length) {
        Refusal refusal;
        if (length == METHOD_MOST && Ascii.isToken(b)) {
            refusal = Refusal.METHOD_TOO_LONG;
        } else if (length == 0 && b == TLS_HANDSHAKE) {
            refusal = Refusal.TLS_ON_PLAIN_PORT;
        } else {
            refusal = lineBreakOr(b, Refusal.BAD_METHOD);
        }
        return refusal.result();
    }

    private static int badTarget(byte b, boolean full) {
        Refusal refusal;
        if (full && (Ascii.classOf(b) & (Ascii.TARGET | Ascii.RAW)) != 0) {
            refusal = Refusal.TARGET_TOO_LONG;
        } else if (b == '#') {
            refusal = Refusal.FRAGMENT_IN_TARGET;
        } else {
            refusal = b == ' ' ? Refusal.BAD_REQUEST_LINE : lineBreakOr(b, Refusal.BAD_TARGET);
        }
        return refusal.result();
    }

    private static Refusal lineBreakOr(byte b, Refusal other) {
        if (b == '\n') {
            return Refusal.BARE_LF;
        }
        return b == '\r' ? Refusal.BAD_REQUEST_LINE : other;
    }

    private static int version(RequestHead head, byte[] bytes, int from, int stop, boolean atLimit, int targetMost) {
        for (int i = 0; i < VERSION_LENGTH; i++) {
            if (from + i == stop) {
                return FieldLines.pending(atLimit);
            }
            if (!versionByte(bytes[from + i], i)) {
                return Refusal.BAD_VERSION.result();
            }
        }
        int at = from + VERSION_LENGTH;
        if (at == stop) {
            return FieldLines.pending(atLimit);
        }
        if (bytes[at] != '\r') {
            return (bytes[at] == '\n' ? Refusal.BARE_LF : Refusal.BAD_VERSION).result();
        }
        if (at + 1 == stop) {
            return FieldLines.pending(atLimit);
        }
        if (bytes[at + 1] != '\n') {
            return Refusal.BARE_CR.result();
        }
        head.version = known((bytes[at - 3] - '0') * 10 + bytes[at - 1] - '0');
        int judged = judge(head, bytes, targetMost);
        return judged == 0 ? at + 2 : judged;
    }

    /** A later minor version of HTTP/1 is taken as the latest that is spoken here (RFC 9110, section 6.2). */
    static int known(int version) {
        return version > 11 && version < 20 ? 11 : version;
    }

    /** Whether a byte may stand at a place of {@code HTTP/d.d}. */
    static boolean versionByte(byte b, int place) {
        if (place < VERSION_BEGIN.length) {
            return b == VERSION_BEGIN[place];
        }
        return place == 6 ? b == '.' : Ascii.isDigit(b);
    }

    private static int judge(RequestHead head, byte[] bytes, int targetMost) {
        if (head.version != 11 && head.version != 10) {
            return Refusal.VERSION_UNSUPPORTED.result();
        }
        head.method = Method.of(bytes, head.methodStart, head.methodEnd);
        if (head.method == Method.CONNECT) {
            return Refusal.CONNECT_REFUSED.result();
        }
        return Target.read(head, bytes, targetMost);
    }
}
