package terpan.link;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import terpan.http.Ascii;
import terpan.http.Field;
import terpan.http.PercentEncoder;
import terpan.http.RequestHead;

/**
 * Writes a request for a foreign server: the target in origin form, fields of this connection left out, repeated fields merged
 * into one line, forwarded fields set, Content-Length for every body. What a server of ours would change of it, or refuse, goes
 * in the private field, and something that all take on the wire: own methods, the target {@code *}, the client's version. Belongs to one link; no allocation but for large heads.
 */
final class HttpRequestWriter {
    /** What carries a method that not every server knows: any of them reads its body, and answers with one. */
    private static final byte[] OWN_METHOD_AS = "POST".getBytes(US_ASCII);

    // What else the last word of the private field says, beside the letters of ImpliedFields.
    private static final byte VERSION_10_LETTER = '0';
    private static final byte VERSION_20_LETTER = '2';
    private static final byte ASTERISK_LETTER = '*';
    private static final byte NO_LENGTH_LETTER = 'n';
    private static final byte NO_HOST_LETTER = 'x';

    /** Between the words of the private field and the name of the request; no method has it. */
    private static final byte[] NAME_MARK = {' ', '@'};

    /** No number of a request. */
    static final long UNNAMED = 0;

    private static final AtomicInteger WRITERS = new AtomicInteger();

    private static final byte[] HTTP_11 = " HTTP/1.1\r\n".getBytes(US_ASCII);
    private static final byte[] HOST = "Host: ".getBytes(US_ASCII);
    private static final byte[] LENGTH = "Content-Length: ".getBytes(US_ASCII);
    private static final byte[][] FORWARDED = new byte[ForwardedFields.KINDS][];
    private static final byte[] PRIVATE = (Field.PRIVATE_NAME + ": ").getBytes(US_ASCII);
    private static final String SECRET_NAME = "X-Terpan-Secret";
    private static final byte[] TRACEPARENT = "traceparent: ".getBytes(US_ASCII);
    private static final byte[] SWITCH = "Connection: Upgrade\r\nUpgrade: websocket\r\n".getBytes(US_ASCII);
    private static final byte[] CRLF = {'\r', '\n'};
    private static final byte[] COMMA = {',', ' '};
    private static final byte[] SEMICOLON = {';', ' '};

    /** Room for what is added to a head of a client's beside the host and the forwarded fields. */
    private static final int ADDED_MOST = 2048;

    /** How often the host may be written: as itself, in X-Forwarded-Host, in Forwarded. */
    private static final int HOSTS_MOST = 3;

    static {
        for (int number = 0; number < FORWARDED.length; number++) {
            FORWARDED[number] = (ForwardedFields.name(number) + ": ").getBytes(US_ASCII);
        }
    }

    /** Host, traceparent, the private fields, Content-Length. */
    private static final int FIELDS_ADDED = 5;

    /** Connection and Upgrade. */
    private static final int SWITCH_FIELDS = 2;

    private final LinkLimits limits;
    private final byte[] secretLine;

    /** What the names of this writer's requests begin with, and no other's. */
    private final byte[] nameStart = (WRITERS.incrementAndGet() + "-").getBytes(US_ASCII);

    private long lastNumber;
    private long number;
    private final boolean[] merged = new boolean[RequestHead.FIELDS_MOST];
    private byte[] bytes = new byte[0];
    private int at;
    private String problem = "";

    HttpRequestWriter(LinkLimits limits) {
        this.limits = limits;
        this.secretLine =
                (limits.secret().isEmpty() ? "" : SECRET_NAME + ": " + limits.secret() + "\r\n").getBytes(US_ASCII);
    }

