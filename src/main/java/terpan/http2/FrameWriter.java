package terpan.http2;

/** Frames on their way out, one behind the other in one array, which is taken when there are any and goes back when all are sent. */
final class FrameWriter {
    /** What an array has room for, usually. */
    static final int BYTES = 16 * 1024;

    private static final byte[] NONE = new byte[0];

    private final Buffers buffers;
    byte[] bytes = NONE;
    int start;
    int end;

    FrameWriter(Buffers buffers) {
        this.buffers = buffers;
    }

    int length() {
        return end - start;
    }

    /** The array with room for so many bytes from {@link #end} on. */
    byte[] reserve(int count) {
        if (bytes.length - end < count) {
            grow(count);
        }
        return bytes;
    }

    private void grow(int count) {
        int pending = end - start;
        byte[] target = bytes;
        if (bytes.length - pending < count) {
            target = buffers.takeSome(Math.max(2 * bytes.length, pending + count));
        }
        System.arraycopy(bytes, start, target, 0, pending);
        if (target != bytes) {
            giveBack();
            bytes = target;
        }
        start = 0;
        end = pending;
    }

    /** Room in the array as it is. */
    int room() {
        return bytes.length - end;
    }

    void sent(int count) {
        start += count;
        if (start == end) {
            release();
        }
    }

    void release() {
        giveBack();
        bytes = NONE;
        start = 0;
        end = 0;
    }

    private void giveBack() {
        if (bytes.length > 0) {
            buffers.giveBack(bytes);
        }
    }

    /** Writes a frame's head at a place. */
    void headAt(int at, int length, int type, int flags, int stream) {
        bytes[at] = (byte) (length >>> 16);
        bytes[at + 1] = (byte) (length >>> 8);
        bytes[at + 2] = (byte) length;
        bytes[at + 3] = (byte) type;
        bytes[at + 4] = (byte) flags;
        int32At(at + 5, stream);
    }

    private void int32At(int at, int value) {
        bytes[at] = (byte) (value >>> 24);
        bytes[at + 1] = (byte) (value >>> 16);
        bytes[at + 2] = (byte) (value >>> 8);
        bytes[at + 3] = (byte) value;
    }

    private void head(int length, int type, int flags, int stream) {
        reserve(Frame.HEAD + length);
        headAt(end, length, type, flags, stream);
        end += Frame.HEAD;
    }

    private void int32(int value) {
        int32At(end, value);
        end += 4;
    }

    void settings(Http2Limits limits) {
        boolean table = limits.tableMost() != Http2Limits.TABLE;
        int count = 4 + (table ? 1 : 0) + (limits.extendedConnect() ? 1 : 0);
        head(6 * count, Frame.SETTINGS, 0, 0);
        setting(Frame.MAX_CONCURRENT_STREAMS, limits.streamsMost());
        setting(Frame.INITIAL_WINDOW_SIZE, limits.streamWindow());
        setting(Frame.MAX_HEADER_LIST_SIZE, limits.heads().headMost());
        setting(Frame.NO_RFC7540_PRIORITIES, 1);
        if (table) {
            setting(Frame.HEADER_TABLE_SIZE, limits.tableMost());
        }
        if (limits.extendedConnect()) {
            setting(Frame.ENABLE_CONNECT_PROTOCOL, 1);
        }
    }

    private void setting(int number, int value) {
        bytes[end] = 0;
        bytes[end + 1] = (byte) number;
        end += 2;
        int32(value);
    }

    void settingsAck() {
        head(0, Frame.SETTINGS, Frame.ACK, 0);
    }

    void ping(byte[] from, int at, boolean ack) {
        head(8, Frame.PING, ack ? Frame.ACK : 0, 0);
        System.arraycopy(from, at, bytes, end, 8);
        end += 8;
    }

    void reset(int stream, int code) {
        head(4, Frame.RST_STREAM, 0, stream);
        int32(code);
    }

    void windowUpdate(int stream, int increment) {
        head(4, Frame.WINDOW_UPDATE, 0, stream);
        int32(increment);
    }

    void goAway(int lastStream, int code, byte[] text) {
        head(8 + text.length, Frame.GOAWAY, 0, 0);
        int32(lastStream);
        int32(code);
        System.arraycopy(text, 0, bytes, end, text.length);
        end += text.length;
    }

    /** An empty DATA frame that ends its stream. */
    void end(int stream) {
        head(0, Frame.DATA, Frame.END_STREAM, stream);
    }

    /**
     * Gives the block that was written from {@code from} on its frames: a head before it, which {@link Frame#HEAD} bytes were left for, and
     * heads of CONTINUATION frames within, where it is longer than one frame.
     */
    void headBlock(int from, int to, int stream, boolean endStream) {
        int first = Math.min(to - from, Frame.PAYLOAD_MOST);
        int flags = endStream ? Frame.END_STREAM : 0;
        boolean whole = first == to - from;
        headAt(from - Frame.HEAD, first, Frame.HEADERS, whole ? flags | Frame.END_HEADERS : flags, stream);
        end = to;
        int at = from + first;
        while (at < end) {
            int before = end;
            reserve(Frame.HEAD);
            int moved = at + end - before;
            System.arraycopy(bytes, moved, bytes, moved + Frame.HEAD, end - moved);
            end += Frame.HEAD;
            int length = Math.min(end - moved - Frame.HEAD, Frame.PAYLOAD_MOST);
            boolean last = moved + Frame.HEAD + length == end;
            headAt(moved, length, Frame.CONTINUATION, last ? Frame.END_HEADERS : 0, stream);
            at = moved + Frame.HEAD + length;
        }
    }
}
