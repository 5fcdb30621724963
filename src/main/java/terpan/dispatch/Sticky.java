package terpan.dispatch;

import org.jspecify.annotations.Nullable;

/**
 * The same slot for the same key while it has room, else the least loaded: nobody waits for one slot while another is idle.
 * By highest random weight over the slots' names, so that a slot that comes or goes moves no other slot's keys.
 */
final class Sticky implements SlotChoice {
    private final LeastLoaded otherwise = new LeastLoaded();

    @Override
    public @Nullable Slot choose(ReadySlots ready, Need need, int key, long now) {
        if (key == 0) {
            return otherwise.choose(ready, need, key, now);
        }
        Slot best = null;
        int bestWeight = 0;
        for (int i = 0; i < ready.size(); i++) {
            Slot slot = ready.get(i);
            int weight = weight(slot.spec.name().hashCode(), key);
            if (best == null || weight > bestWeight) {
                best = slot;
                bestWeight = weight;
            }
        }
        boolean itsOwn = best != null && best.takes(need, now) && (best.beginsSoon() || ready.idle == 0);
        return itsOwn ? best : otherwise.choose(ready, need, key, now);
    }

    private static int weight(int name, int key) {
        int mixed = (name ^ key * 0x9E3779B9) * 0x85EBCA6B;
        mixed = (mixed ^ mixed >>> 13) * 0xC2B2AE35;
        return mixed ^ mixed >>> 16;
    }
}
