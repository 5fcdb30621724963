package terpan.dispatch;

import org.jspecify.annotations.Nullable;

/** The right to one place on one slot, given by a dispatcher and released to it exactly once. */
public final class Lease implements Admission {
    final Slot slot;
    final long grantedAt;
    final int route;

    /** Whether its route is known to be slow: nobody is put behind it. */
    final boolean slow;

    /** Whether as many as the capacity were in flight before it. */
    final boolean pastCapacity;

    final int barriers;

    /** Whether its slot had to prove itself. */
    final boolean proving;

    /** The status that the worker told; 0: none. Written by the loop that has the lease, before it settles it. */
    int status;

    private final boolean quick;
    private final boolean deep;

    boolean released;

    /** Neighbours among the open leases of its slot, by age. */
    @Nullable
    Lease older;

    @Nullable
    Lease newer;

    /** The waiter to be told after the critical section, and the next such lease. */
    @Nullable
    Waiter waiter;

    @Nullable
    Lease nextGrant;

    Lease(Slot slot, long grantedAt, int route, boolean slow) {
        this.slot = slot;
        this.grantedAt = grantedAt;
        this.route = route;
        this.slow = slow;
        this.barriers = slot.barriers;
        this.proving = slot.proving;
        this.pastCapacity = slot.inFlight >= slot.capacity;
        this.quick = !slow && slot.spec.batching() && slot.window.quick();
        this.deep = !slot.spec.batching() && slot.inFlight >= slot.spec.busyWith();
    }

    /** The slot's index: stable while the slot exists, small, used again after it is gone. */
    public int slotIndex() {
        return slot.index;
    }

    /** The slot itself, for naming the worker. */
    public Slot slot() {
        return slot;
    }

    /** The worker told the status of its answer. */
    public void told(int answered) {
        status = answered;
    }

    /** Releases it, where nothing is known of the service time but what the dispatcher sees itself. */
    public void settle(Outcome outcome, long now) {
        settle(outcome, now, 0);
    }

    /**
     * Releases it, exactly once; its place is granted to those who wait.
     *
     * @param now monotonic nanoseconds
     * @param service how long the worker says that its handler took, nanoseconds; 0: it says nothing
     */
    public void settle(Outcome outcome, long now, long service) {
        slot.dispatcher.settle(this, outcome, now, service);
    }

    /**
     * Nobody waits for what it was granted for. It stays open, and its place taken, until it is settled.
     *
     * @param since from when on the place counts as lost; may be still to come
     */
    public void giveUp(long since) {
        slot.dispatcher.giveUp(this, since);
    }

    /** Nobody waits for it, and the worker that holds it showed at that time that its one thread is not stuck. */
    public void alive(long at) {
        slot.dispatcher.alive(slot, at);
    }

    /** Whether the worker has to prove itself: what it does not answer well others may be asked for. */
    public boolean proving() {
        return proving;
    }

    /** Monotonic nanoseconds of the grant. */
    public long grantedAt() {
        return grantedAt;
    }

    /** Whether the worker takes many in one frame, and an answer within 1 ms was to be expected when it was granted. */
    public boolean quick() {
        return quick;
    }

    /** Whether the worker takes them one by one and had so many already that it would not soon miss another. */
    public boolean deep() {
        return deep;
    }
}
