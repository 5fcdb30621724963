package terpan.http2;

import org.jspecify.annotations.Nullable;

/** The receiving side of one connection: the rules of each frame (RFC 9113, section 6), and bodies of requests. */
final class Receiver implements FrameReader.Taker {
    /** Window updates of fewer bytes are counted. */
    private static final int TINY = 1024;

    /** So many settings of one frame count as another frame: each costs a little. */
    private static final int SETTINGS_FOR_ONE = 32;

    private static final int SETTING = 6;
    private final Http2Connection connection;
    private final FrameReader reader;
    private final Heads heads;
    private int prefaceAt;
    private boolean settled;

    /** When the bytes came that are taken now. */
    long now;

    // The frame that is taken.
    private int length;
    private int type;
    private int flags;
    private int id;

    // DATA that comes in pieces.
    private @Nullable Http2Stream dataStream;
    private boolean padKnown;
    private boolean dataEmpty;
    private int dataLeft;

    Receiver(Http2Connection connection) {
        this.connection = connection;
        this.reader = new FrameReader(connection.server.buffers, this);
        this.heads = new Heads(connection);
    }

    void receive(byte[] bytes, int from, int to, long nowNanos) {
        now = nowNanos;
        int at = from;
        while (prefaceAt < Http2Connection.PREFACE.length && at < to) {
            if (bytes[at++] != Http2Connection.PREFACE[prefaceAt++]) {
                connection.fail(ErrorCode.PROTOCOL_ERROR, "the preface is not that of HTTP/2");
                return;
            }
        }
        reader.read(bytes, at, to);
    }

    boolean withinHead() {
        return heads.open()
                || reader.holds()
                || (reader.within() && type == Frame.HEADERS)
                || prefaceAt < Http2Connection.PREFACE.length;
    }

    /** A stream is over: what still comes of it in the frame that is taken is dropped. */
    void gone(Http2Stream stream) {
        if (dataStream == stream) {
            dataStream = null;
        }
    }

    void release() {
        reader.release();
        heads.release();
    }

    int tableBytes() {
        return heads.tableBytes();
    }

    @Override
    public void noMemory() {
        connection.noMemory();
    }

    @Override
    public boolean stopped() {
        return connection.failed;
    }

    private FrameReader.Payload fail(int code, String what) {
        connection.fail(code, what);
        return FrameReader.Payload.STOP;
    }

    private FrameReader.Payload protocol(String what) {
        return fail(ErrorCode.PROTOCOL_ERROR, what);
    }

    private FrameReader.Payload size(String what) {
        return fail(ErrorCode.FRAME_SIZE_ERROR, what);
    }

    // Each frame's first nine bytes.

    @Override
    public FrameReader.Payload begin(int frameLength, int frameType, int frameFlags, int stream) {
        length = frameLength;
        type = frameType;
        flags = frameFlags;
        id = stream;
        if (frameLength > Frame.PAYLOAD_MOST) {
            return size("a frame is larger than agreed on");
        }
        if (heads.open() && !heads.goesOn(frameType, stream)) {
            return protocol("a head is not whole and something else comes");
        }
        if (!settled && (frameType != Frame.SETTINGS || (frameFlags & Frame.ACK) != 0)) {
            return protocol("the first frame is not SETTINGS");
        }
        return switch (frameType) {
            case Frame.DATA -> beginData();
            case Frame.HEADERS -> beginHeaders();
            case Frame.PRIORITY -> ofStream(0, "PRIORITY");
            case Frame.RST_STREAM -> ofStream(4, "RST_STREAM");
            case Frame.SETTINGS -> beginSettings();
            case Frame.PUSH_PROMISE -> protocol("a client cannot push");
            case Frame.PING -> ofConnection(frameLength == 8, "PING");
            case Frame.GOAWAY -> ofConnection(frameLength >= 8, "GOAWAY");
            case Frame.WINDOW_UPDATE ->
                frameLength == 4 ? FrameReader.Payload.WHOLE : size("WINDOW_UPDATE of another length than 4");
            case Frame.CONTINUATION -> beginContinuation();
            case Frame.PRIORITY_UPDATE -> ofConnection(frameLength >= 4, "PRIORITY_UPDATE");
            default -> connection.spend(Flood.UNKNOWN_FRAMES) ? FrameReader.Payload.SKIP : FrameReader.Payload.STOP;
        };
    }

