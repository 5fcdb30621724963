package terpan.dispatch;

/** A worker's place in the dispatcher. Guarded by the dispatcher's lock, but for what is final. */
public final class Slot {
    final int index;
    final SlotSpec spec;

    Slot(int index, SlotSpec spec) {
        this.index = index;
        this.spec = spec;
    }

    /** Small, dense, used again once this slot is gone. */
    public int index() {
        return index;
    }

    public SlotSpec spec() {
        return spec;
    }
}
