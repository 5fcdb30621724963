package terpan.edge.http2;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.channels.FileChannel;
import terpan.edge.AnswerSink;
import terpan.edge.Edge;
import terpan.http.Field;
import terpan.http.RequestHead;
import terpan.http.ResponseHead;
import terpan.http.ResponseParser;
import terpan.http.WebSocketHandshake;
import terpan.http2.Http2Stream;

/**
 * Gives a stream the answer of its exchange: nothing of it is told to the connection before the turn's send phase, so that head, body and
 * end of a short one leave together, and a page can still stand in its place. Belongs to the loop's thread.
 */
final class Http2Answer implements AnswerSink {
    private static final int SWITCHING = 101;
    private static final int TUNNEL = 200;
    private static final byte[] DATE = "date".getBytes(US_ASCII);

    private final Edge edge;
    private final Http2Stream stream;
    private final AnswerBuffer waiting;
    private int status;
    private boolean dated;
    private boolean headWhole;
    private boolean headTold;
    private boolean bodyless;
    private boolean ended;

    Http2Answer(Edge edge, Http2Stream stream, AnswerBuffer waiting) {
        this.edge = edge;
        this.stream = stream;
        this.waiting = waiting;
    }

    @Override
    public void informational(ResponseHead head, long leftOut) {
        stream.answer(head.status);
        if (stream.fields(head, leftOut)) {
            stream.informationalEnd();
        }
    }

    /** HTTP/2 has no reasons (RFC 9113, section 8.3.2). */
    @Override
    public void start(int newStatus, byte[] bytes, int reasonStart, int reasonEnd) {
        stream.answer(newStatus);
        status = newStatus;
        dated = false;
        headWhole = false;
        headTold = false;
        ended = false;
    }

    @Override
    public boolean field(byte number, byte[] bytes, int nameStart, int nameEnd, int valueStart, int valueEnd) {
        dated |= number == Field.DATE;
        return stream.field(bytes, nameStart, nameEnd, valueStart, valueEnd);
    }

    @Override
    public boolean fields(ResponseHead from, long leftOut) {
        if (status == SWITCHING) {
            return handshakeFields(from, leftOut);
        }
        dated |= from.has(Field.DATE);
        return stream.fields(from, leftOut);
    }

    private boolean handshakeFields(ResponseHead from, long leftOut) {
        boolean good = true;
        for (int i = 0; i < from.fieldCount && good; i++) {
            boolean out = (leftOut >>> from.field[i] & 1) != 0
                    || Field.hopByHop(from.field[i])
                    || WebSocketHandshake.isAccept(from.bytes, from.nameStart[i], from.nameEnd[i]);
            good = out
                    || stream.field(
                            from.bytes, from.nameStart[i], from.nameEnd[i], from.valueStart[i], from.valueEnd[i]);
        }
        return good;
    }

    @Override
    public void field(byte[] name, byte[] value) {
        stream.field(name, value);
    }

    @Override
    public void headEnd(RequestHead request, long length, boolean requestWhole) {
        bodyless = ResponseParser.bodyless(request.method, status);
        if (length >= 0 && status != 204 && status >= 200) {
            stream.length(length);
        }
        if (!dated) {
            stream.field(DATE, edge.date.at(edge.clock.millis()));
        }
        headWhole = true;
    }

    /** A stream has no other protocol to switch to: it is a tunnel from here on (RFC 8441, section 5). */
    @Override
    public int switches() {
        status = TUNNEL;
        stream.status(TUNNEL);
        bodyless = false;
        headWhole = true;
        return TUNNEL;
    }

    @Override
    public void body(byte[] bytes, int from, int to) {
        if (!bodyless && from < to) {
            waiting.append(bytes, from, to);
        }
    }

    @Override
    public void file(FileChannel file, long position, long length) {
        if (bodyless) {
            edge.closeFile(file);
        } else {
            waiting.file(file, position, length);
        }
    }

    @Override
    public void end() {
        ended = true;
        waiting.end();
    }

    @Override
    public boolean takeBack() {
        if (!stream.takeBack()) {
            return false;
        }
        waiting.close();
        headWhole = false;
        headTold = false;
        ended = false;
        return true;
    }

    /** The connection is about to send: it hears of what there is. The stream may be over when this returns. */
    void tell() {
        if (!headWhole) {
            return;
        }
        if (stream.headSent()) {
            stream.ready();
            return;
        }
        boolean ends = ended && waiting.isEmpty();
        if (!headTold || ends) {
            headTold = true;
            stream.source(waiting);
            stream.headEnd(ends);
        }
    }

    /** Whether something waits for the client. */
    boolean waits() {
        return headWhole && (!stream.headSent() || !waiting.isEmpty());
    }

    /** Whether what waits can not be read back. */
    boolean failed() {
        return waiting.failed();
    }

    @Override
    public boolean mayAppend() {
        return waiting.mayAppend();
    }

    @Override
    public long bodySent() {
        return waiting.taken();
    }

    @Override
    public void over() {
        waiting.close();
        headWhole = false;
    }
}
