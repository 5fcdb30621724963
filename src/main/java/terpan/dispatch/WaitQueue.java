package terpan.dispatch;

import org.jspecify.annotations.Nullable;

/**
 * Requests that are admitted and have no slot yet, in the order in which they are to be granted. Guarded by the
 * dispatcher's lock; the bound on its length is the dispatcher's. No operation grows with the number that waits, but {@link #free}.
 */
interface WaitQueue {
    int size();

    /**
     * Puts a waiter behind all others.
     *
     * @param home the slot that it waits for alone, with the need {@link Need#ANY}; null: whichever takes it
     */
    Ticket append(Waiter waiter, Need need, int route, long now, @Nullable Slot home);

    /** Puts a waiter before all that were not granted yet, among its like by the beginning of their wait. */
    Ticket restore(Waiter waiter, Need need, int route, long since, @Nullable Slot home);

    /** Those who wait for this slot alone wait for any from now on, at the places in the order that they had. */
    void free(Slot slot);

    /** The first of those with this need that any slot may take. */
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
