package terpan.dispatch;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * First come, first served. One linked list for each {@link Need} and one for each slot that somebody waits for alone, so that the
 * first one which a slot can take is found without passing over others; and an identity map, so that a client that leaves is found
 * at once. Tickets are kept for use again. Rejected: one list with tombstones, which has to be walked past requests that wait for
 * an empty slot.
 */
final class FirstComeQueue implements WaitQueue {
    private final IdentityHashMap<Waiter, Ticket> places = new IdentityHashMap<>();
    private final TicketList any = new TicketList();
    private final TicketList withinCapacity = new TicketList();
    private final TicketList empty = new TicketList();

    /** These, and those of slots that somebody waits for alone. */
    private final List<TicketList> lists = new ArrayList<>(List.of(any, withinCapacity, empty));

    private @Nullable Ticket spare;
    private long lastNumber;

    @Override
    public int size() {
        return places.size();
    }

    @Override
    public Ticket append(Waiter waiter, Need need, int route, long now, @Nullable Slot home) {
        Ticket ticket = take(waiter, need, route, now, false, home);
        ticket.number = ++lastNumber;
        list(ticket).append(ticket);
        return ticket;
    }

    @Override
    public Ticket restore(Waiter waiter, Need need, int route, long since, @Nullable Slot home) {
        Ticket ticket = take(waiter, need, route, since, true, home);
        list(ticket).restore(ticket);
        return ticket;
    }

    @Override
    public void free(Slot slot) {
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
