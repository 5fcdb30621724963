package terpan.dispatch;

/** The right to one place on one slot. Released exactly once, through {@link Dispatcher#settle}. */
public final class Lease implements Admission {
    final Slot slot;
    final long grantedAt;
    boolean released;

    Lease(Slot slot, long grantedAt) {
        this.slot = slot;
        this.grantedAt = grantedAt;
    }

    /** The slot's index: stable while the slot exists, small, used again after it is gone. */
    public int slotIndex() {
        return slot.index;
    }

    /** The slot itself, for naming the worker. */
    public Slot slot() {
        return slot;
    }

    /** Monotonic nanoseconds of the grant. */
    public long grantedAt() {
        return grantedAt;
    }
}
