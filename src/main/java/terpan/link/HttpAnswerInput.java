package terpan.link;

import java.io.IOException;
import terpan.http.ChunkDecoder;
import terpan.http.Refusal;
import terpan.http.ResponseHead;
import terpan.http.ResponseParser;
import terpan.loop.Wire;

/**
 * The receiving half of a connection to a worker: the answer's head, then its body by whichever framing it has, told to the
 * connection piece by piece. Owned by the connection.
 */
final class HttpAnswerInput {
    private enum Part {
        NOTHING,
        HEAD,
        LENGTH,
        CHUNKS,
        UNTIL_END
    }

    /** More informational answers before the one that was asked for are nonsense. */
    private static final int INFORMATIONAL_MOST = 16;

    private static final byte[] NONE = new byte[0];

    private final HttpLink link;
    private final HttpConnection connection;
    private final ResponseHead head = new ResponseHead();
    private final ChunkDecoder chunks = new ChunkDecoder();
    private Part part = Part.NOTHING;
    private byte[] buffer = NONE;
    private int start;
    private int end;
    private long remaining;
    private int requestMethod;
    private int informational;
    private boolean begun;

    HttpAnswerInput(HttpLink link, HttpConnection connection) {
        this.link = link;
        this.connection = connection;
    }

    void begin(int method) {
        requestMethod = method;
        part = Part.HEAD;
        begun = false;
        informational = 0;
        head.reset(NONE, 0);
    }

    /** Whether an answer is awaited or under way. */
    boolean expecting() {
        return part != Part.NOTHING;
    }

    /** Whether any byte of the answer has come, be it of one that is skipped. */
    boolean begun() {
        return begun;
    }

    /** Whether the end of the stream is the end of the answer. */
    boolean endsWithStream() {
        return part == Part.UNTIL_END;
    }

    /**
     * Whether nothing but the answer came, the worker keeps the connection, and nothing of this answer can come late: a server
     * that sends a body where none belongs would have it taken for the next answer.
     */
    boolean clean() {
        return part != Part.UNTIL_END
                && head.keepAlive
                && start == end
                && !ResponseParser.bodyless(requestMethod, head.status);
    }

    /** Receives once; -1 at the end of the stream. */
    int receive(Wire wire) throws IOException {
        if (buffer.length == 0) {
            buffer = link.buffer();
        }
        int received = wire.receive(buffer, end, buffer.length - end);
        end += Math.max(0, received);
        begun |= received > 0;
        return received;
    }

    /** Passes on what was received. */
    void read() {
        boolean more = true;
        while (more) {
            more = switch (part) {
                case HEAD -> start < end && readHead();
                case LENGTH, UNTIL_END -> start < end && readPlain();
                case CHUNKS -> start < end && readChunks();
                case NOTHING -> false;
            };
        }
        if (part == Part.NOTHING) {
            return;
        }
        if (start == end) {
            start = 0;
            end = 0;
            if (part != Part.HEAD) {
                release();
            }
        } else if (end == buffer.length) {
            makeRoom();
        }
    }

    private void makeRoom() {
        byte[] target = start > 0 ? buffer : new byte[Math.min(buffer.length * 2, ResponseParser.HEAD_MOST + 1)];
        System.arraycopy(buffer, start, target, 0, end - start);
        if (part == Part.HEAD) {
            head.moved(target, -start);
        }
        if (target != buffer) {
            link.giveBack(buffer);
            buffer = target;
        }
        end -= start;
        start = 0;
    }

    private boolean readHead() {
        if (head.bytes != buffer) {
            head.reset(buffer, start);
        }
        int result = link.parser.parse(buffer, start, end, head);
        if (result == ResponseParser.NEED_MORE) {
            return false;
        }
        if (result < 0) {
            connection.nonsense(ResponseParser.problem(result));
            return false;
        }
        start = result;
        if (head.status == 101) {
            part = Part.NOTHING;
            connection.switched(head);
            return false;
        }
        if (head.status < 200) {
            if (head.chunked || head.contentLength >= 0) {
                // It is framed as a final answer is: nothing would follow it.
                connection.nonsense("status " + head.status + ", which no final answer can have");
                return false;
            }
            if (++informational > INFORMATIONAL_MOST) {
                connection.nonsense("more than " + INFORMATIONAL_MOST + " informational answers");
                return false;
            }
            if (head.status > 100) {
                connection.passInformational(head);
            }
            head.reset(NONE, 0);
            return true;
        }
        boolean bodyless = ResponseParser.bodyless(requestMethod, head.status);
        remaining = head.contentLength;
        part = bodyless || remaining == 0
                ? Part.LENGTH
                : head.chunked ? Part.CHUNKS : remaining > 0 ? Part.LENGTH : Part.UNTIL_END;
        chunks.reset();
        if (!connection.passHead(head)) {
            return false;
        }
        return bodyless || (remaining == 0 && !head.chunked) ? end() : part != Part.NOTHING;
    }

    private boolean readPlain() {
        int piece = end - start;
        if (part == Part.LENGTH) {
            piece = (int) Math.min(piece, remaining);
            remaining -= piece;
        }
        int from = start;
        start += piece;
        connection.pass(buffer, from, from + piece);
        return part == Part.LENGTH && remaining == 0 ? end() : part != Part.NOTHING;
    }

    private boolean readChunks() {
        int result = chunks.decode(buffer, start, end);
        if (result == ChunkDecoder.NEED_MORE) {
            start = end;
            return false;
        }
        if (result < 0) {
            connection.brokenOff(Refusal.of(result).reason());
            return false;
        }
        start = chunks.position;
        if (result == ChunkDecoder.END) {
            return end();
        }
        connection.pass(buffer, chunks.bodyStart, chunks.bodyEnd);
        return part != Part.NOTHING;
    }

    private boolean end() {
        connection.complete();
        return false;
    }

    /** Takes what came behind the head of an answer that switched protocols; how many bytes it was. */
    int takeRest(byte[] into, int offset, int length) {
        int taken = Math.min(length, end - start);
        System.arraycopy(buffer, start, into, offset, taken);
        start += taken;
        if (start == end) {
            release();
        }
        return taken;
    }

    /** Ready for the next answer, or for nothing. */
    void release() {
        if (buffer.length > 0) {
            link.giveBack(buffer);
            buffer = NONE;
        }
        start = 0;
        end = 0;
    }

    void stop() {
        part = Part.NOTHING;
        release();
    }
}
