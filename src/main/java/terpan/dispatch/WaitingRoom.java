package terpan.dispatch;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The wait queue and the slots, brought together: gives places that come free to those who wait. A slot with room never
 * stands beside a waiter that could use it, so after a release one slot has to be looked at; the first of those who wait for it alone
 * and of those who wait for any gets it. When the first in the queue
 * asks for more than any slot has (a place within the capacity, an empty slot), the least loaded slot is held for it and
 * takes nothing else. Guarded by the dispatcher's lock.
 */
final class WaitingRoom {
    private static final Need[] NEEDS = Need.values();
    private static final long EMPTY_PATIENCE = 100_000_000;

    final WaitQueue queue = new WaitQueue();
    private final Slots slots;
    private final DispatchCounters counters;
    private final Notices notices;
    /** Nobody is granted anything for now. */
    boolean paused;

    /** When the last pause ended; of no meaning before there was one. */
    private long resumedAt;

    private boolean wasPaused;

    private @Nullable Slot held;
    private @Nullable Ticket heldFor;

    WaitingRoom(Slots slots, DispatchCounters counters, Notices notices) {
        this.slots = slots;
        this.counters = counters;
        this.notices = notices;
    }

    /** A request that no slot takes now waits behind all others. */
    void append(Waiter waiter, Need need, int route, long now, @Nullable Slot home, boolean mayAskAgain) {
        counters.queued++;
        queue.append(waiter, need, route, now, home).mayAskAgain = mayAskAgain;
        if (!holdIsRight()) {
            hold();
        }
    }

    /** A request that came back and that no slot takes now waits before all that did not. */
    void restore(Waiter waiter, Need need, int route, long since, @Nullable Slot home) {
        counters.queued++;
        queue.restore(waiter, need, route, since, home).mayAskAgain = false; // it has been asked already
    }

    /** The slot takes no more requests: those who waited for it alone go to any that has room, or wait for any. */
    void free(Slot slot, long now) {
        if (slot.waiting != null) {
            queue.free(slot);
            for (int i = 0; i < slots.ready.size(); i++) {
                fill(slots.ready.get(i), now);
            }
        }
    }

    /** Takes a waiter out. False when it does not wait. */
    boolean abandon(Waiter waiter) {
        Ticket ticket = queue.find(waiter);
        if (ticket == null) {
            return false;
        }
        counters.abandoned++;
        leave(ticket);
        return true;
    }

    void refuseExpired(long since) {
        for (Ticket late = queue.expired(since); late != null; late = queue.expired(since)) {
            refuse(late, Admission.Rejected.WAIT_TOO_LONG);
        }
    }

    void refuseAll(Admission.Rejected reason) {
        for (Ticket first = queue.first(); first != null; first = queue.first()) {
            refuse(first, reason);
        }
    }

    /** Grants what a slot that may have room can take, and keeps the right slot held. */
    void balance(@Nullable Slot freed, long now) {
        fill(freed, now);
        while (!holdIsRight()) {
            Slot loosened = held;
            hold();
            fill(loosened, now);
            if (held != loosened) {
                fill(held, now);
            }
        }
    }

    /** Lets go of the held slot, until {@link #balance}. */
    @Nullable
    Slot loosen() {
        Slot loosened = held;
        if (held != null) {
            held.held = false;
        }
        held = null;
        heldFor = null;
        return loosened;
    }

    /** For tests: the first rule that does not hold; empty when all do. */
    String firstViolation(long now) {
        for (int i = 0; i < slots.ready.size(); i++) {
            Slot slot = slots.ready.get(i);
            if (!paused && next(slot, now) != null) {
                return "nobody waits for " + slot.spec.name() + " while it has room";
            }
            if (slot.held != (slot == held)) {
                return "one slot is held";
            }
        }
        for (Slot slot : slots.all()) {
            if (slot.waiting != null && slot.state != Slot.State.READY) {
                return "nobody waits for " + slot.spec.name() + " alone, which takes nothing";
            }
        }
        return holdIsRight() ? "" : "the right slot is held";
    }

    private void fill(@Nullable Slot slot, long now) {
        if (paused || slot == null || slot.state != Slot.State.READY) {
            return;
        }
        for (Ticket next = next(slot, now); next != null; next = next(slot, now)) {
            Waiter waiter = next.waiter;
            int route = next.route;
            counters.longestWait = Math.max(counters.longestWait, now - next.since);
            counters.waited += waited(next.since, now);
            leave(next);
            Lease lease = slots.grantNext(slot, route, now);
            lease.waiter = waiter;
            notices.granted(lease);
        }
    }

    /** The pause is over. */
    void resume(long now) {
        paused = false;
        wasPaused = true;
        resumedAt = now;
    }

    /** How long somebody has waited for a worker since then: not in a pause, nor before one. */
    long waited(long since, long now) {
        return wasPaused ? Math.min(now - since, now - resumedAt) : now - since;
    }

    /** The first in the queue that the slot can take. */
    private @Nullable Ticket next(Slot slot, long now) {
        Ticket next = nextWithRoom(slot, now);
        return next == null || !slot.proving || slots.mayProveBy(next.mayAskAgain) ? next : null;
    }

    private @Nullable Ticket nextWithRoom(Slot slot, long now) {
        if (slot.held) {
            return heldFor != null && slot.hasRoom(need(heldFor, now), now) ? heldFor : null;
        }
        TicketList own = slot.waiting;
        Ticket first = own != null && own.head != null && slot.hasRoom(Need.ANY, now) ? own.head : null;
        for (Need need : NEEDS) {
            Ticket ticket = queue.first(need);
            if (ticket != null && (first == null || ticket.before(first)) && slot.hasRoom(need(ticket, now), now)) {
                first = ticket;
            }
        }
        return first;
    }

    /** After some patience a place within the capacity has to do where an empty slot was asked for. */
    private static Need need(Ticket ticket, long now) {
        boolean patienceOver = ticket.need == Need.EMPTY && now - ticket.since > EMPTY_PATIENCE;
        return patienceOver ? Need.WITHIN_CAPACITY : ticket.need;
    }

    private void refuse(Ticket ticket, Admission.Rejected reason) {
        Waiter waiter = Objects.requireNonNull(ticket.waiter);
        leave(ticket);
        counters.rejected(reason);
        notices.rejected(waiter, reason);
    }

    private void leave(Ticket ticket) {
        heldFor = heldFor == ticket ? null : heldFor;
        queue.remove(ticket);
    }

    private boolean holdIsRight() {
        Ticket first = queue.first();
        if (first == null || first.need == Need.ANY || slots.ready.size() == 0) {
            return held == null;
        }
        return held != null && heldFor == first && held.state == Slot.State.READY;
    }

    private void hold() {
        loosen();
        Ticket first = queue.first();
        if (first != null && first.need != Need.ANY) {
            held = slots.ready.leastLoaded();
            if (held != null) {
                held.held = true;
                heldFor = first;
            }
        }
    }
}
