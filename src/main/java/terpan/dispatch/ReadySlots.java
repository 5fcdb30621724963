package terpan.dispatch;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The slots that take requests, in the order in which they became ready. Guarded by the dispatcher's lock. */
final class ReadySlots {
    private @Nullable Slot[] slots = new Slot[8];
    private int size;

    /** Ready slots with nothing in flight; kept by the dispatcher. */
    int idle;

    /** Whether their weights differ. */
    boolean weighted;

    int size() {
        return size;
    }

    Slot get(int position) {
        return Objects.requireNonNull(slots[position]);
    }

    void add(Slot slot) {
        if (size == slots.length) {
            slots = Arrays.copyOf(slots, 2 * size);
        }
        slots[size++] = slot;
        idle += slot.inFlight == 0 ? 1 : 0;
        weighted = weightsDiffer();
    }

    void remove(Slot slot) {
        int position = 0;
        while (get(position) != slot) {
            position++;
        }
        System.arraycopy(slots, position + 1, slots, position, size - position - 1);
        slots[--size] = null;
        idle -= slot.inFlight == 0 ? 1 : 0;
        weighted = weightsDiffer();
    }

    private boolean weightsDiffer() {
        for (int i = 1; i < size; i++) {
            if (get(i).spec.weight() != get(0).spec.weight()) {
                return true;
            }
        }
        return false;
    }

    /** The ready slot with the least load, whether it has room or not. */
    @Nullable
    Slot leastLoaded() {
        Slot best = null;
        for (int i = 0; i < size; i++) {
            if (best == null || get(i).lessLoaded(best)) {
                best = get(i);
            }
        }
        return best;
    }
}
