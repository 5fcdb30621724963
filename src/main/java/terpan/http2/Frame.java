package terpan.http2;

/** Types, flags and settings of frames (RFC 9113, section 6; RFC 9218, section 7.1; RFC 8441, section 3). */
final class Frame {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int PRIORITY = 2;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PUSH_PROMISE = 5;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;
    static final int PRIORITY_UPDATE = 16;

    static final int END_STREAM = 0x1;
    static final int ACK = 0x1;
    static final int END_HEADERS = 0x4;
    static final int PADDED = 0x8;
    static final int WITH_PRIORITY = 0x20;

    static final int HEADER_TABLE_SIZE = 1;
    static final int ENABLE_PUSH = 2;
    static final int MAX_CONCURRENT_STREAMS = 3;
    static final int INITIAL_WINDOW_SIZE = 4;
    static final int MAX_FRAME_SIZE = 5;
    static final int MAX_HEADER_LIST_SIZE = 6;
    static final int ENABLE_CONNECT_PROTOCOL = 8;
    static final int NO_RFC7540_PRIORITIES = 9;

    /** Bytes before each payload. */
    static final int HEAD = 9;

    /** Longest payload that we take and send: what everybody has to take; larger ones only hold others up. */
    static final int PAYLOAD_MOST = 16_384;

    /** Windows before anything else was agreed on. */
    static final int WINDOW = 65_535;

    private Frame() {}

    static int int32(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 24
                | (bytes[at + 1] & 0xff) << 16
                | (bytes[at + 2] & 0xff) << 8
                | (bytes[at + 3] & 0xff);
    }

    /** A stream's id or a window's increment: the first bit says nothing. */
    static int int31(byte[] bytes, int at) {
        return int32(bytes, at) & Integer.MAX_VALUE;
    }
}
