package terpan.loop;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Byte arrays for one loop, so that only connections at work hold one, and the count of what they hold. Bounded; belongs to the
 * loop's thread, but for {@link #lentBytes}.
 */
public final class BufferPool {
    /** The usual size of an array. */
    public static final int BYTES = 16 * 1024;

    private static final int SPARE_MOST = 256;

    private final byte[][] spare = new byte[SPARE_MOST][];
    private int spares;

    /** Written by the loop alone, which needs no atomic step for it. */
    private final AtomicLong lent = new AtomicLong();

    /** A buffer of the usual size. */
    public byte[] take() {
        count(BYTES);
        return spares == 0 ? new byte[BYTES] : spare[--spares];
    }

    /** A buffer of that size. */
    public byte[] take(int size) {
        if (size == BYTES) {
            return take();
        }
        count(size);
        return new byte[size];
    }

    /** Takes a buffer back; one of another size is dropped. */
    public void giveBack(byte[] buffer) {
        count(-buffer.length);
        if (buffer.length == BYTES && spares < SPARE_MOST) {
            spare[spares++] = buffer;
        }
    }

    /** Counts bytes, fewer where negative, of arrays that others made. */
    public void count(int bytes) {
        lent.setOpaque(lent.getPlain() + bytes);
    }

    /** Bytes in buffers that are in use; from any thread. */
    public long lentBytes() {
        return lent.getOpaque();
    }
}
