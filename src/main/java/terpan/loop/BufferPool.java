package terpan.loop;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/**
 * Byte arrays for one loop, so that only connections at work hold one, and the count of what they hold. Bounded, in what it keeps for the next
 * too; belongs to the loop's thread, but for {@link #lentBytes}.
 */
public final class BufferPool {
    /** The usual size of an array. */
    public static final int BYTES = 16 * 1024;

    /** The size of one that is taken where memory is tight: most heads, and pages that refuse, are no longer. */
    public static final int SMALL = 1024;

    private static final int SPARE_MOST = 256;

    private final byte[][] spare;
    private final BooleanSupplier tight;
    private int spares;

    /** Written by the loop alone, which needs no atomic step for it. */
    private final AtomicLong lent = new AtomicLong();

    /** A pool that memory is never short for, and that keeps as many arrays as it may. */
    public BufferPool() {
        this(Long.MAX_VALUE, () -> false);
    }

    /**
     * @param spareMost most bytes in arrays that nobody uses
     * @param tight whether each has to do with less; asked with each {@link #takeSome}, so it has to be quick
     */
    public BufferPool(long spareMost, BooleanSupplier tight) {
        this.spare = new byte[(int) Math.min(SPARE_MOST, spareMost / BYTES)][];
        this.tight = tight;
    }

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

    /** A buffer for so many bytes, and more of them: of the usual size, or where memory is tight a small one. */
    public byte[] takeSome(int least) {
        return take(Math.max(least, isTight() ? SMALL : BYTES));
    }

    /** Whether each has to do with less. */
    public boolean isTight() {
        return tight.getAsBoolean();
    }

    /** Takes a buffer back; one of another size is dropped. */
    public void giveBack(byte[] buffer) {
        count(-buffer.length);
        if (buffer.length == BYTES && spares < spare.length) {
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
