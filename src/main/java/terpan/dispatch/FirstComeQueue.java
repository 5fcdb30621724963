package terpan.dispatch;

import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * First come, first served. One linked list for each {@link Need}, so that the first one which a slot can take is found
 * without passing over others, and an identity map, so that a client that leaves is found at once. Tickets are kept for use
 * again. Rejected: one list with tombstones, which has to be walked past requests that wait for an empty slot.
 */
final class FirstComeQueue implements WaitQueue {
    private final IdentityHashMap<Waiter, Ticket> places = new IdentityHashMap<>();
    private final TicketList any = new TicketList();
    private final TicketList withinCapacity = new TicketList();
    private final TicketList empty = new TicketList();
    private final List<TicketList> lists = List.of(any, withinCapacity, empty);
    private @Nullable Ticket spare;
    private long lastNumber;

    @Override
    public int size() {
        return places.size();
    }

    @Override
    public Ticket append(Waiter waiter, Need need, int route, long now) {
        Ticket ticket = take(waiter, need, route, now, false);
        ticket.number = ++lastNumber;
        list(need).insertAfter(list(need).tail, ticket);
        return ticket;
    }

    @Override
    public Ticket restore(Waiter waiter, Need need, int route, long since) {
        Ticket ticket = take(waiter, need, route, since, true);
        Ticket after = null;
        for (Ticket at = list(need).head; at != null && at.before(ticket); at = at.next) {
            after = at;
        }
        list(need).insertAfter(after, ticket);
        return ticket;
    }

    @Override
    public @Nullable Ticket first(Need need) {
        return list(need).head;
    }

    @Override
    public @Nullable Ticket first() {
        Ticket first = null;
        for (int i = 0; i < lists.size(); i++) {
            Ticket head = lists.get(i).head;
            if (head != null && (first == null || head.before(first))) {
                first = head;
            }
        }
        return first;
    }

    @Override
    public @Nullable Ticket expired(long since) {
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

    @Override
    public @Nullable Ticket find(Waiter waiter) {
        return places.get(waiter);
    }

    @Override
    public void remove(Ticket ticket) {
        list(ticket.need).unlink(ticket);
        if (ticket.waiter != null) {
            places.remove(ticket.waiter);
        }
        ticket.waiter = null;
        ticket.next = spare;
        spare = ticket;
    }

    private Ticket take(Waiter waiter, Need need, int route, long since, boolean again) {
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
        return ticket;
    }

    private TicketList list(Need need) {
        return switch (need) {
            case ANY -> any;
            case WITHIN_CAPACITY -> withinCapacity;
            case EMPTY -> empty;
        };
    }

    /** A linked list whose links lie in the tickets. */
    private static final class TicketList {
        @Nullable
        Ticket head;

        @Nullable
        Ticket tail;

        /** Links a ticket in behind another, or first when there is none. */
        void insertAfter(@Nullable Ticket after, Ticket ticket) {
            Ticket next = after == null ? head : after.next;
            ticket.previous = after;
            ticket.next = next;
            if (after == null) {
                head = ticket;
            } else {
                after.next = ticket;
            }
            if (next == null) {
                tail = ticket;
            } else {
                next.previous = ticket;
            }
        }

        void unlink(Ticket ticket) {
            Ticket previous = ticket.previous;
            Ticket next = ticket.next;
            if (previous == null) {
                head = next;
            } else {
                previous.next = next;
            }
            if (next == null) {
                tail = previous;
            } else {
                next.previous = previous;
            }
            ticket.previous = null;
        }
    }
}
