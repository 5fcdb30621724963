package terpan.daemon;

import java.time.Duration;
import terpan.dispatch.DispatchSnapshot;
import terpan.dispatch.DispatchSnapshot.SlotSnapshot;

/**
 * Gives memory back to the system that a burst has left in the heap. What many connections held at once outlives young
 * collections, and nothing would ever collect it again once they have left. Asked on one loop, now and then: a full collection of
 * the little that lives takes some ten milliseconds, and is made only when hardly anybody is served.
 */
final class SpareHeap {
    static final Duration EVERY = Duration.ofSeconds(5);

    /** Requests since the last time, at most: two a second. */
    private static final long HARDLY_ANY = EVERY.toSeconds() * 2;

    private static final long WORTH_IT = 8L << 20;

    private final Runtime runtime = Runtime.getRuntime();
    private long settled;
    private long kept = runtime.totalMemory();

    /** Collects when it is worth it and makes hardly anybody wait. */
    void giveBack(DispatchSnapshot now) {
        long before = settled;
        settled = now.slots().stream().mapToLong(SlotSnapshot::settled).sum();
        boolean idle = now.inFlight() == 0 && now.waiting() == 0 && settled - before <= HARDLY_ANY;
        if (idle && runtime.totalMemory() >= kept + WORTH_IT) {
            System.gc();
            kept = runtime.totalMemory();
        }
    }
}
