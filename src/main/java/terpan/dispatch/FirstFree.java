package terpan.dispatch;

import org.jspecify.annotations.Nullable;

/** The first slot that has a place within its capacity, else within its window: the last ones stay idle under little load. */
final class FirstFree implements SlotChoice {
    @Override
    public @Nullable Slot choose(ReadySlots ready, Need need, long key, long now) {
        Slot deeper = null;
        for (int i = 0; i < ready.size(); i++) {
            Slot slot = ready.get(i);
            if (slot.takes(need, now)) {
                if (slot.inFlight < slot.capacity) {
                    return slot;
                }
                deeper = deeper == null ? slot : deeper;
            }
        }
        return deeper;
    }
}
