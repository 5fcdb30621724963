package terpan.edge.limits;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import terpan.loop.BufferPool;
import terpan.spool.SpoolSpace;

/**
 * The memory in buffers of all loops and spools together, and its bound: beyond it nothing new is let in, before the heap runs
 * out. Thread-safe. The loops count for themselves and this adds them up when asked, so that a request pays for no atomic step.
 */
public final class BufferMemory {
    /** From this share of the bound on, what waits for slow clients goes to disk earlier. */
    private static final int TIGHT_SHARE = 4;

    /** From three of so many parts of the bound on, answers that their clients do not take are cut, so that others are served. */
    private static final int SCARCE_PARTS = 4;

    /** What goes beyond the bound, one part in so many of it, for pages that tell of it. */
    private static final int OVERDRAFT_SHARE = 8;

    /** The part of the bound that bodies which have yet to come may be promised: the rest is for what others send and are sent. */
    private static final int INTAKE_SHARE = 2;

    private volatile long most;

    /** What each pool keeps of what nobody uses, and the spools together. */
    private final long spareMost;

    private final SpoolSpace spool;
    private final AtomicLong promised = new AtomicLong();
    private final List<BufferPool> pools = new CopyOnWriteArrayList<>();

    /**
     * Makes the account.
     *
     * @param most the bound in bytes; 0: {@link HeapShares}
     * @param loops how many have a {@link #pool}
     */
    public BufferMemory(long most, SpoolSpace spool, int loops) {
        this.spool = spool;
        this.spareMost = HeapShares.ofThisProcess().spares() / (loops + 1);
        most(most);
    }

    /** Another bound from now on, in bytes; 0: {@link HeapShares}. */
    void most(long bytes) {
        most = bytes > 0 ? bytes : HeapShares.ofThisProcess().buffers();
        spool.memoryBounds(most / TIGHT_SHARE, spareMost);
    }

    /** A pool for one loop, counted here. */
    public BufferPool pool() {
        BufferPool pool = new BufferPool(spareMost, this::tight);
        pools.add(pool);
        return pool;
    }

    /** Bytes in use. */
    public long held() {
        long held = spool.bytesInMemory();
        for (int i = 0; i < pools.size(); i++) {
            held += pools.get(i).lentBytes();
        }
        return held;
    }

    /** The bound. */
    public long most() {
        return most;
    }

    /** Promises memory to a body that has yet to come; false: too much is promised already. One alone is always promised it. */
    public boolean promise(int bytes) {
        long before = promised.getAndAdd(bytes);
        if (before == 0 || before + bytes <= most / INTAKE_SHARE) {
            return true;
        }
        promised.addAndGet(-bytes);
        return false;
    }

    /** The body is whole, or nobody wants it any more. */
    public void promiseOver(int bytes) {
        promised.addAndGet(-bytes);
    }

    /** Bytes that are promised now. */
    public long promised() {
        return promised.get();
    }

    /** Whether nothing more should be let in. */
    public boolean exhausted() {
        return held() >= most;
    }

    /** Whether so much more than the bound is held that not even a few pages can be made that say so. */
    public boolean overdrawn() {
        long bound = most;
        return held() >= bound + bound / OVERDRAFT_SHARE;
    }

    /** Whether there is little left, so that answers which their clients do not take have to go. */
    public boolean scarce() {
        long bound = most;
        return held() >= bound - bound / SCARCE_PARTS;
    }

    /** Whether each single client has to do with less. */
    public boolean tight() {
        return held() >= most / TIGHT_SHARE;
    }
}
