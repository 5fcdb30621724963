package terpan.edge.http2;

import terpan.edge.Edge;
import terpan.loop.BufferPool;

/**
 * The arrays in which the answers of one connection wait. The first few have whole buffers of the pool; beside those each has what it needs,
 * so that many short answers, and pages that refuse, hold little more than their own length. Belongs to the loop's thread.
 */
final class AnswerMemory {
    /** What one connection holds in whole buffers, bytes. */
    static final int IN_BUFFERS = 16 * BufferPool.BYTES;

    private final Edge edge;
    private int held;

    AnswerMemory(Edge edge) {
        this.edge = edge;
    }

    /** An array of at least that size. */
    byte[] take(int size) {
        byte[] taken =
                size <= BufferPool.BYTES && held < IN_BUFFERS ? edge.buffers.takeSome(size) : edge.buffers.take(size);
        held += taken.length;
        return taken;
    }

    void giveBack(byte[] array) {
        held -= array.length;
        edge.buffers.giveBack(array);
    }

    /** How much of one answer may wait in memory, bytes. */
    int forEach() {
        return held < IN_BUFFERS ? edge.memoryForEach() : BufferPool.BYTES;
    }

    /** How much of a file is read at a time, bytes. */
    int filePiece() {
        return held < IN_BUFFERS ? 8 * BufferPool.BYTES : BufferPool.BYTES;
    }

    /** So many bytes more, or fewer where negative, are held in arrays that others have. */
    void count(int change) {
        held += change;
    }
}
