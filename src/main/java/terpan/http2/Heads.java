package terpan.http2;

import java.util.Arrays;
import terpan.http.Refusal;
import terpan.http.RequestHead;

/** Heads of one connection's requests, and trailers: collected from their frames, unpacked, judged (RFC 9113, sections 4.3, 6.2, 6.10, 8). */
final class Heads {
    private static final byte[] NONE = new byte[0];

    private final Http2Connection connection;
    private final HpackDecoder decoder;

    /** Whether CONTINUATION has to come. */
    private boolean headOpen;

    private int headId;
    private boolean headEndsStream;
    private boolean headDependsOnItself;
    private int continuations;
    private byte[] block = NONE;
    private int blockLength;

    Heads(Http2Connection connection) {
        this.connection = connection;
        this.decoder = new HpackDecoder(connection.limits.tableMost());
    }

    /** Bytes of the table of what the client sends. */
    int tableBytes() {
        return decoder.table().bytes();
    }

    boolean open() {
        return headOpen;
    }

    /** Whether a frame is the one that has to come. */
    boolean goesOn(int type, int stream) {
        return type == Frame.CONTINUATION && stream == headId;
    }

    /** The client has our settings. */
    void acknowledged() {
        decoder.acknowledged();
    }

    /** HEADERS: with padding and the old priority, of which only the worst is looked at. */
    void begin(int id, int flags, byte[] bytes, int from, int to) {
        int at = from;
        int end = to;
        if ((flags & Frame.PADDED) != 0) {
            end -= bytes[at++] & 0xff;
        }
        headDependsOnItself = false;
        if ((flags & Frame.WITH_PRIORITY) != 0) {
            headDependsOnItself = Frame.int31(bytes, at) == id;
            at += 5;
        }
        if (end < at) {
            connection.fail(ErrorCode.PROTOCOL_ERROR, "more padding than HEADERS");
            return;
        }
        headId = id;
        headEndsStream = (flags & Frame.END_STREAM) != 0;
        if ((flags & Frame.END_HEADERS) != 0) {
            head(bytes, at, end);
            return;
        }
        headOpen = true;
        continuations = 0;
        blockLength = 0;
        append(bytes, at, end);
    }

    /** CONTINUATION. */
    void goOn(int flags, byte[] bytes, int from, int to) {
        boolean ends = (flags & Frame.END_HEADERS) != 0;
        if (++continuations > Flood.CONTINUATIONS.atOnce) {
            connection.flooded(Flood.CONTINUATIONS);
            return;
        }
        if (from == to && !ends && !connection.spend(Flood.EMPTY_FRAMES)) {
            return;
        }
        if (append(bytes, from, to) && ends) {
            headOpen = false;
            byte[] whole = block;
            int wholeLength = blockLength;
            block = NONE;
            blockLength = 0;
            head(whole, 0, wholeLength);
            if (whole.length > 0) {
                connection.server.buffers.giveBack(whole);
            }
        }
    }

    /** Collects a piece of a head; false when it is too large. */
    private boolean append(byte[] bytes, int from, int to) {
        int whole = blockLength + to - from;
        if (whole > connection.limits.blockMost()) {
            connection.flooded(Flood.CONTINUATIONS);
            return false;
        }
        if (whole > block.length) {
            Buffers buffers = connection.server.buffers;
            if (whole > Buffers.ALWAYS && buffers.exhausted()) {
                connection.noMemory();
                return false;
            }
            byte[] target = buffers.take(whole + (whole >> 1));
            System.arraycopy(block, 0, target, 0, blockLength);
            if (block.length > 0) {
                connection.server.buffers.giveBack(block);
            }
            block = target;
        }
        System.arraycopy(bytes, from, block, blockLength, to - from);
        blockLength = whole;
        return true;
    }

    /** Frees what it holds. */
    void release() {
        if (block.length > 0) {
            connection.server.buffers.giveBack(block);
            block = NONE;
            blockLength = 0;
        }
    }

    /** A head's block is whole. */
    private void head(byte[] bytes, int from, int to) {
        Http2Stream open = connection.streams.get(headId);
        if (open != null) {
            trailers(open, bytes, from, to);
        } else if (headId > connection.lastId) {
            newRequest(bytes, from, to);
        } else {
            headBehindTheEnd(bytes, from, to);
        }
    }

