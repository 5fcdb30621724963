package terpan.edge.http1;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.channels.FileChannel;
import terpan.edge.AnswerSink;
import terpan.edge.Client;
import terpan.edge.Edge;
import terpan.edge.EdgeSettings;
import terpan.http.Ascii;
import terpan.http.Field;
import terpan.http.HttpDate;
import terpan.http.Method;
import terpan.http.RequestHead;
import terpan.http.ResponseHead;
import terpan.http.ResponseParser;
import terpan.metrics.Limit;

/**
 * Writes answers into the client's output as HTTP/1 has them: status line, fields, framing of the body (RFC 9112, section 6), and whether
 * the connection is kept. Every byte of a field that comes from a worker is checked here, whichever link it came by; framing and connection
 * fields are ours alone. One for a connection, on its loop's thread.
 */
final class Http1Answer implements AnswerSink {
    /** How the client learns where the body ends. */
    private enum Framing {
        NO_BODY,
        LENGTH,
        CHUNKED,
        CLOSE
    }

    private static final byte[] HTTP_11 = "HTTP/1.1 ".getBytes(US_ASCII);
    private static final byte[] CRLF = {'\r', '\n'};
    private static final byte[] SEPARATOR = {':', ' '};
    private static final byte[] LENGTH = "Content-Length: ".getBytes(US_ASCII);
    private static final byte[] CHUNKED = "Transfer-Encoding: chunked\r\n".getBytes(US_ASCII);
    private static final byte[] CLOSE = "Connection: close\r\n".getBytes(US_ASCII);
    private static final byte[] KEEP_ALIVE = "Connection: keep-alive\r\n".getBytes(US_ASCII);
    private static final byte[] DATE = "Date: ".getBytes(US_ASCII);
    private static final byte[] SWITCH = "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n".getBytes(US_ASCII);
    private static final byte[] UPGRADE = "Upgrade: websocket\r\nConnection: Upgrade\r\n".getBytes(US_ASCII);
    private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(US_ASCII);
    private static final int HEAD_MOST = 128 * 1024;

    /** An answer that has to name what is spoken instead (RFC 9110, section 15.5.22). */
    private static final int UPGRADE_REQUIRED = 426;

    private final Edge edge;
    private final Client client;
    private final Output output;
    private EdgeSettings settings;
    private final HttpDate date;
    private final byte[] chunkSize = new byte[18];

    /** Where in all that this connection is sent the head begins, and its body. */
    private long begin;

    private long bodyAt = Long.MAX_VALUE;
    private int written;
    private int status;
    private boolean dated;
    private Framing framing = Framing.NO_BODY;
    private long bodyBytes;
    private boolean keepAlive;
    private int answers;

    Http1Answer(Edge edge, Client client, Output output) {
        this.edge = edge;
        this.client = client;
        this.output = output;
        this.date = edge.date;
        this.settings = edge.settings();
    }

    /** The settings by which requests are judged from now on. */
    void judgedBy(EdgeSettings newer) {
        settings = newer;
    }

    /** Whether the connection lives on after this answer. */
    boolean keepsConnection() {
        return keepAlive;
    }

    @Override
    public void start(int newStatus, byte[] bytes, int reasonStart, int reasonEnd) {
        status = newStatus;
        begin = output.position();
        bodyAt = Long.MAX_VALUE;
        bodyBytes = 0;
        dated = false;
        written = reasonEnd - reasonStart + 32;
        byte[] into = output.reserve(written);
        int at = output.end();
        System.arraycopy(HTTP_11, 0, into, at, HTTP_11.length);
        at = Ascii.appendDecimal(into, at + HTTP_11.length, newStatus);
        into[at++] = ' ';
        for (int i = reasonStart; i < reasonEnd; i++) {
            into[at++] = Ascii.isFieldValue(bytes[i]) ? bytes[i] : (byte) '?';
        }
        into[at++] = '\r';
        into[at++] = '\n';
        output.advance(at);
    }

    @Override
    public void informational(ResponseHead head, long leftOut) {
        start(head.status, head.bytes, head.reasonStart, head.reasonEnd);
        if (fields(head, leftOut)) {
            output.put(CRLF);
        } else {
            takeBack();
        }
    }

    @Override
    public void field(byte[] name, byte[] value) {
        output.put(name);
        output.put(SEPARATOR);
        output.put(value);
        output.put(CRLF);
    }

    @Override
    public boolean field(byte number, byte[] bytes, int nameStart, int nameEnd, int valueStart, int valueEnd) {
        dated |= number == Field.DATE;
        int length = nameEnd - nameStart + valueEnd - valueStart + 4;
        written += length;
        if (written > HEAD_MOST) {
            return false;
        }
        byte[] into = output.reserve(length);
        int at = output.end();
        for (int i = nameStart; i < nameEnd; i++) {
            if (!Ascii.isToken(bytes[i])) {
                return false;
            }
            into[at++] = bytes[i];
        }
        into[at++] = ':';
        into[at++] = ' ';
        for (int i = valueStart; i < valueEnd; i++) {
            if (!Ascii.isFieldValue(bytes[i])) {
                return false;
            }
            into[at++] = bytes[i];
        }
        into[at++] = '\r';
        into[at++] = '\n';
        output.advance(at);
        return true;
    }

