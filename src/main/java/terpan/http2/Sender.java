package terpan.http2;

/** The sending side of one connection: packs heads of answers, cuts bodies into DATA as windows, the array and turns allow. */
final class Sender {
    /** A piece is not cut shorter than this only because the array is nearly full. */
    private static final int PIECE_LEAST = 1024;

    /** An answer that is sent without pause lets others of its urgency go first after so many bytes, so that no one waits for ever. */
    private static final int RUN_MOST = 1024 * 1024;

    final SendQueue queue = new SendQueue();
    final HpackEncoder encoder = new HpackEncoder();
    private final Http2Connection connection;
    private final FrameWriter out;

    /** What the client lets us send for all streams together, and for each new one. */
    long sendWindow = Frame.WINDOW;

    int peerWindow = Frame.WINDOW;

    /** Bytes of bodies in all. */
    long bodyBytes;

    Sender(Http2Connection connection) {
        this.connection = connection;
        this.out = connection.out;
    }

    int tableBytes() {
        return encoder.table().bytes();
    }

    /** Puts what is due, and may be sent, behind what is to be sent; whether there is anything. */
    boolean fill() {
        for (Http2Stream next = queue.head();
                next != null && out.length() < Http2Connection.UNSENT_MOST;
                next = queue.head()) {
            queue.remove(next);
            pack(next, next.headEnds);
            if (next.headEnds) {
                answerEnded(next);
            } else {
                enqueue(next);
            }
        }
        for (Http2Stream next = queue.body(); next != null && piece(next); next = queue.body()) {
            // Each step sends a piece or takes one out of the queue.
        }
        return out.length() > 0;
    }

    /** Sends a piece of a body; false when nothing more can be sent now. */
    private boolean piece(Http2Stream stream) {
        AnswerSource source = stream.source;
        int available = source == null ? 0 : source.available();
        if (source == null || available == 0) {
            leave(stream);
            if (source != null && source.last()) {
                out.end(stream.id);
                answerEnded(stream);
            }
            return true;
        }
        if (stream.sendWindow <= 0) {
            queue.remove(stream);
            return true;
        }
        if (sendWindow <= 0) {
            return false;
        }
        int most = (int) Math.min(Math.min(available, Frame.PAYLOAD_MOST), Math.min(stream.sendWindow, sendWindow));
        out.reserve(Frame.HEAD);
        int room = out.room() - Frame.HEAD;
        if (room < Math.min(most, PIECE_LEAST)) {
            return false;
        }
        int at = out.end;
        int taken = source.take(out.bytes, at + Frame.HEAD, Math.min(most, room));
        if (taken == 0) {
            leave(stream);
            return true;
        }
        boolean last = source.last() && source.available() == 0;
        data(stream, at, taken, last);
        if (last) {
            leave(stream);
            answerEnded(stream);
        } else if ((stream.priority & Priority.INCREMENTAL) != 0 || stream.run >= RUN_MOST) {
            stream.run = 0;
            queue.toEnd(stream);
        }
        return true;
    }

    private void leave(Http2Stream stream) {
        stream.waiting = false;
        stream.run = 0;
        queue.remove(stream);
    }

    /** A frame's payload was written behind the place for its head. */
    private void data(Http2Stream stream, int at, int length, boolean end) {
        out.headAt(at, length, Frame.DATA, end ? Frame.END_STREAM : 0, stream.id);
        out.end = at + Frame.HEAD + length;
        stream.sendWindow -= length;
        sendWindow -= length;
        bodyBytes += length;
        stream.run += length;
        if (length >= PIECE_LEAST) {
            connection.budgets.restore(Flood.WINDOW_UPDATES, 2);
        }
    }

    /** Packs the head of an answer. */
    private void pack(Http2Stream stream, boolean end) {
        packHead(stream, end);
        stream.headSent = true;
    }

    private void packHead(Http2Stream stream, boolean end) {
        byte[] into = out.reserve(packedMost(stream));
        int start = out.end + Frame.HEAD;
        encoder.begin(into, start);
        encoder.status(stream.status);
        for (int i = 0; i < stream.fields; i++) {
            encoder.line(stream.lines, stream.lineStart[i], stream.nameLength[i], stream.valueLength[i]);
        }
        out.headBlock(start, encoder.end(), stream.id, end);
    }