    private FrameReader.Payload ofStream(int exactly, String name) {
        if (id == 0) {
            return protocol(name + " without a stream");
        }
        if (exactly > 0 && length != exactly) {
            return size(name + " of another length than " + exactly);
        }
        return FrameReader.Payload.WHOLE;
    }

    private FrameReader.Payload ofConnection(boolean goodLength, String name) {
        if (id != 0) {
            return protocol(name + " for a stream");
        }
        return goodLength ? FrameReader.Payload.WHOLE : size(name + " of a wrong length");
    }

    private FrameReader.Payload beginSettings() {
        if (id != 0) {
            return protocol("SETTINGS for a stream");
        }
        boolean ack = (flags & Frame.ACK) != 0;
        if (ack ? length != 0 : length % SETTING != 0) {
            return size("SETTINGS of a wrong length");
        }
        return FrameReader.Payload.WHOLE;
    }

    private FrameReader.Payload beginHeaders() {
        if (id == 0 || (id & 1) == 0) {
            return protocol("HEADERS for a stream that no client has");
        }
        int least = ((flags & Frame.PADDED) != 0 ? 1 : 0) + ((flags & Frame.WITH_PRIORITY) != 0 ? 5 : 0);
        return length < least ? size("HEADERS without room for what they announce") : FrameReader.Payload.WHOLE;
    }

    private FrameReader.Payload beginContinuation() {
        if (!heads.open()) {
            return protocol("CONTINUATION without a head to go on with");
        }
        return FrameReader.Payload.WHOLE;
    }

    @Override
    public void whole(byte[] bytes, int from, int to) {
        switch (type) {
            case Frame.HEADERS -> heads.begin(id, flags, bytes, from, to);
            case Frame.PRIORITY -> priority(bytes, from);
            case Frame.RST_STREAM -> resetByPeer(Frame.int32(bytes, from));
            case Frame.SETTINGS -> settings(bytes, from, to);
            case Frame.PING -> ping(bytes, from);
            case Frame.GOAWAY -> {
                if (connection.spend(Flood.UNKNOWN_FRAMES)) {
                    connection.peerLeaves = true;
                    connection.owner.flushLater();
                }
            }
            case Frame.WINDOW_UPDATE -> windowUpdate(Frame.int31(bytes, from));
            case Frame.CONTINUATION -> heads.goOn(flags, bytes, from, to);
            case Frame.PRIORITY_UPDATE -> priorityUpdate(bytes, from, to);
            default -> throw new IllegalStateException("frames of type " + type + " are not wanted whole");
        }
    }

    /** Whether the frame's stream was never opened; after the last request that we take, others may be under way. */
    private boolean idle() {
        return (id & 1) == 0 || (id > connection.lastId && !connection.drained);
    }

    // Bodies.

    private FrameReader.Payload beginData() {
        if (id == 0 || idle()) {
            return protocol("DATA for a stream that is not open");
        }
        if (length > connection.receiveWindow) {
            return fail(ErrorCode.FLOW_CONTROL_ERROR, "more DATA than the connection's window");
        }
        if ((flags & Frame.PADDED) != 0 && length == 0) {
            return size("padded DATA without room for it");
        }
        connection.receiveWindow -= length;
        Http2Stream stream = connection.streams.get(id);
        if (stream == null) {
            return dataBehindTheEnd();
        }
        if (stream.requestEnded) {
            connection.fault(stream, ErrorCode.STREAM_CLOSED);
            return dropped();
        }
        if (length > stream.receiveWindow) {
            connection.fault(stream, ErrorCode.FLOW_CONTROL_ERROR);
            return dropped();
        }
        stream.receiveWindow -= length;
        padKnown = (flags & Frame.PADDED) == 0;
        dataLeft = length;
        dataEmpty = length == 0;
        dataStream = stream;
        return FrameReader.Payload.PIECES;
    }

