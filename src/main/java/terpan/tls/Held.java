package terpan.tls;

import java.nio.ByteBuffer;
import terpan.loop.BufferPool;

/** Bytes of one connection that wait, in an array of the loop's pool, so that they are counted; none while nothing waits. */
final class Held {
    private static final byte[] NONE = new byte[0];

    private final BufferPool pool;
    private final int least;
    private byte[] bytes = NONE;
    private int start;
    private int end;

    /**
     * @param least bytes of the smallest array, where memory is not tight: a whole buffer for what soon goes on, none for what may wait long
     */
    Held(BufferPool pool, int least) {
        this.pool = pool;
        this.least = least;
    }

    boolean isEmpty() {
        return start == end;
    }

    int size() {
        return end - start;
    }

    byte[] bytes() {
        return bytes;
    }

    int start() {
        return start;
    }

    /** Puts bytes behind those that wait. */
    void append(byte[] from, int offset, int length) {
        if (length == 0) {
            return;
        }
        if (bytes.length - end < length) {
            int size = size();
            int doubled = Math.min(BufferPool.BYTES, 2 * (size + length));
            byte[] larger = pool.take(Math.max(Math.max(pool.isTight() ? 0 : least, doubled), size + length));
            System.arraycopy(bytes, start, larger, 0, size);
            release();
            bytes = larger;
            end = size;
        }
        System.arraycopy(from, offset, bytes, end, length);
        end += length;
    }

    /** So many of them are used. */
    void drop(int count) {
        start += count;
        if (start == end) {
            release();
        }
    }

    /** Copies some out. */
    int take(byte[] into, int offset, int length) {
        int count = Math.min(length, size());
        System.arraycopy(bytes, start, into, offset, count);
        drop(count);
        return count;
    }

    /** Moves all into a buffer that has room for them. */
    void moveTo(ByteBuffer into) {
        into.put(bytes, start, size());
        release();
    }

    void release() {
        if (bytes.length > 0) {
            pool.giveBack(bytes);
        }
        bytes = NONE;
        start = 0;
        end = 0;
    }
}
