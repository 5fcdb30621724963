package terpan.dispatch;

import org.jspecify.annotations.Nullable;

/**
 * The slot with the fewest requests in flight in relation to its capacity and weight; equals take turns, where weights differ as
 * often as their weights say.
 */
final class LeastLoaded implements SlotChoice {
    private int next;

    @Override
    public @Nullable Slot choose(ReadySlots ready, Need need, long key, long now) {
        if (ready.weighted) {
            return byWeight(ready, need, now);
        }
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

    private static @Nullable Slot byWeight(ReadySlots ready, Need need, long now) {
        Slot best = null;
        for (int i = 0; i < ready.size(); i++) {
            Slot slot = ready.get(i);
            if (slot.takes(need, now) && (best == null || slot.before(best))) {
                best = slot;
            }
        }
        return best;
    }
}
