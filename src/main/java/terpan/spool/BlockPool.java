package terpan.spool;

import java.util.ArrayDeque;

/** Blocks for all spools; keeps a bounded number that nobody uses. Thread-safe: its own lock, held for a few instructions. */
final class BlockPool {
    /** Most unused blocks that are kept: 4 MiB. */
    private static final int KEPT_MOST = 256;

    private final ArrayDeque<Block> unused = new ArrayDeque<>();
    private volatile long lent;

    synchronized Block lend() {
        count(1);
        Block block = unused.pollLast();
        return block == null ? new Block() : block;
    }

    synchronized void giveBack(Block block) {
        count(-1);
        block.from = 0;
        block.to = 0;
        if (unused.size() < KEPT_MOST) {
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
    private void count(int blocks) {
        long now = lent;
        lent = now + blocks;
    }

    long lentBytes() {
        return lent * Block.SIZE;
    }
}
