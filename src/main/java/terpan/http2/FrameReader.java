package terpan.http2;

/**
 * Takes the bytes of a connection apart into frames, however they were cut. The payload of DATA is passed on in pieces, the others' whole:
 * from where it lies when it lies there whole, else from an array that is taken meanwhile. Belongs to one connection.
 */
final class FrameReader {
    /** What is to be done with a frame's payload. */
    enum Payload {
        WHOLE,
        PIECES,
        SKIP,
        /** Nothing more is read of the connection. */
        STOP
    }

    /** Who gets the frames. */
    interface Taker {
        /** A frame begins. */
        Payload begin(int length, int type, int flags, int stream);

        /** The payload of one that is wanted whole. */
        void whole(byte[] bytes, int from, int to);

        /** A piece of the payload of one that is wanted in pieces; the last has come when so many bytes have. */
        void piece(byte[] bytes, int from, int to, boolean last);

        /** There is no memory to keep a piece of a payload that is wanted whole. */
        void noMemory();

        /** Whether nothing more is to be read. */
        boolean stopped();
    }

    private static final byte[] NONE = new byte[0];

    private final Buffers buffers;
    private final Taker taker;
    private final byte[] head = new byte[Frame.HEAD];
    private int headCount;
    private Payload payload = Payload.SKIP;
    private int left;
    private byte[] held = NONE;
    private int heldCount;

    FrameReader(Buffers buffers, Taker taker) {
        this.buffers = buffers;
        this.taker = taker;
    }

    /** Whether a frame's payload has begun and is not whole. */
    boolean within() {
        return headCount == Frame.HEAD;
    }

    /** Whether a piece of a payload is kept that is only of use with its rest. */
    boolean holds() {
        return heldCount > 0;
    }

    /** Takes all bytes, unless it is stopped. */
    void read(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && !taker.stopped()) {
            if (headCount < Frame.HEAD) {
                at = readHead(bytes, at, to);
            } else {
                at = readPayload(bytes, at, to);
            }
        }
    }

    private int readHead(byte[] bytes, int from, int to) {
        int at = from;
        if (headCount == 0 && to - at >= Frame.HEAD) {
            headCount = Frame.HEAD;
            begin(bytes, at);
            return at + Frame.HEAD;
        }
        int count = Math.min(Frame.HEAD - headCount, to - at);
        System.arraycopy(bytes, at, head, headCount, count);
        headCount += count;
        if (headCount == Frame.HEAD) {
            begin(head, 0);
        }
        return at + count;
    }

    private void begin(byte[] bytes, int at) {
        left = (bytes[at] & 0xff) << 16 | (bytes[at + 1] & 0xff) << 8 | bytes[at + 2] & 0xff;
        payload = taker.begin(left, bytes[at + 3] & 0xff, bytes[at + 4] & 0xff, Frame.int31(bytes, at + 5));
        if (left == 0 && payload != Payload.STOP) {
            headCount = 0;
            switch (payload) {
                case WHOLE -> taker.whole(bytes, at, at);
                case PIECES -> taker.piece(bytes, at, at, true);
                case SKIP, STOP -> {}
            }
        }
    }

    private int readPayload(byte[] bytes, int from, int to) {
        int count = Math.min(left, to - from);
        boolean last = count == left;
        switch (payload) {
            case WHOLE -> {
                if (!last || heldCount > 0) {
                    if (!hold(bytes, from, count)) {
                        return to;
                    }
                } else {
                    left = 0;
                    headCount = 0;
                    taker.whole(bytes, from, from + count);
                    return from + count;
                }
            }
            case PIECES -> {
                left -= count;
                headCount = last ? 0 : headCount;
                taker.piece(bytes, from, from + count, last);
                return from + count;
            }
            case SKIP, STOP -> {}
        }
        left -= count;
        if (last) {
            headCount = 0;
            heldWhole();
        }
        return from + count;
    }

    /** Keeps a piece, in an array that is no longer than what came asks for; false: there is no memory for it. */
    private boolean hold(byte[] bytes, int from, int count) {
        int whole = heldCount + count;
        if (whole > held.length) {
            if (whole > Buffers.ALWAYS && buffers.exhausted()) {
                taker.noMemory();
                return false;
            }
            byte[] target = buffers.take(Math.min(heldCount + left, Math.max(whole, 2 * held.length)));
            System.arraycopy(held, 0, target, 0, heldCount);
            release();
            held = target;
        }
        System.arraycopy(bytes, from, held, whole - count, count);
        heldCount = whole;
        return true;
    }

    private void heldWhole() {
        if (heldCount > 0) {
            byte[] whole = held;
            int count = heldCount;
            held = NONE;
            heldCount = 0;
            taker.whole(whole, 0, count);
            buffers.giveBack(whole);
        }
    }

    /** Frees what it holds. */
    void release() {
        if (held.length > 0) {
            buffers.giveBack(held);
            held = NONE;
            heldCount = 0;
        }
    }
}
