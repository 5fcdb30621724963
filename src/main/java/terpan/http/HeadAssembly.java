package terpan.http;

import java.util.Arrays;

/**
 * Puts a request's head together from parts that did not come as lines of text, by the rules and limits of {@link RequestParser}:
 * whatever version a request has, it is refused for the same reasons. The parts lie in the head's own array, each field as a line
 * that HTTP/1.1 would have. Limits count what the head would be as HTTP/1.1. One for each loop; puts one head together at a time.
 */
public final class HeadAssembly {
    private static final int FIRST_ROOM = 1024;

    /** Beside name and value of a line: colon, space, CRLF. */
    private static final int LINE_EXTRA = 4;

    /** Beside method and target: two spaces, the version, CRLF, and the empty line. */
    private static final int REQUEST_LINE_EXTRA = 14;

    private static final int HOST_LINE_EXTRA = 8;

    private final HeadLimits limits;
    private RequestHead head = new RequestHead();
    private byte[] bytes = head.bytes;
    private int at;
    private long size;
    private int cookieLines;

    /** Puts heads together within those limits. */
    public HeadAssembly(HeadLimits limits) {
        this.limits = limits;
    }

    /** Begins a head in its own array, which is used again. */
    public void begin(RequestHead target) {
        if (target.bytes.length < FIRST_ROOM) {
            target.bytes = new byte[FIRST_ROOM];
        }
        target.reset(target.bytes, 0);
        head = target;
        bytes = target.bytes;
        at = 0;
        size = 0;
        cookieLines = 0;
    }

