package terpan.link;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;
import terpan.http.Ascii;
import terpan.http.Field;
import terpan.http.RequestHead;

/**
 * Writes a request for a foreign server: the target in origin form, fields of this connection left out, repeated fields merged
 * into one line, forwarded fields set, Content-Length for every body. Belongs to one link; no allocation but for large heads.
 */
final class HttpRequestWriter {
    private static final byte[] HTTP_11 = " HTTP/1.1\r\n".getBytes(US_ASCII);
    private static final byte[] HOST = "Host: ".getBytes(US_ASCII);
    private static final byte[] LENGTH = "Content-Length: ".getBytes(US_ASCII);
    private static final byte[] FOR = "X-Forwarded-For: ".getBytes(US_ASCII);
    private static final byte[] PROTO = "X-Forwarded-Proto: ".getBytes(US_ASCII);
    private static final byte[] FORWARDED_HOST = "X-Forwarded-Host: ".getBytes(US_ASCII);
    private static final byte[] PRIVATE = (Field.PRIVATE_NAME + ": ").getBytes(US_ASCII);
    private static final byte[] CRLF = {'\r', '\n'};
    private static final byte[] COMMA = {',', ' '};
    private static final byte[] SEMICOLON = {';', ' '};

    /** Room for everything that is added to a head of a client's. */
    private static final int ADDED_MOST = 1024;

    private static final int FIELDS_ADDED = 6;

    private final LinkLimits limits;
    private final boolean[] merged = new boolean[RequestHead.FIELDS_MOST];
    private byte[] bytes = new byte[0];
    private int at;
    private String problem = "";

    HttpRequestWriter(LinkLimits limits) {
        this.limits = limits;
    }

    /** False when the server would not take it; {@link #problem} says why. */
    boolean write(Call call, byte[] into) {
        RequestHead head = call.head();
        int size = head.end - head.start + 2 * (head.hostEnd - Math.max(0, head.hostStart)) + ADDED_MOST;
        bytes = size > into.length ? new byte[size] : into;
        at = 0;
        requestLine(head);
        hostLine(head);
        int fields = fields(head) + FIELDS_ADDED;
        forwarded(head, call.origin());
        long length = call.body().length();
        if (length > 0 || head.contentLength != 0) {
            put(LENGTH);
            at = Ascii.appendDecimal(bytes, at, length);
            put(CRLF);
        } else if (!bodylessByCustom(head.method)) {
            put(LENGTH);
            bytes[at++] = '0';
            put(CRLF);
        }
        put(CRLF);
        if (at > limits.headMost() || fields > limits.fieldsMost()) {
            problem = "the head has " + at + " bytes and " + fields + " fields, the server takes " + limits.headMost()
                    + " and " + limits.fieldsMost();
            return false;
        }
        return true;
    }

    /** Methods for which a missing Content-Length is usual (RFC 9110, section 8.6). */
    private static boolean bodylessByCustom(int method) {
        return switch (method) {
            case terpan.http.Method.POST, terpan.http.Method.PUT, terpan.http.Method.PATCH -> false;
            default -> true;
        };
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return at;
    }

    String problem() {
        return problem;
    }

    private void requestLine(RequestHead head) {
        put(head.bytes, head.methodStart, head.methodEnd);
        bytes[at++] = ' ';
        if (head.pathMissing) {
            bytes[at++] = (byte) (head.method == terpan.http.Method.OPTIONS && head.queryStart < 0 ? '*' : '/');
        } else {
            put(head.bytes, head.pathStart, head.pathEnd);
        }
        if (head.queryStart >= 0) {
            bytes[at++] = '?';
            put(head.bytes, head.queryStart, head.queryEnd);
        }
        put(HTTP_11);
    }

    private void hostLine(RequestHead head) {
        put(HOST);
        if (head.hostStart >= 0) {
            put(head.bytes, head.hostStart, head.hostEnd);
        }
        put(CRLF);
    }

    private int fields(RequestHead head) {
        int count = 0;
        long seen = 0;
        boolean anyMerged = false;
        for (int i = 0; i < head.fieldCount; i++) {
            if (!passed(head.field[i])) {
                continue;
            }
            long bit = 1L << signature(head, i);
            if ((seen & bit) != 0 && !anyMerged) {
                anyMerged = repeats(head);
            }
            seen |= bit;
        }
        for (int i = 0; i < head.fieldCount; i++) {
            if (!passed(head.field[i]) || (anyMerged && merged[i])) {
                continue;
            }
            count++;
            put(head.bytes, head.nameStart[i], head.nameEnd[i]);
            bytes[at++] = ':';
            bytes[at++] = ' ';
            put(head.bytes, head.valueStart[i], head.valueEnd[i]);
            if (anyMerged) {
                appendRepeats(head, i);
            }
            put(CRLF);
        }
        return count;
    }

    /** Marks every field line that repeats an earlier one; false when none does. */
    private boolean repeats(RequestHead head) {
        Arrays.fill(merged, 0, head.fieldCount, false);
        boolean any = false;
        for (int i = 1; i < head.fieldCount; i++) {
            for (int earlier = 0; earlier < i && !merged[i]; earlier++) {
                merged[i] = passed(head.field[i]) && sameName(head, earlier, i);
            }
            any |= merged[i];
        }
        return any;
    }

    private void appendRepeats(RequestHead head, int first) {
        for (int i = first + 1; i < head.fieldCount; i++) {
            if (merged[i] && sameName(head, first, i)) {
                put(head.field[i] == Field.COOKIE ? SEMICOLON : COMMA);
                put(head.bytes, head.valueStart[i], head.valueEnd[i]);
            }
        }
    }

    private static boolean sameName(RequestHead head, int a, int b) {
        return Ascii.equalsIgnoreCase(
                head.bytes, head.nameStart[a], head.nameEnd[a], head.bytes, head.nameStart[b], head.nameEnd[b]);
    }

    private static int signature(RequestHead head, int i) {
        int first = Ascii.lower(head.bytes[head.nameStart[i]]);
        int last = Ascii.lower(head.bytes[head.nameEnd[i] - 1]);
        return (first * 7 + last * 3 + head.nameEnd[i] - head.nameStart[i]) & 63;
    }

    private static boolean passed(byte field) {
        return switch (field) {
            case Field.HOST, Field.CONTENT_LENGTH, Field.EXPECT, Field.FORWARDED, Field.X_FORWARDED, Field.PRIVATE ->
                false;
            default -> !Field.hopByHop(field);
        };
    }

    private void forwarded(RequestHead head, Origin origin) {
        if (origin.address.length > 0) {
            put(FOR);
            put(origin.address);
            put(CRLF);
        }
        put(PROTO);
        put(origin.scheme);
        put(CRLF);
        if (head.hostStart >= 0) {
            put(FORWARDED_HOST);
            put(head.bytes, head.hostStart, head.hostEnd);
            put(CRLF);
        }
        if (limits.identity()) {
            put(PRIVATE);
            word(origin.address);
            word(origin.port);
            word(origin.scheme);
            word(origin.serverName);
            word(origin.serverPort);
            at--;
            put(CRLF);
        }
    }

    private void word(byte[] text) {
        if (text.length == 0) {
            bytes[at++] = '-';
        } else {
            put(text);
        }
        bytes[at++] = ' ';
    }

    private void put(byte[] text) {
        System.arraycopy(text, 0, bytes, at, text.length);
        at += text.length;
    }

    private void put(byte[] from, int start, int end) {
        System.arraycopy(from, start, bytes, at, end - start);
        at += end - start;
    }
}
