package terpan.edge.http2;

import org.jspecify.annotations.Nullable;
import terpan.edge.Edge;
import terpan.http2.Http2Stream;
import terpan.link.TunnelEnd;
import terpan.link.TunnelEvents;

/**
 * The client's end of a tunnel in one stream (RFC 8441): what came in DATA and was not taken, at most the stream's window, for the client may
 * send more only once it is; and a piece of the answer, behind which the next one waits until windows have let it go. Belongs to the loop's
 * thread.
 */
final class Http2TunnelEnd implements TunnelEnd {
    private static final byte[] NONE = new byte[0];

    private final Edge edge;
    private final Http2Stream stream;
    private final Http2Answer answer;
    private final Runnable flushLater;
    private @Nullable TunnelEvents events;
    private byte[] held = NONE;
    private int start;
    private int end;
    private boolean reading = true;
    private boolean ended;
    private boolean endTaken;
    private boolean tellsLater;

    /** From the start: the head of the answer goes first. */
    private boolean blocked = true;

    private boolean looksLater;
    private boolean closed;

    /**
     * @param flushLater has the connection send what the answer has
     */
    Http2TunnelEnd(Edge edge, Http2Stream stream, Http2Answer answer, Runnable flushLater) {
        this.edge = edge;
        this.stream = stream;
        this.answer = answer;
        this.flushLater = flushLater;
    }

    @Override
    public void begin(TunnelEvents heard) {
        events = heard;
        reading(true); // of what came before only a part is taken at first
    }

    /** A piece came. */
    void take(byte[] bytes, int from, int to) {
        int count = to - from;
        if (held.length - end < count) {
            int pending = end - start;
            byte[] target = held.length - pending < count
                    ? edge.buffers.take(Math.max(2 * held.length, pending + count))
                    : held;
            System.arraycopy(held, start, target, 0, pending);
            if (target != held) {
                giveBack();
                held = target;
            }
            start = 0;
            end = pending;
        }
        System.arraycopy(bytes, from, held, end, count);
        end += count;
        tell();
    }

    /** The client sends no more. */
    void ended() {
        ended = true;
        tell();
    }

    private boolean hasSome() {
        return start < end || (ended && !endTaken);
    }

    /** Tells of what is there for as long as some of it is taken. */
    private void tell() {
        TunnelEvents heard = events;
        int before = -1;
        while (heard != null && !closed && reading && hasSome() && before != end - start) {
            before = end - start;
            heard.readable();
        }
    }

    private void tellAgain() {
        tellsLater = false;
        tell();
    }

    @Override
    public int receive(byte[] into, int offset, int length) {
        int count = Math.min(length, end - start);
        if (count == 0) {
            endTaken = ended;
            return ended ? -1 : 0;
        }
        System.arraycopy(held, start, into, offset, count);
        start += count;
        if (start == end) {
            giveBack();
        }
        if (stream.isOpen()) {
            stream.taken(count);
        }
        return count;
    }

    @Override
    public int send(byte[] from, int offset, int length) {
        if (blocked) {
            return 0;
        }
        blocked = true;
        answer.body(from, offset, offset + length);
        flushLater.run();
        return length;
    }

    @Override
    public boolean takesMore() {
        return !blocked;
    }

    /** Some of the answer has left. */
    void look() {
        if (blocked && !looksLater) {
            looksLater = true;
            edge.loop.execute(this::lookNow);
        }
    }

    private void lookNow() {
        looksLater = false;
        TunnelEvents heard = events;
        if (blocked && !closed && heard != null && !answer.waits()) {
            blocked = false;
            heard.writable();
        }
    }

    @Override
    public void reading(boolean wanted) {
        reading = wanted;
        if (wanted && hasSome() && !tellsLater) {
            tellsLater = true;
            edge.loop.execute(this::tellAgain);
        }
    }

    /** Its stream ends with what the tunnel's owner does. */
    @Override
    public void endOutput() {}

    private void giveBack() {
        if (held.length > 0) {
            edge.buffers.giveBack(held);
            held = NONE;
        }
        start = 0;
        end = 0;
    }

    @Override
    public void close() {
        closed = true;
        events = null;
        giveBack();
    }
}
