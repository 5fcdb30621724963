package terpan.edge.tunnel;

/**
 * Where frames of WebSocket end in the bytes that a server sends (RFC 6455, section 5.2): only their lengths are read, so that one of our own
 * can go between two of them. Belongs to the loop's thread.
 */
final class FrameBounds {
    private static final int CLOSE = 8;
    private static final int OPCODE = 0x0f;
    private static final int MASKED = 0x80;
    private static final int LENGTH = 0x7f;
    private static final int LENGTH_OF_TWO = 126;
    private static final int LENGTH_OF_EIGHT = 127;

    /** Bytes of the head that came; 0: no frame has begun. */
    private int head;

    private int headMost;
    private long length;
    private boolean closing;
    private boolean lost;

    /** Bytes of the payload that have not come. */
    private long left;

    /** These come next. */
    void pass(byte[] bytes, int start, int end) {
        int at = start;
        while (at < end && !lost) {
            if (left > 0) {
                long count = Math.min(left, end - at);
                left -= count;
                at += (int) count;
            } else {
                headByte(bytes[at++] & 0xff);
            }
        }
    }

    private void headByte(int value) {
        switch (head++) {
            case 0 -> closing |= (value & OPCODE) == CLOSE;
            case 1 -> {
                int told = value & LENGTH;
                headMost = told == LENGTH_OF_TWO ? 4 : told == LENGTH_OF_EIGHT ? 10 : 2;
                length = headMost == 2 ? told : 0;
                lost |= (value & MASKED) != 0; // no server's
            }
            default -> length = length << 8 | value;
        }
        if (head > 1 && head == headMost) {
            head = 0;
            left = length;
            lost |= length < 0;
        }
    }

    /** Whether another frame may come here: none has begun, none said that it is the last, and all were a server's. */
    boolean isBetween() {
        return head == 0 && left == 0 && !closing && !lost;
    }
}
