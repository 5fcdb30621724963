package terpan.dispatch;

import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/** The less loaded of two slots taken at random; the least loaded of all when that has no room, or a queue while another is idle. */
final class RandomTwo implements SlotChoice {
    private final IntUnaryOperator random;
    private final LeastLoaded otherwise = new LeastLoaded();

    RandomTwo(IntUnaryOperator random) {
        this.random = random;
    }

    @Override
    public @Nullable Slot choose(ReadySlots ready, Need need, long key, long now) {
        int size = ready.size();
        if (size < 2) {
            return otherwise.choose(ready, need, key, now);
        }
        int first = random.applyAsInt(size);
        int second = random.applyAsInt(size - 1);
        Slot one = ready.get(first);
        Slot other = ready.get(second < first ? second : second + 1);
        Slot better = other.lessLoaded(one) ? other : one;
        if (better.takes(need, now) && (better.beginsSoon() || ready.idle == 0)) {
            return better;
        }
        return otherwise.choose(ready, need, key, now);
    }
}
