package terpan.spool;

import java.util.ArrayDeque;

/**
 * Bytes in memory, first in first out. As long as it {@link #keeps}, blocks whose bytes were taken stay, so that they can be taken
 * again. Belongs to the spool's loop thread.
 */
final class BlockQueue {
    private final BlockPool pool;
    private final ArrayDeque<Block> waiting = new ArrayDeque<>();
    private final ArrayDeque<Block> taken = new ArrayDeque<>();
    private boolean keeps;
    private int bytes;

    BlockQueue(BlockPool pool, boolean keeps) {
        this.pool = pool;
        this.keeps = keeps;
    }

    /** Bytes that can be taken. */
    int bytes() {
        return bytes;
    }

    /** Whether everything that was ever appended is still here. */
    boolean keeps() {
        return keeps;
    }

    void stopKeeping() {
        keeps = false;
        pool.giveBackAll(taken);
    }

    void append(byte[] from, int start, int end) {
        int at = start;
        while (at < end) {
            Block last = waiting.peekLast();
            if (last == null || last.room() == 0) {
                last = pool.lend();
                waiting.addLast(last);
            }
            int piece = Math.min(end - at, last.room());
            System.arraycopy(from, at, last.bytes, last.to, piece);
            last.to += piece;
            at += piece;
        }
        bytes += end - start;
    }

    int take(byte[] into, int offset, int length) {
        int at = 0;
        while (at < length && bytes > 0) {
            Block block = waiting.element();
            int piece = Math.min(length - at, block.length());
            System.arraycopy(block.bytes, block.from, into, offset + at, piece);
            block.from += piece;
            bytes -= piece;
            at += piece;
            if (block.length() == 0 && (block.room() == 0 || waiting.size() > 1 || !keeps)) {
                settle(waiting.remove());
            }
        }
        return at;
    }

    private void settle(Block block) {
        if (keeps) {
            taken.addLast(block);
        } else {
            pool.giveBack(block);
        }
    }

    /** Makes all bytes wait again; only while it {@link #keeps}. */
    void rewind() {
        for (Block block = taken.pollLast(); block != null; block = taken.pollLast()) {
            waiting.addFirst(block);
        }
        bytes = 0;
        for (Block block : waiting) {
            block.from = 0;
            bytes += block.to;
        }
    }

    /** Bytes of the first block. The queue must not be empty. */
    int firstLength() {
        return waiting.element().length();
    }

    Block removeFirst() {
        Block block = waiting.remove();
        bytes -= block.length();
        return block;
    }

    void addLast(Block block) {
        waiting.addLast(block);
        bytes += block.length();
    }

    void clear() {
        keeps = false;
        pool.giveBackAll(taken);
        pool.giveBackAll(waiting);
        bytes = 0;
    }
}