    private void newRequest(byte[] bytes, int from, int to) {
        if (connection.drained) {
            // Not among those that we said we serve: the client sends it elsewhere.
            dropped(bytes, from, to);
            return;
        }
        connection.lastId = headId;
        if (connection.streams.count() >= connection.limits.streamsMost() || !connection.owner.mayBegin()) {
            refuse(ErrorCode.REFUSED_STREAM, bytes, from, to);
            return;
        }
        Http2Server server = connection.server;
        Http2Stream stream = server.take();
        RequestFields fields = server.fields;
        fields.begin(stream.head);
        if (!decoder.decode(bytes, from, to, fields)) {
            server.giveBack(stream);
            compression();
            return;
        }
        fields.finish(!headEndsStream);
        Malformed malformed = fields.malformed();
        if (malformed != null || headDependsOnItself) {
            server.giveBack(stream);
            if (malformed != null) {
                connection.owner.malformed(malformed);
            }
            connection.streams.ended(headId, true);
            connection.resetUnopened(headId, ErrorCode.PROTOCOL_ERROR);
            return;
        }
        if (fields.refusal() != 0 && !connection.spend(Flood.RESETS_CAUSED)) {
            server.giveBack(stream);
            return;
        }
        int window = connection.acknowledged
                ? connection.limits.streamWindow()
                : Math.max(Frame.WINDOW, connection.limits.streamWindow());
        stream.open(connection, headId, window, connection.sender.peerWindow);
        stream.priority = fields.priority(Priority.UNSAID);
        stream.protocolStart = fields.protocolStart();
        stream.protocolEnd = fields.protocolEnd();
        stream.requestEnded = headEndsStream;
        stream.bodyLeft = headEndsStream ? -1 : fields.lengthGiven();
        connection.streams.add(stream);
        if (fields.refusal() != 0) {
            trim(stream.head);
        }
        stream.count();
        if (fields.refusal() != 0) {
            stream.drops = true;
            connection.owner.refused(stream, Refusal.of(fields.refusal()));
        } else {
            connection.owner.request(stream);
        }
    }

    /** A head that is refused is not kept, but for the method and target, if they are not what is too long. */
    private static void trim(RequestHead head) {
        if (head.bytes.length > Http2Server.KEPT_BYTES) {
            byte[] kept = Arrays.copyOf(head.bytes, Http2Server.KEPT_BYTES);
            if (Math.max(head.methodEnd, head.targetEnd) > kept.length) {
                head.reset(kept, 0);
            }
            head.bytes = kept;
            head.fieldCount = 0;
        }
    }

    private void refuse(int code, byte[] bytes, int from, int to) {
        if (dropped(bytes, from, to)) {
            connection.streams.ended(headId, true);
            connection.resetUnopened(headId, code);
        }
    }

    /** Unpacks a head that nobody wants: the table has to stay in step. */
    private boolean dropped(byte[] bytes, int from, int to) {
        TrailerFields trailers = connection.server.trailers;
        trailers.begin(false);
        boolean good = decoder.decode(bytes, from, to, trailers);
        trailers.trim();
        if (!good) {
            compression();
        }
        return good;
    }

    private void compression() {
        connection.fail(ErrorCode.COMPRESSION_ERROR, "a head cannot be unpacked");
    }

    private void trailers(Http2Stream stream, byte[] bytes, int from, int to) {
        if (stream.requestEnded || headDependsOnItself) {
            if (dropped(bytes, from, to)) {
                connection.fault(stream, stream.requestEnded ? ErrorCode.STREAM_CLOSED : ErrorCode.PROTOCOL_ERROR);
            }
            return;
        }
        TrailerFields trailers = connection.server.trailers;
        trailers.begin(true);
        boolean good = decoder.decode(bytes, from, to, trailers);
        trailers.trim();
        if (!good) {
            compression();
            return;
        }
        Malformed malformed = headEndsStream ? trailers.malformed() : Malformed.TRAILERS_WITHOUT_END;
        if (malformed != null) {
            connection.malformed(stream, malformed);
        } else if (trailers.refusal() != 0 && !stream.drops) {
            stream.requestEnded = true;
            connection.owner.refused(stream, Refusal.of(trailers.refusal()));
        } else {
            connection.requestEnds(stream);
        }
    }

    private void headBehindTheEnd(byte[] bytes, int from, int to) {
        switch (connection.drained ? StreamTable.RESET : connection.streams.how(headId)) {
            case StreamTable.RESET -> {
                if (headEndsStream) {
                    connection.streams.endedByPeer(headId);
                    connection.needsNoReset(headId);
                } else if (!connection.spend(Flood.EMPTY_FRAMES)) {
                    return;
                }
                dropped(bytes, from, to);
            }
            case StreamTable.CLOSED -> connection.fail(ErrorCode.STREAM_CLOSED, "HEADERS for a stream that is closed");
            default -> {
                if (!headEndsStream || !connection.streams.forgets()) {
                    connection.fail(ErrorCode.PROTOCOL_ERROR, "a new stream has a lower number than one before");
                } else if (connection.spend(Flood.EMPTY_FRAMES)) {
                    dropped(bytes, from, to);
                }
            }
        }
    }
}
