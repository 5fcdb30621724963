package terpan.edge;

import java.util.ArrayDeque;

/** Byte arrays of one size for one loop, so that only connections at work hold one. Bounded; belongs to the loop's thread. */
final class BufferPool {
    static final int BYTES = 16 * 1024;
    private static final int SPARE_MOST = 256;

    private final ArrayDeque<byte[]> spare = new ArrayDeque<>();

    byte[] take() {
        byte[] buffer = spare.pollLast();
        return buffer == null ? new byte[BYTES] : buffer;
    }

    /** Takes a buffer back; one of another size is dropped. */
    void giveBack(byte[] buffer) {
        if (buffer.length == BYTES && spare.size() < SPARE_MOST) {
            spare.addLast(buffer);
        }
    }
}
