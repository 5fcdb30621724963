package terpan.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * Reads request heads strictly (RFC 9112): what is ambiguous is refused. Resumable line by line; holds no state of its own, so
 * that one parser serves all connections of a loop. Lenient parsing was rejected: whatever two parties may read differently
 * is how requests are smuggled.
 */
public final class RequestParser {
    /** The head is not complete: call again with the same head when more bytes are there. */
    public static final int NEED_MORE = FieldLines.NEED_MORE;

    private static final byte[] CONTINUE = "100-continue".getBytes(US_ASCII);

    private final HeadLimits limits;

    /** Reads heads within those limits. */
    public RequestParser(HeadLimits limits) {
        this.limits = limits;
    }

    /**
     * Goes on with the head where it was left; begins a new one at {@code from} when the last is complete.
     *
     * @param from where the head begins (ignored when it is begun already)
     * @param to end of the bytes read so far
     * @return the index after the head's empty line; {@link #NEED_MORE}; or a refusal, see {@link Refusal#of}
     */
    public int parse(byte[] bytes, int from, int to, RequestHead head) {
        if (head.phase == Head.DONE) {
            head.reset(bytes, from);
        }
        int at = head.resumeAt;
        if (head.phase == Head.FIRST_LINE) {
            at = firstLine(head, bytes, at, to);
            if (at < 0) {
                return at;
            }
            head.phase = Head.FIELD_LINES;
            head.resumeAt = at;
        }
        return fieldLines(head, bytes, at, to);
    }

    private int firstLine(RequestHead head, byte[] bytes, int from, int to) {
        int at = from;
        if (at < to && bytes[at] == '\r' && !head.emptyLineSkipped) {
            if (at + 1 == to) {
                return NEED_MORE;
            }
            if (bytes[at + 1] != '\n') {
                return Refusal.BARE_CR.result();
            }
            at += 2;
            head.emptyLineSkipped = true;
            head.start = at;
            head.resumeAt = at;
        }
        int limit = head.start + limits.headMost();
        return RequestLine.read(head, bytes, at, Math.min(to, limit), limit <= to, limits);
    }

    private int fieldLines(RequestHead head, byte[] bytes, int from, int to) {
        int limit = head.start + limits.headMost();
        boolean atLimit = limit <= to;
        int stop = Math.min(to, limit);
        int at = from;
        while (at < stop && bytes[at] != '\r') {
            int next = FieldLines.read(head, bytes, at, stop, atLimit, limits.fieldMost(), limits.fieldsMost());
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
                head.seen |= 1L << head.field[index];
            }
            at = next;
            head.resumeAt = at;
        }
        if (stop - at < 2) {
            return FieldLines.pending(atLimit);
        }
        return bytes[at + 1] == '\n' ? finish(head, at + 2) : Refusal.BARE_CR.result();
    }

    /** Judges a field line that the front acts on; 0, or a refusal. */
    static int judge(RequestHead head, byte[] bytes, int index, byte field) {
        int from = head.valueStart[index];
        int to = head.valueEnd[index];
        return switch (field) {
            case Field.HOST -> host(head, bytes, index, from, to);
            case Field.CONTENT_LENGTH -> contentLength(head, bytes, from, to);
            case Field.TRANSFER_ENCODING -> transferEncoding(head, bytes, from, to);
            case Field.EXPECT -> expect(head, bytes, index, from, to);
            default -> 0;
        };
    }

    private static int host(RequestHead head, byte[] bytes, int index, int from, int to) {
        if (head.has(Field.HOST)) {
            return Refusal.HOST_REPEATED.result();
        }
        if (from < to && !HostRules.valid(bytes, from, to)) {
            return Refusal.BAD_HOST.result();
        }
        if (head.absolute) {
            head.valueStart[index] = head.hostStart;
            head.valueEnd[index] = head.hostEnd;
        } else {
            head.hostStart = from;
            head.hostEnd = to;
        }
        return 0;
    }

    private static int contentLength(RequestHead head, byte[] bytes, int from, int to) {
        if (head.has(Field.CONTENT_LENGTH)) {
            return Refusal.CONTENT_LENGTH_REPEATED.result();
        }
        head.lengthGiven = FieldLines.contentLength(bytes, from, to);
        return head.lengthGiven < 0 ? Refusal.BAD_CONTENT_LENGTH.result() : 0;
    }

    private static int transferEncoding(RequestHead head, byte[] bytes, int from, int to) {
        if (head.version == 10) {
            return Refusal.ENCODING_IN_OLD_VERSION.result();
        }
        if (head.has(Field.TRANSFER_ENCODING)) {
            return Refusal.BAD_TRANSFER_ENCODING.result();
        }
        return FieldLines.transferEncoding(bytes, from, to);
    }

    /** A list (RFC 9110, section 10.1.1): one without any member expects nothing. */
    private static int expect(RequestHead head, byte[] bytes, int index, int from, int to) {
        boolean any = false;
        int at = from;
        while (at < to) {
            if (bytes[at] == ',' || Ascii.isSpace(bytes[at])) {
                at++;
                continue;
            }
            int end = Math.min(to, at + CONTINUE.length);
            int next = end == to ? to : Lists.afterComma(bytes, end, to);
            if (next < 0 || !Ascii.equalsLowered(bytes, at, end, CONTINUE)) {
                return Refusal.EXPECTATION_FAILED.result();
            }
            any = true;
            at = next;
        }
        if (!any) {
            head.field[index] = Field.DROPPED;
        }
        return 0;
    }

    private static int finish(RequestHead head, int end) {
        boolean chunked = head.has(Field.TRANSFER_ENCODING);
        if (chunked && head.has(Field.CONTENT_LENGTH)) {
            return Refusal.LENGTH_AND_ENCODING.result();
        }
        if (head.version == 11 && !head.has(Field.HOST)) {
            return Refusal.HOST_MISSING.result();
        }
        head.contentLength = chunked ? -1 : Math.max(0, head.lengthGiven);
        if (head.method == Method.TRACE && head.contentLength != 0) {
            return Refusal.BODY_IN_TRACE.result();
        }
        int connection = FieldLines.connection(head);
        if (connection < 0) {
            return connection;
        }
        head.keepAlive = FieldLines.kept(head);
        head.expectContinue = head.has(Field.EXPECT) && head.version == 11 && head.contentLength != 0;
        head.end = end;
        head.resumeAt = end;
        head.phase = Head.DONE;
        return end;
    }
}
