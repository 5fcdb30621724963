package terpan.edge;

import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Byte arrays for one loop, so that only connections at work hold one, and the count of what they hold. Bounded; belongs to the
 * loop's thread, but for {@link #lentBytes}.
 */
final class BufferPool {
    static final int BYTES = 16 * 1024;
    private static final int SPARE_MOST = 256;

    private final ArrayDeque<byte[]> spare = new ArrayDeque<>();

    /** Written by the loop alone, which needs no atomic step for it. */
    private final AtomicLong lent = new AtomicLong();

    /** A buffer of the usual size. */
    byte[] take() {
        count(BYTES);
        byte[] buffer = spare.pollLast();
        return buffer == null ? new byte[BYTES] : buffer;
    }

    /** A buffer of that size. */
    byte[] take(int size) {
        if (size == BYTES) {
            return take();
        }
        count(size);
        return new byte[size];
    }

    /** Takes a buffer back; one of another size is dropped. */
    void giveBack(byte[] buffer) {
        count(-buffer.length);
        if (buffer.length == BYTES && spare.size() < SPARE_MOST) {
            spare.addLast(buffer);
        }
    }

    private void count(int bytes) {
        lent.setOpaque(lent.getPlain() + bytes);
    }

    /** Bytes in buffers that are in use; from any thread. */
    long lentBytes() {
        return lent.getOpaque();
    }
}
