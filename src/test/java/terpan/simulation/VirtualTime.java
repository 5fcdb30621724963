package terpan.simulation;

import java.util.Comparator;
import java.util.PriorityQueue;

/** Time that jumps from event to event, in nanoseconds from 0. */
final class VirtualTime {
    static final long MICROSECOND = 1_000;
    static final long MILLISECOND = 1_000_000;
    static final long SECOND = 1_000_000_000;

    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::number));
    private long now;
    private long lastNumber;

    private record Event(long at, long number, Runnable action) {}

    long now() {
        return now;
    }

    void at(long then, Runnable action) {
        events.add(new Event(Math.max(now, then), ++lastNumber, action));
    }

    void after(long delay, Runnable action) {
        at(now + delay, action);
    }

    /** Lets everything happen up to a moment. */
    void run(long until) {
        for (Event event = events.peek(); event != null && event.at <= until; event = events.peek()) {
            events.remove();
            now = event.at;
            event.action.run();
        }
        now = until;
    }
}
