package terpan.dispatch;

import org.jspecify.annotations.Nullable;

/** A linked list of tickets in the order of the queue, whose links lie in them. Guarded by the dispatcher's lock. */
final class TicketList {
    @Nullable
    Ticket head;

    @Nullable
    Ticket tail;

    /** Puts a ticket behind all others. */
    void append(Ticket ticket) {
        insertAfter(tail, ticket);
    }

    /** Puts a ticket that was there before in its place: behind those that stand before it, which are few. */
    void restore(Ticket ticket) {
        Ticket after = null;
        for (Ticket at = head; at != null && at.before(ticket); at = at.next) {
            after = at;
        }
        insertAfter(after, ticket);
    }

    /** Takes in all of another list, each at its place; both are passed through once. */
    void merge(TicketList other) {
        Ticket after = null;
        Ticket at = head;
        Ticket next = other.head;
        other.head = null;
        other.tail = null;
        while (next != null) {
            while (at != null && at.before(next)) {
                after = at;
                at = at.next;
            }
            Ticket ticket = next;
            next = ticket.next;
            insertAfter(after, ticket);
            after = ticket;
        }
    }

    private void insertAfter(@Nullable Ticket after, Ticket ticket) {
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
