package terpan.daemon;

import java.time.Duration;
import java.util.List;
import terpan.dispatch.DispatchSnapshot;
import terpan.dispatch.DispatchSnapshot.SlotSnapshot;

/**
 * Gives memory back to the system that requests have left in the heap. What many connections held at once, or a slow one for long,
 * outlives young collections; the collector would rather let the heap grow to its bound than collect it. Asked on one loop, now and
 * then: a full collection of the little that lives takes some ten milliseconds. When hardly anybody is served it is made for little,
 * else only for much and not often.
 */
final class SpareHeap {
    static final Duration EVERY = Duration.ofSeconds(5);

    /** Requests since the last time, at most: two a second. */
    private static final long HARDLY_ANY = EVERY.toSeconds() * 2;

    private static final long WORTH_IT = 8L << 20;
    private static final long WORTH_A_PAUSE = 20L << 20;

    /** Times that it was asked, between two collections that make somebody wait: a minute. */
    private static final int SELDOM = 12;

    private final Runtime runtime = Runtime.getRuntime();
    private long settled;
    private long kept = runtime.totalMemory();
    private int asked;

    /** Collects when it is worth it. */
    void giveBack(List<DispatchSnapshot> now) {
        long before = settled;
        settled = now.stream()
                .flatMap(each -> each.slots().stream())
                .mapToLong(SlotSnapshot::settled)
                .sum();
        boolean idle = now.stream().allMatch(each -> each.inFlight() == 0 && each.waiting() == 0)
                && settled - before <= HARDLY_ANY;
        boolean seldom = ++asked >= SELDOM;
        if ((idle || seldom) && runtime.totalMemory() >= kept + (idle ? WORTH_IT : WORTH_A_PAUSE)) {
            System.gc();
            kept = runtime.totalMemory();
            asked = 0;
        }
    }
}