    /** False when the server would not take it; {@link #problem} says why. */
    boolean write(Call call, byte[] into) {
        RequestHead head = call.head();
        ForwardedFields told = call.origin().forwarded;
        int hosts = HOSTS_MOST * (head.hostEnd - Math.max(0, head.hostStart));
        int escapes = head.targetRaw ? (PercentEncoder.GROWTH - 1) * (head.targetEnd - head.targetStart) : 0;
        int size = head.end - head.start + escapes + hosts + told.bytes + ADDED_MOST;
        bytes = size > into.length ? new byte[size] : into;
        at = 0;
        requestLine(head);
        hostLine(head);
        if (call.tunnels()) {
            put(SWITCH);
        }
        boolean impliesHost = limits.identity() && told.ownHost && head.hostEnd > head.hostStart;
        int fields = fields(head) + forwarded(head, call.origin(), impliesHost) + FIELDS_ADDED;
        fields += call.tunnels() ? SWITCH_FIELDS : 0;
        if (call.traceparent().length > 0) {
            put(TRACEPARENT);
            put(call.traceparent());
            put(CRLF);
        }
        put(secretLine);
        long length = call.body().length();
        boolean ownMethod = tellsMethod(head);
        boolean said = length > 0 || head.has(Field.CONTENT_LENGTH);
        boolean nothingSaid = !said && (ownMethod || !bodylessByCustom(head.method));
        number = limits.tellsEnd() && !(call instanceof EndQuestion) ? ++lastNumber : UNNAMED;
        identity(call, impliesHost, nothingSaid);
        if (said || nothingSaid) {
            put(LENGTH);
            at = Ascii.appendDecimal(bytes, at, length);
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

    /** The number of the request that was written, by which the worker can be asked about it; {@link #UNNAMED}: it can not. */
    long number() {
        return number;
    }

    /** What the worker knows the request of that number by. */
    String name(long numbered) {
        return new String(nameStart, US_ASCII) + numbered;
    }

    String problem() {
        return problem;
    }

    /** Whether the method travels in the private field. */
    private boolean tellsMethod(RequestHead head) {
        return head.method == terpan.http.Method.OTHER && limits.identity();
    }

    private static boolean asterisk(RequestHead head) {
        if (head.method != terpan.http.Method.OPTIONS || head.queryStart >= 0) {
            return false;
        }
        return head.pathMissing || (head.pathEnd - head.pathStart == 1 && head.bytes[head.pathStart] == '*');
    }

    private void requestLine(RequestHead head) {
        if (tellsMethod(head)) {
            put(OWN_METHOD_AS);
        } else {
            put(head.bytes, head.methodStart, head.methodEnd);
        }
        bytes[at++] = ' ';
        if (head.pathMissing || asterisk(head)) {
            bytes[at++] = (byte) (asterisk(head) && !limits.identity() ? '*' : '/');
        } else {
            target(head, head.pathStart, head.pathEnd);
        }
        if (head.queryStart >= 0) {
            bytes[at++] = '?';
            target(head, head.queryStart, head.queryEnd);
        }
        put(HTTP_11);
    }

    private void target(RequestHead head, int from, int to) {
        if (head.targetRaw) {
            at = PercentEncoder.encode(head.bytes, from, to, bytes, at);
        } else {
            put(head.bytes, from, to);
        }
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

    /** Writes those that the private field does not imply; how many they are. */
    private int forwarded(RequestHead head, Origin origin, boolean impliesHost) {
        ForwardedFields fields = origin.forwarded;
        int count = 0;
        for (int i = 0; i < fields.count; i++) {
            int number = fields.numbers[i];
            if (limits.identity() && origin.implied.has(number)) {
                continue;
            }
            count++;
            put(FORWARDED[number]);
            put(fields.values[i]);
            if (number == ForwardedFields.FORWARDED && fields.hostInForwarded && head.hostStart >= 0) {
                at = ForwardedFields.hostParameter(head, bytes, at);
            }
            put(CRLF);
        }
        if (fields.ownHost && !impliesHost && head.hostStart >= 0) {
            count++;
            put(FORWARDED[ForwardedFields.HOST]);
            put(head.bytes, head.hostStart, head.hostEnd);
            put(CRLF);
        }
        return count;
    }

    private void identity(Call call, boolean impliesHost, boolean nothingSaid) {
        RequestHead head = call.head();
        Origin origin = call.origin();
        if (limits.identity()) {
            put(PRIVATE);
            word(origin.address);
            word(origin.port);
            word(origin.scheme);
            word(origin.serverName);
            word(origin.serverPort);
            int letters = at;
            put(origin.implied.letters);
            letter(impliesHost, ImpliedFields.HOST_LETTER);
            letter(head.version == 10, VERSION_10_LETTER);
            letter(head.version == 20, VERSION_20_LETTER);
            letter(asterisk(head), ASTERISK_LETTER);
            letter(nothingSaid, NO_LENGTH_LETTER);
            letter(head.hostStart < 0, NO_HOST_LETTER);
            letter(at == letters, (byte) '-');
            if (tellsMethod(head)) {
                bytes[at++] = ' ';
                put(head.bytes, head.methodStart, head.methodEnd);
            }
            if (call.script().length > 0) {
                bytes[at++] = ' ';
                put(call.script());
            }
            if (number != UNNAMED) {
                put(NAME_MARK);
                put(nameStart);
                at = Ascii.appendDecimal(bytes, at, number);
            }
            put(CRLF);
        }
    }

    private void letter(boolean holds, byte letter) {
        if (holds) {
            bytes[at++] = letter;
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