    /** Runs of lines that are passed on are copied as they are. */
    @Override
    public boolean fields(ResponseHead from, long leftOut) {
        int count = from.fieldCount;
        int i = 0;
        while (i < count) {
            int start = from.nameStart[i];
            boolean any = false;
            while (i < count && passed(from.field[i], leftOut)) {
                dated |= from.field[i] == Field.DATE;
                any = true;
                i++;
            }
            if (any && !run(from.bytes, start, i < count ? from.nameStart[i] : from.end - 2)) {
                return false;
            }
            i++;
        }
        return true;
    }

    private static boolean passed(byte number, long leftOut) {
        return !Field.hopByHop(number) && ((leftOut >>> number) & 1) == 0;
    }

    private boolean run(byte[] bytes, int start, int end) {
        written += end - start;
        if (written > HEAD_MOST) {
            return false;
        }
        byte[] into = output.reserve(end - start);
        System.arraycopy(bytes, start, into, output.end(), end - start);
        output.advance(output.end() + end - start);
        return true;
    }

    @Override
    public void headEnd(RequestHead request, long length, boolean requestWhole) {
        boolean headWhole = request.end > request.start;
        int method = headWhole ? request.method : Method.OTHER;
        int version = headWhole ? request.version : 11;
        boolean keep = requestWhole && mayKeep(request);
        framing = ResponseParser.bodyless(method, status)
                ? Framing.NO_BODY
                : length >= 0 ? Framing.LENGTH : version >= 11 ? Framing.CHUNKED : Framing.CLOSE;
        keepAlive = keep && framing != Framing.CLOSE;
        if (length >= 0 && status != 204 && status >= 200) {
            byte[] into = output.reserve(64);
            int at = output.end();
            System.arraycopy(LENGTH, 0, into, at, LENGTH.length);
            at = Ascii.appendDecimal(into, at + LENGTH.length, length);
            into[at++] = '\r';
            into[at++] = '\n';
            output.advance(at);
        } else if (framing == Framing.CHUNKED) {
            output.put(CHUNKED);
        }
        if (status == UPGRADE_REQUIRED) {
            output.put(UPGRADE);
        }
        if (!keepAlive) {
            output.put(CLOSE);
        } else if (version < 11) {
            output.put(KEEP_ALIVE);
        }
        if (!dated) {
            output.put(DATE);
            output.put(date.at(edge.clock.millis()));
            output.put(CRLF);
        }
        output.put(CRLF);
        bodyAt = output.position();
    }

    @Override
    public int switches() {
        framing = Framing.NO_BODY;
        keepAlive = false;
        output.put(SWITCH);
        bodyAt = output.position();
        return status;
    }

    /** Whether the client wants the connection kept, and it has not carried its share of requests. */
    private boolean mayKeep(RequestHead request) {
        int most = settings.limits.keepAliveRequests();
        boolean spent = most > 0 && ++answers >= most;
        if (spent) {
            edge.metrics.limitReached(Limit.KEEP_ALIVE_REQUESTS);
        }
        return request.keepAlive && !edge.leaves(client) && !spent;
    }

    @Override
    public void body(byte[] bytes, int from, int to) {
        if (framing == Framing.NO_BODY || from == to) {
            return;
        }
        if (framing == Framing.CHUNKED) {
            int at = Ascii.appendHex(chunkSize, 0, (long) to - from);
            chunkSize[at] = '\r';
            chunkSize[at + 1] = '\n';
            output.put(chunkSize, 0, at + 2);
            output.append(bytes, from, to);
            output.put(CRLF);
        } else {
            output.append(bytes, from, to);
        }
        bodyBytes += to - from;
    }

    @Override
    public void file(FileChannel file, long position, long length) {
        if (framing == Framing.LENGTH) {
            output.file(file, position, length);
            bodyBytes += length;
        } else if (framing == Framing.NO_BODY) {
            output.file(file, position, 0);
        } else {
            throw new IllegalStateException("a file answers only where the length of the body was told");
        }
    }

    @Override
    public void end() {
        if (framing == Framing.CHUNKED) {
            output.put(LAST_CHUNK);
        }
    }

    @Override
    public boolean takeBack() {
        if (!output.takeBack(begin)) {
            return false;
        }
        framing = Framing.NO_BODY;
        return true;
    }

    @Override
    public boolean mayAppend() {
        return output.mayAppend();
    }

    @Override
    public long bodySent() {
        return Math.clamp(output.sent() - bodyAt, 0, bodyBytes);
    }

    @Override
    public void over() {
        output.answerOver();
        bodyAt = Long.MAX_VALUE;
        bodyBytes = 0;
    }
}
