package terpan.dispatch;

import org.jspecify.annotations.Nullable;

/** A place in the wait queue. Used again and again; guarded by the dispatcher's lock. */
final class Ticket {
    @Nullable
    Waiter waiter;

    Need need = Need.ANY;
    int route;

    /** As {@link Waiter#mayAskAgain} when the wait began. */
    boolean mayAskAgain;

    /** The slot that it waits for alone. */
    @Nullable
    Slot home;

    /** When the wait began, monotonic nanoseconds. */
    long since;

    /** Position among those that came the usual way. */
    long number;

    /** Whether the request was granted before and came back: then it stands before all that did not. */
    boolean again;

    @Nullable
    Ticket previous;

    @Nullable
    Ticket next;

    /** Whether this one stands before the other in the queue. */
    boolean before(Ticket other) {
        if (again != other.again) {
            return again;
        }
        return again ? since - other.since < 0 : number < other.number;
    }
}
