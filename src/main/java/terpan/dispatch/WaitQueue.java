package terpan.dispatch;

import org.jspecify.annotations.Nullable;

/**
 * Requests that are admitted and have no slot yet, in the order in which they are to be granted. Guarded by the
 * dispatcher's lock; the bound on its length is the dispatcher's. No operation grows with the number that waits.
 */
interface WaitQueue {
    int size();

    /** Puts a waiter behind all others. */
    Ticket append(Waiter waiter, Need need, int route, long now);

    /** Puts a waiter before all that were not granted yet, among its like by the beginning of their wait. */
    Ticket restore(Waiter waiter, Need need, int route, long since);

    /** The first of those with this need. */
    @Nullable
    Ticket first(Need need);

    /** The first of all. */
    @Nullable
    Ticket first();

    /** The first that began to wait at this moment or before; those that came back are looked at one by one. */
    @Nullable
    Ticket expired(long since);

    /** The waiter's place. */
    @Nullable
    Ticket find(Waiter waiter);

    /** Takes a ticket out; it may be used again at once, so what it says has to be read before. */
    void remove(Ticket ticket);
}
