package terpan.edge.limits;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** How many connections each address has open. Thread-safe; as large as there are connections. */
final class AddressCounts {
    private final Map<Long, Integer> counts = new ConcurrentHashMap<>();

    /** One more; returns how many there are now. */
    int enter(long address) {
        return counts.merge(address, 1, Integer::sum);
    }

    void leave(long address) {
        counts.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
    }

    int addresses() {
        return counts.size();
    }
}