    private FrameReader.Payload dataBehindTheEnd() {
        int how = connection.drained ? StreamTable.RESET : connection.streams.how(id);
        // Of one that was answered early, long ago as streams go, the rest may still come.
        if (how == StreamTable.CLOSED || (how == StreamTable.FORGOTTEN && !connection.streams.forgets())) {
            return fail(ErrorCode.STREAM_CLOSED, "DATA for a stream that is closed");
        }
        if ((flags & Frame.END_STREAM) != 0) {
            connection.streams.endedByPeer(id);
            connection.needsNoReset(id);
        } else if (length == 0 && !connection.spend(Flood.EMPTY_FRAMES)) {
            return FrameReader.Payload.STOP;
        }
        return dropped();
    }

    private FrameReader.Payload dropped() {
        connection.taken(length);
        return connection.failed ? FrameReader.Payload.STOP : FrameReader.Payload.SKIP;
    }

    @Override
    public void piece(byte[] bytes, int from, int to, boolean last) {
        int at = from;
        if (!padKnown && at < to) {
            int pad = bytes[at++] & 0xff;
            if (pad >= length) {
                protocol("more padding than DATA");
                return;
            }
            padKnown = true;
            dataLeft = length - 1 - pad;
            dataEmpty = dataLeft == 0;
            padding(1 + pad);
        }
        int count = Math.min(dataLeft, to - at);
        dataLeft -= count;
        Http2Stream stream = dataStream;
        if (stream == null) {
            connection.taken(count);
            return;
        }
        if (stream.bodyLeft >= 0) {
            stream.bodyLeft -= count;
            if (stream.bodyLeft < 0) {
                connection.taken(count);
                connection.malformed(stream, Malformed.LENGTH_DIFFERS);
                return;
            }
        }
        stream.untaken += count;
        if (stream.drops) {
            stream.taken(count);
        } else if (count > 0) {
            connection.owner.body(stream, bytes, at, at + count);
        }
        if (last && dataStream == stream) {
            dataStream = null;
            dataEnds(stream);
        }
    }

    /** Padding needs no room. */
    private void padding(int count) {
        Http2Stream stream = dataStream;
        if (stream == null) {
            connection.taken(count);
        } else {
            stream.untaken += count;
            stream.taken(count);
        }
    }

    private void dataEnds(Http2Stream stream) {
        if ((flags & Frame.END_STREAM) != 0) {
            connection.requestEnds(stream);
        } else if (dataEmpty) {
            connection.spend(Flood.EMPTY_FRAMES);
        }
    }

    // The other frames.

    private void priority(byte[] bytes, int from) {
        if (!connection.spend(Flood.PRIORITIES)) {
            return;
        }
        boolean goodLength = length == 5;
        if (goodLength && Frame.int31(bytes, from) != id) {
            return;
        }
        int code = goodLength ? ErrorCode.PROTOCOL_ERROR : ErrorCode.FRAME_SIZE_ERROR;
        Http2Stream stream = connection.streams.get(id);
        if (stream != null) {
            connection.fault(stream, code);
        } else {
            fail(code, "PRIORITY of a wrong length, or of a stream that depends on itself");
        }
    }

    private void priorityUpdate(byte[] bytes, int from, int to) {
        int which = Frame.int31(bytes, from);
        if (which == 0) {
            protocol("PRIORITY_UPDATE for no stream");
            return;
        }
        if (connection.spend(Flood.PRIORITIES)) {
            Http2Stream stream = connection.streams.get(which);
            if (stream != null) {
                connection.sender.priority(stream, Priority.parse(bytes, from + 4, to));
            }
        }
    }

    private void resetByPeer(int code) {
        if (idle()) {
            protocol("RST_STREAM for a stream that is not open");
            return;
        }
        if (!connection.spend(Flood.RESETS)) {
            return;
        }
        Http2Stream stream = connection.streams.get(id);
        if (stream != null) {
            connection.close(stream, Http2Owner.End.RESET_BY_PEER, code, false);
        } else {
            connection.needsNoReset(id);
        }
    }

