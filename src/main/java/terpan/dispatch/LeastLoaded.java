package terpan.dispatch;

import org.jspecify.annotations.Nullable;

/** The slot with the fewest requests in flight in relation to its capacity; equals take turns. */
final class LeastLoaded implements SlotChoice {
    private int next;

    @Override
    public @Nullable Slot choose(ReadySlots ready, Need need, int key, long now) {
        int size = ready.size();
        int position = next < size ? next : 0;
        Slot best = null;
        for (int i = 0; i < size; i++) {
            Slot slot = ready.get(position);
            position = position + 1 < size ? position + 1 : 0;
            if (slot.takes(need, now) && (best == null || slot.lessLoaded(best))) {
                best = slot;
                next = position;
                if (slot.inFlight == 0 && !slot.spec.batching()) {
                    break;
                }
            }
        }
        return best;
    }
}