    /** The head's array with room for so many bytes more from {@link #end} on. */
    public byte[] reserve(int count) {
        if (bytes.length - at < count) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, at + count));
            head.bytes = bytes;
        }
        return bytes;
    }

    /** Where the next part goes. */
    public int end() {
        return at;
    }

    /** Keeps a part that was written from {@link #end} on. */
    public void keep(int count) {
        at += count;
    }

    /**
     * The method and the target in origin form or asterisk form, wherever they lie in the array.
     *
     * @param https whether the scheme is https; every request tells one here
     * @return 0, or a refusal
     */
    public int requestLine(int methodStart, int methodEnd, int targetStart, int targetEnd, boolean https) {
        head.version = 20;
        int method = method(methodStart, methodEnd);
        if (method < 0) {
            return method;
        }
        int length = targetEnd - targetStart;
        if (length > limits.targetMost()) {
            return Refusal.TARGET_TOO_LONG.result();
        }
        head.targetStart = targetStart;
        head.targetEnd = targetEnd;
        int allowed = limits.targetBytes();
        int seen = 0;
        for (int i = targetStart; i < targetEnd; i++) {
            if ((Ascii.classOf(bytes[i]) & allowed) == 0) {
                return (bytes[i] == '#' ? Refusal.FRAGMENT_IN_TARGET : Refusal.BAD_TARGET).result();
            }
            seen |= bytes[i];
        }
        head.targetRaw = seen < 0;
        if (length == 0 || (bytes[targetStart] != '/' && bytes[targetStart] != '*')) {
            return Refusal.BAD_TARGET.result();
        }
        int read = Target.read(head, bytes, limits.targetMost());
        if (read < 0) {
            return read;
        }
        head.absoluteHttps = https;
        return grow(methodEnd - methodStart + length + REQUEST_LINE_EXTRA);
    }

    private int method(int from, int to) {
        if (to - from > RequestLine.METHOD_MOST) {
            return Refusal.METHOD_TOO_LONG.result();
        }
        for (int i = from; i < to; i++) {
            if (!Ascii.isToken(bytes[i])) {
                return Refusal.BAD_METHOD.result();
            }
        }
        if (from == to) {
            return Refusal.BAD_METHOD.result();
        }
        head.methodStart = from;
        head.methodEnd = to;
        head.method = Method.of(bytes, from, to);
        return 0;
    }

    /**
     * The host that the target names, in the place of a Host field (RFC 9113, section 8.3.1): never empty.
     *
     * @return 0, or a refusal
     */
    public int authority(int from, int to) {
        if (!HostRules.valid(bytes, from, to)) {
            return Refusal.BAD_HOST.result();
        }
        head.hostStart = from;
        head.hostEnd = to;
        head.seen |= 1L << Field.HOST;
        return grow(to - from + HOST_LINE_EXTRA);
    }

    /** Whether a Host field says the same as {@link #authority}, but for the case of letters. */
    public boolean isHost(int from, int to) {
        return Ascii.equalsIgnoreCase(bytes, from, to, bytes, head.hostStart, head.hostEnd);
    }

    /**
     * Takes the field line that was written from {@link #end} on: its name is a token, its value has no control byte.
     *
     * @param number the name's number, a constant of {@link Field}
     * @return 0, or a refusal
     */
    public int field(int nameLength, int valueLength, byte number) {
        int valueStart = at + nameLength + 2;
        if (nameLength + valueLength + 2 > limits.fieldMost()) {
            return Refusal.FIELD_TOO_LARGE.result();
        }
        if (number == Field.COOKIE && cookieLines > 0) {
            return crumb(valueStart, valueLength);
        }
        if (head.fieldCount == limits.fieldsMost()) {
            return Refusal.TOO_MANY_FIELDS.result();
        }
        int index = head.addField();
        head.nameStart[index] = at;
        head.nameEnd[index] = at + nameLength;
        head.valueStart[index] = valueStart;
        head.valueEnd[index] = valueStart + valueLength;
        head.field[index] = number;
        if (number != Field.OTHER) {
            int judged = judge(index, number);
            if (judged < 0) {
                return judged;
            }
            head.seen |= 1L << head.field[index];
        }
        at = valueStart + valueLength + 2;
        return grow(nameLength + valueLength + LINE_EXTRA);
    }

    private int judge(int index, byte number) {
        if (number == Field.COOKIE) {
            cookieLines = 1;
            return 0;
        }
        if (number == Field.HOST && head.valueStart[index] == head.valueEnd[index]) {
            return Refusal.BAD_HOST.result();
        }
        return RequestParser.judge(head, bytes, index, number);
    }

    /** A piece of Cookie (RFC 9113, section 8.2.3): joined at once to one right before it, else at the end. */
    private int crumb(int valueStart, int valueLength) {
        int last = head.fieldCount - 1;
        if (head.field[last] == Field.COOKIE) {
            int end = head.valueEnd[last];
            bytes[end] = ';';
            bytes[end + 1] = ' ';
            System.arraycopy(bytes, valueStart, bytes, end + 2, valueLength);
            int joined = end + 2 + valueLength;
            bytes[joined] = '\r';
            bytes[joined + 1] = '\n';
            head.valueEnd[last] = joined;
            at = joined + 2;
            return joined - head.nameStart[last] > limits.fieldMost()
                    ? Refusal.FIELD_TOO_LARGE.result()
                    : grow(valueLength + 2);
        }
        if (head.fieldCount == limits.fieldsMost()) {
            return Refusal.TOO_MANY_FIELDS.result();
        }
        int index = head.addField();
        head.nameStart[index] = at;
        head.nameEnd[index] = valueStart - 2;
        head.valueStart[index] = valueStart;
        head.valueEnd[index] = valueStart + valueLength;
        head.field[index] = Field.COOKIE;
        cookieLines++;
        at = valueStart + valueLength + 2;
        return grow(valueLength + 2);
    }

    private int grow(int more) {
        size += more;
        return size > limits.headMost() ? Refusal.HEAD_TOO_LARGE.result() : 0;
    }

    /**
     * The head is whole.
     *
     * @param bodyFollows whether the request does not end with its head
     * @return 0, or a refusal
     */
    public int finish(boolean bodyFollows) {
        if (!head.has(Field.HOST)) {
            return Refusal.HOST_MISSING.result();
        }
        if (cookieLines > 1) {
            int joined = joinCookies();
            if (joined < 0) {
                return joined;
            }
        }
        if (!bodyFollows) {
            head.contentLength = 0;
        } else {
            head.contentLength = head.lengthGiven < 0 ? -1 : head.lengthGiven;
        }
        if (head.method == Method.TRACE && head.contentLength != 0) {
            return Refusal.BODY_IN_TRACE.result();
        }
        head.keepAlive = true;
        head.expectContinue = head.has(Field.EXPECT) && head.contentLength != 0;
        head.end = at;
        head.resumeAt = at;
        head.phase = Head.DONE;
        return 0;
    }

    /** Content-Length as given; -1 without one. */
    public long lengthGiven() {
        return head.lengthGiven;
    }

    /** Writes all pieces of Cookie as one line behind the others, and leaves the others' lines unused. */
    private int joinCookies() {
        int length = "cookie: ".length();
        for (int i = 0; i < head.fieldCount; i++) {
            length += head.field[i] == Field.COOKIE ? head.valueEnd[i] - head.valueStart[i] + 2 : 0;
        }
        if (length - 2 > limits.fieldMost()) {
            return Refusal.FIELD_TOO_LARGE.result();
        }
        reserve(length);
        int first = -1;
        int kept = 0;
        int lineStart = at;
        for (int i = 0; i < head.fieldCount; i++) {
            boolean cookie = head.field[i] == Field.COOKIE;
            if (cookie) {
                int from = first < 0 ? head.nameStart[i] : head.valueStart[i];
                System.arraycopy(bytes, from, bytes, at, head.valueEnd[i] - from);
                at += head.valueEnd[i] - from;
                bytes[at++] = ';';
                bytes[at++] = ' ';
            }
            if (!cookie || first < 0) {
                first = cookie ? kept : first;
                head.nameStart[kept] = head.nameStart[i];
                head.nameEnd[kept] = head.nameEnd[i];
                head.valueStart[kept] = head.valueStart[i];
                head.valueEnd[kept] = head.valueEnd[i];
                head.field[kept++] = head.field[i];
            }
        }
        bytes[at - 2] = '\r';
        bytes[at - 1] = '\n';
        int nameLength = head.nameEnd[first] - head.nameStart[first];
        head.nameStart[first] = lineStart;
        head.nameEnd[first] = lineStart + nameLength;
        head.valueStart[first] = lineStart + nameLength + 2;
        head.valueEnd[first] = at - 2;
        head.fieldCount = kept;
        return 0;
    }
}
