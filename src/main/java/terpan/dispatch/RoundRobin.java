package terpan.dispatch;

import org.jspecify.annotations.Nullable;

/** One slot after the other; a slot without room, or with a queue while another is idle, is passed over. */
final class RoundRobin implements SlotChoice {
    private int next;

    @Override
    public @Nullable Slot choose(ReadySlots ready, Need need, long key, long now) {
        int size = ready.size();
        int position = next < size ? next : 0;
        for (int i = 0; i < size; i++) {
            Slot slot = ready.get(position);
            position = position + 1 < size ? position + 1 : 0;
            if (slot.takes(need, now) && (slot.beginsSoon() || ready.idle == 0)) {
                next = position;
                return slot;
            }
        }
        return null;
    }
}
