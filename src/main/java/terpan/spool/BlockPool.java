package terpan.spool;

import java.util.ArrayDeque;

/** Blocks for all spools; keeps a bounded number that nobody uses. Thread-safe: its own lock, held for a few instructions. */
final class BlockPool {
    /** Most unused blocks that are kept, where the heap is large: 4 MiB. */
    private static final int KEPT_MOST = 256;

    private final ArrayDeque<Block> unused = new ArrayDeque<>();
    private volatile int keptMost = KEPT_MOST;
    private volatile long sparingFrom = Long.MAX_VALUE;
    private volatile long lent;

    /**
     * Sets its bounds.
     *
     * @param sparing bytes in use from which on blocks are small
     * @param kept most bytes in blocks that nobody uses
     */
    void bounds(long sparing, long kept) {
        sparingFrom = sparing;
        keptMost = (int) Math.min(KEPT_MOST, kept / Block.SIZE);
    }

    /** Whether as much is in use that each spool has to do with less. */
    boolean sparing() {
        return lent >= sparingFrom;
    }

    synchronized Block lend() {
        boolean small = sparing();
        Block block = small ? null : unused.pollLast();
        if (block == null) {
            block = new Block(small ? Block.SMALL : Block.SIZE);
        }
        count(block.bytes.length);
        return block;
    }

    synchronized void giveBack(Block block) {
        count(-block.bytes.length);
        block.from = 0;
        block.to = 0;
        if (block.bytes.length == Block.SIZE && unused.size() < keptMost) {
            unused.addLast(block);
        }
    }

    /** Gives back all blocks of a queue and empties it. */
    void giveBackAll(ArrayDeque<Block> blocks) {
        for (Block block = blocks.pollFirst(); block != null; block = blocks.pollFirst()) {
            giveBack(block);
        }
    }

    /** With the lock held; read without it. */
    private void count(int bytes) {
        long now = lent;
        lent = now + bytes;
    }

    long lentBytes() {
        return lent;
    }
}