    private static int packedMost(Http2Stream stream) {
        return Frame.HEAD + HpackEncoder.BEGIN_MOST + stream.linesEnd + stream.fields * HpackEncoder.LINE_MOST_EXTRA;
    }

    private void answerEnded(Http2Stream stream) {
        stream.answerEnded = true;
        connection.budgets.restore(Flood.WINDOW_UPDATES, 4);
        if (!stream.requestEnded) {
            connection.restIsNotWanted(stream.id);
        }
        connection.close(stream, Http2Owner.End.FINISHED, ErrorCode.NO_ERROR, !stream.requestEnded);
    }

    void headWhole(Http2Stream stream) {
        queue.addHead(stream);
        connection.owner.flushLater();
    }

    void takenBack(Http2Stream stream) {
        queue.remove(stream);
        stream.waiting = false;
    }

    void informational(Http2Stream stream, int status) {
        byte[] into = out.reserve(Frame.HEAD + HpackEncoder.BEGIN_MOST);
        int start = out.end + Frame.HEAD;
        encoder.begin(into, start);
        encoder.status(status);
        out.headBlock(start, encoder.end(), stream.id, false);
        connection.owner.flushLater();
    }

    /** With the fields that the stream has; where there is no room it is left out. */
    void informational(Http2Stream stream) {
        int room = out.bytes.length == 0 ? FrameWriter.BYTES : out.room();
        if (packedMost(stream) <= room) {
            packHead(stream, false);
            connection.owner.flushLater();
        }
    }

    int offer(Http2Stream stream, byte[] bytes, int from, int to, boolean end) {
        if (!stream.headWhole) {
            throw new IllegalStateException("stream " + stream.id + " has no head to send before its body");
        }
        connection.owner.flushLater();
        if (!stream.headSent) {
            queue.remove(stream);
            boolean ends = stream.headEnds || (end && from == to);
            pack(stream, ends);
            if (ends) {
                answerEnded(stream);
                return to - from;
            }
        }
        AnswerSource source = stream.source;
        if (stream.level >= 0 || (source != null && source.available() > 0)) {
            return 0;
        }
        if (from == to) {
            if (end) {
                out.end(stream.id);
                answerEnded(stream);
            }
            return 0;
        }
        int at = from;
        while (at < to && !queue.hasBodies()) {
            int count = offerable(stream, to - at);
            if (count <= 0) {
                break;
            }
            out.reserve(Frame.HEAD + count);
            System.arraycopy(bytes, at, out.bytes, out.end + Frame.HEAD, count);
            at += count;
            data(stream, out.end, count, end && at == to);
        }
        if (end && at == to) {
            answerEnded(stream);
        }
        return at - from;
    }

    /** How many bytes may leave now in one frame; 0 rather than few. */
    private int offerable(Http2Stream stream, int wanted) {
        int room = (out.bytes.length == 0 ? FrameWriter.BYTES : out.room()) - Frame.HEAD;
        int most = Math.min(wanted, Math.min(Frame.PAYLOAD_MOST, room));
        if (most < Math.min(wanted, PIECE_LEAST)) {
            return 0;
        }
        return (int) Math.min(most, Math.min(stream.sendWindow, sendWindow));
    }

    void ready(Http2Stream stream) {
        if (stream.headSent && !stream.answerEnded) {
            enqueue(stream);
        }
    }

    private void enqueue(Http2Stream stream) {
        AnswerSource source = stream.source;
        if (source == null || stream.level >= 0) {
            return;
        }
        connection.owner.flushLater();
        if (source.available() > 0) {
            stream.waiting = true;
            resume(stream);
        } else if (source.last()) {
            out.end(stream.id);
            answerEnded(stream);
        }
    }

    /** A stream's window may have opened. */
    void resume(Http2Stream stream) {
        if (stream.waiting && stream.sendWindow > 0) {
            queue.addBody(stream);
            connection.owner.flushLater();
        }
    }

    /** The client changed a stream's priority. */
    void priority(Http2Stream stream, int priority) {
        boolean queued = stream.level > 0;
        if (queued) {
            queue.remove(stream);
        }
        stream.priority = priority;
        if (queued) {
            queue.addBody(stream);
        }
    }

    boolean windowIsShut(Http2Stream stream) {
        return stream.sendWindow <= 0 || sendWindow <= 0;
    }
}
