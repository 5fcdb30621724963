package terpan.loop;

/** Byte arrays of one size for one loop, so that only connections at work hold one. Bounded; belongs to the loop's thread. */
public final class BufferPool {
    /** The size of each array. */
    public static final int BYTES = 16 * 1024;

    private static final int SPARE_MOST = 256;

    private final byte[][] spare = new byte[SPARE_MOST][];
    private int spares;

    public byte[] take() {
        return spares == 0 ? new byte[BYTES] : spare[--spares];
    }

    /** Takes a buffer back; one of another size is dropped. */
    public void giveBack(byte[] buffer) {
        if (buffer.length == BYTES && spares < SPARE_MOST) {
            spare[spares++] = buffer;
        }
    }
}