    private void settings(byte[] bytes, int from, int to) {
        if ((flags & Frame.ACK) != 0) {
            acknowledged();
            return;
        }
        settled = true;
        for (int cost = 0; cost <= length / SETTING / SETTINGS_FOR_ONE; cost++) {
            if (!connection.spend(Flood.SETTINGS)) {
                return;
            }
        }
        int window = connection.sender.peerWindow;
        for (int at = from; at < to; at += SETTING) {
            int number = (bytes[at] & 0xff) << 8 | bytes[at + 1] & 0xff;
            int value = Frame.int32(bytes, at + 2);
            if (!setting(number, value)) {
                return;
            }
            window = number == Frame.INITIAL_WINDOW_SIZE ? value : window;
        }
        if (window != connection.sender.peerWindow && !peerWindow(window)) {
            return;
        }
        connection.out.settingsAck();
        connection.owner.flushLater();
    }

    private boolean setting(int number, int value) {
        boolean good = switch (number) {
            case Frame.ENABLE_PUSH, Frame.ENABLE_CONNECT_PROTOCOL, Frame.NO_RFC7540_PRIORITIES ->
                value == 0 || value == 1;
            case Frame.MAX_FRAME_SIZE -> value >= Frame.PAYLOAD_MOST && value < 1 << 24;
            default -> true;
        };
        if (!good) {
            protocol("a setting has a value that it cannot have");
        } else if (number == Frame.INITIAL_WINDOW_SIZE && value < 0) {
            fail(ErrorCode.FLOW_CONTROL_ERROR, "an initial window is too large");
        } else if (number == Frame.HEADER_TABLE_SIZE) {
            connection.sender.encoder.tableMost(value < 0 ? Integer.MAX_VALUE : value);
        }
        return !connection.failed;
    }

    /** All windows change with what new streams begin with (RFC 9113, section 6.9.2), and may be less than nothing then. */
    private boolean peerWindow(int window) {
        int change = window - connection.sender.peerWindow;
        connection.sender.peerWindow = window;
        for (Http2Stream stream : connection.streams.slots()) {
            if (stream != null) {
                stream.sendWindow += change;
                if (stream.sendWindow > Integer.MAX_VALUE) {
                    fail(ErrorCode.FLOW_CONTROL_ERROR, "a stream's window is too large by a setting");
                    return false;
                }
                connection.sender.resume(stream);
            }
        }
        return true;
    }

    private void acknowledged() {
        if (connection.acknowledged) {
            connection.spend(Flood.SETTINGS);
            return;
        }
        connection.acknowledged = true;
        heads.acknowledged();
        int change = connection.limits.streamWindow() - Math.max(Frame.WINDOW, connection.limits.streamWindow());
        for (Http2Stream stream : connection.streams.slots()) {
            if (stream != null) {
                stream.receiveWindow += change;
            }
        }
    }

    private void ping(byte[] bytes, int from) {
        if ((flags & Frame.ACK) != 0) {
            if (connection.spend(Flood.PINGS)) {
                connection.pingAnswered(bytes, from);
            }
        } else if (connection.spend(Flood.PINGS)) {
            connection.out.ping(bytes, from, true);
            connection.owner.flushLater();
        }
    }

    private void windowUpdate(int increment) {
        if (id != 0 && idle()) {
            protocol("WINDOW_UPDATE for a stream that is not open");
            return;
        }
        if (increment < TINY && !connection.spend(Flood.WINDOW_UPDATES)) {
            return;
        }
        if (id == 0) {
            connectionWindow(increment);
            return;
        }
        Http2Stream stream = connection.streams.get(id);
        if (stream == null) {
            return;
        }
        if (increment == 0) {
            connection.fault(stream, ErrorCode.PROTOCOL_ERROR);
        } else if (stream.sendWindow + increment > Integer.MAX_VALUE) {
            connection.fault(stream, ErrorCode.FLOW_CONTROL_ERROR);
        } else {
            stream.sendWindow += increment;
            connection.sender.resume(stream);
        }
    }

    private void connectionWindow(int increment) {
        if (increment == 0) {
            protocol("a window grows by nothing");
        } else if (connection.sender.sendWindow + increment > Integer.MAX_VALUE) {
            fail(ErrorCode.FLOW_CONTROL_ERROR, "the connection's window is too large");
        } else {
            connection.sender.sendWindow += increment;
            if (!connection.sender.queue.isEmpty()) {
                connection.owner.flushLater();
            }
        }
    }
}
