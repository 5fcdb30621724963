package terpan.dispatch;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Requests that are admitted and have no slot yet: first come, first served. One linked list for each {@link Need} and one for each slot
 * that somebody waits for alone, so that the first one which a slot can take is found without passing over others; and an identity map,
 * so that a client that leaves is found at once. Tickets are kept for use again. No operation grows with the number that waits, but
 * {@link #free}; the bound on it is the dispatcher's. Guarded by the dispatcher's lock. Rejected: one list with tombstones, which has to be
 * walked past requests that wait for an empty slot.
 */
final class WaitQueue {
    private final IdentityHashMap<Waiter, Ticket> places = new IdentityHashMap<>();
    private final TicketList any = new TicketList();
    private final TicketList withinCapacity = new TicketList();
    private final TicketList empty = new TicketList();

    /** These, and those of slots that somebody waits for alone. */
    private final List<TicketList> lists = new ArrayList<>(List.of(any, withinCapacity, empty));

    private @Nullable Ticket spare;
    private long lastNumber;

    int size() {
        return places.size();
    }

    /**
     * Puts a waiter behind all others.
     *
     * @param home the slot that it waits for alone, with the need {@link Need#ANY}; null: whichever takes it
     */
    Ticket append(Waiter waiter, Need need, int route, long now, @Nullable Slot home) {
        Ticket ticket = take(waiter, need, route, now, false, home);
        ticket.number = ++lastNumber;
        list(ticket).append(ticket);
        return ticket;
    }

    /** Puts a waiter before all that were not granted yet, among its like by the beginning of their wait. */
    Ticket restore(Waiter waiter, Need need, int route, long since, @Nullable Slot home) {
        Ticket ticket = take(waiter, need, route, since, true, home);
        list(ticket).restore(ticket);
        return ticket;
    }

    /** Those who wait for this slot alone wait for any from now on, at the places in the order that they had. */
    void free(Slot slot) {
        TicketList own = slot.waiting;
        if (own == null) {
            return;
        }
        slot.waiting = null;
        lists.remove(own);
        for (Ticket at = own.head; at != null; at = at.next) {
            at.home = null;
        }
        any.merge(own);
    }

    /** The first of those with this need that any slot may take. */
    @Nullable
    Ticket first(Need need) {
        return list(need).head;
    }

    /** The first of all. */
    @Nullable
    Ticket first() {
        Ticket first = null;
        for (int i = 0; i < lists.size(); i++) {
            Ticket head = lists.get(i).head;
            if (head != null && (first == null || head.before(first))) {
                first = head;
            }
        }
        return first;
    }

    /** The first that began to wait at this moment or before; those that came back are looked at one by one. */
    @Nullable
    Ticket expired(long since) {
        for (TicketList list : lists) {
            for (Ticket at = list.head; at != null; at = at.next) {
                if (at.since - since <= 0) {
                    return at;
                }
                if (!at.again) {
                    break;
                }
            }
        }
        return null;
    }

    /** The waiter's place. */
    @Nullable
    Ticket find(Waiter waiter) {
        return places.get(waiter);
    }

    /** Takes a ticket out; it may be used again at once, so what it says has to be read before. */
    void remove(Ticket ticket) {
        list(ticket).unlink(ticket);
        if (ticket.waiter != null) {
            places.remove(ticket.waiter);
        }
        ticket.waiter = null;
        ticket.home = null;
        ticket.next = spare;
        spare = ticket;
    }

    private Ticket take(Waiter waiter, Need need, int route, long since, boolean again, @Nullable Slot home) {
        Ticket ticket = spare;
        if (ticket == null) {
            ticket = new Ticket();
        } else {
            spare = ticket.next;
        }
        if (places.putIfAbsent(waiter, ticket) != null) {
            throw new IllegalStateException(
                    "waiter " + waiter + " is in the wait queue already: one request waits once");
        }
        ticket.waiter = waiter;
        ticket.need = need;
        ticket.route = route;
        ticket.since = since;
        ticket.again = again;
        ticket.home = home;
        return ticket;
    }

    private TicketList list(Ticket ticket) {
        Slot home = ticket.home;
        if (home == null) {
            return list(ticket.need);
        }
        TicketList own = home.waiting;
        if (own == null) {
            own = new TicketList();
            home.waiting = own;
            lists.add(own);
        }
        return own;
    }

    private TicketList list(Need need) {
        return switch (need) {
            case ANY -> any;
            case WITHIN_CAPACITY -> withinCapacity;
            case EMPTY -> empty;
        };
    }
}
