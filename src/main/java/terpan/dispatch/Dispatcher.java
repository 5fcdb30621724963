package terpan.dispatch;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;
import terpan.config.Settings;

/**
 * Chooses slots and keeps the wait queue. Thread-safe: one lock, one short critical section a call, no input or output in it;
 * callbacks come after it, on the calling thread, and may call in again. A slot with room never stands beside a waiter that
 * could use it, so a release has to look at one slot only. When the first in the queue asks for more than any slot has
 * (a place within the capacity, an empty slot), the least loaded slot is held for it and takes nothing else.
 */
public final class Dispatcher {
    private static final int QUEUE_LEAST = 1024;
    private static final int QUEUE_PER_PLACE = 16;
    private static final long EMPTY_PATIENCE = 100_000_000;
    private static final long STUCK = 10_000_000;

    private static final Need[] NEEDS = Need.values();

    private final Object lock = new Object();
    private final Settings.Dispatch settings;
    private final long queueWait;
    private final long windowWait;
    private final SlotChoice choice;
    private final boolean byTurn;
    private final RouteTable routes = new RouteTable();
    private final WaitQueue queue = new FirstComeQueue();
    private final ReadySlots ready = new ReadySlots();
    private final TurnSlots turns = new TurnSlots();
    private final Notices notices = new Notices();
    private final DispatchCounters counters = new DispatchCounters();
    private final List<@Nullable Slot> slots = new ArrayList<>();
    private long totalCapacity;
    private int inFlight;
    private long latest;
    private boolean hope = true;
    private boolean closed;
    private @Nullable Slot held;
    private @Nullable Ticket heldFor;

    /**
     * Makes a dispatcher without slots.
     *
     * @param random for the choices that need it: a value in [0, bound) for a bound
     */
    public Dispatcher(Settings.Dispatch settings, IntUnaryOperator random) {
        this.settings = settings;
        this.queueWait = settings.queueWait().toNanos();
        this.windowWait = settings.windowWait().toNanos();
        this.choice = SlotChoice.of(settings.choice(), random);
        this.byTurn = settings.choice() == Settings.Choice.LEAST_LOADED;
    }

    /**
     * Asks for a slot.
     *
     * @param now monotonic nanoseconds, one value for all calls of a loop's turn
     * @param turn the loop's turn, with the loop's number in the top eight bits: requests of one turn may go to one batching slot
     *     together
     */
    public Admission admit(Waiter waiter, long now, long turn) {
        boolean bodyWhole = waiter.bodyWhole();
        int route = waiter.route();
        int key = waiter.stickyKey();
        synchronized (lock) {
            latest = now;
            if (closed) {
                return refuse(Admission.Rejected.DRAINING);
            }
            Need need = need(route, bodyWhole);
            Slot slot = queue.first(need) == null ? choose(need, key, now, turn) : null;
            if (slot != null) {
                return grant(slot, route, now);
            }
            if (ready.size() == 0 && !hope) {
                return refuse(Admission.Rejected.NO_WORKER);
            }
            if (queue.size() >= queueMost()) {
                return refuse(Admission.Rejected.QUEUE_FULL);
            }
            counters.queued++;
            queue.append(waiter, need, route, now);
            if (!holdIsRight()) {
                hold();
            }
            return Admission.Queued.QUEUED;
        }
    }

    /** Takes a waiter that has left out of the queue. False when it was not in it (then a grant is on its way or was had). */
    public boolean abandon(Waiter waiter) {
        Lease grants;
        List<Runnable> others;
        boolean found;
        synchronized (lock) {
            Ticket ticket = queue.find(waiter);
            found = ticket != null;
            if (ticket != null) {
                counters.abandoned++;
                leave(ticket);
                balance(null, latest);
            }
            grants = notices.takeGrants();
            others = notices.takeOthers();
        }
        Notices.tell(grants, others);
        return found;
    }

    /**
     * Puts a request that was returned unstarted, or may be tried again, back before all others; its wait goes on from {@code
     * since}. It is never refused for a full queue, nor because the dispatcher was closed.
     */
    public Admission readmit(Waiter waiter, long since, long now) {
        boolean bodyWhole = waiter.bodyWhole();
        int route = waiter.route();
        int key = waiter.stickyKey();
        Admission admission;
        Lease grants;
        List<Runnable> others;
        synchronized (lock) {
            latest = now;
            Slot loosened = held;
            loosen();
            admission = again(waiter, route, need(route, bodyWhole), key, since, now);
            balance(loosened, now);
            grants = notices.takeGrants();
            others = notices.takeOthers();
        }
        Notices.tell(grants, others);
        return admission;
    }

    /** Releases a lease, exactly once, and grants to those who wait. */
    public void settle(Lease lease, Outcome outcome, long now) {
        Lease grants;
        List<Runnable> others;
        synchronized (lock) {
            latest = now;
            Slot slot = lease.slot;
            if (lease.released) {
                throw new IllegalStateException("lease on slot " + slot.spec.name() + " was released before; now as "
                        + outcome + ": a lease is released exactly once");
            }
            release(lease, slot, outcome, now);
            if (queue.size() > 0) {
                balance(slot, now);
            }
            grants = notices.takeGrants();
            others = notices.takeOthers();
        }
        Notices.tell(grants, others);
    }

    /** Refuses those who waited too long; called a few times a second. */
    public void expire(long now) {
        Lease grants;
        List<Runnable> others;
        synchronized (lock) {
            latest = now;
            for (Ticket late = queue.expired(now - queueWait); late != null; late = queue.expired(now - queueWait)) {
                reject(late, Admission.Rejected.WAIT_TOO_LONG);
            }
            for (int i = 0; i < ready.size(); i++) {
                balance(ready.get(i), now);
            }
            grants = notices.takeGrants();
            others = notices.takeOthers();
        }
        Notices.tell(grants, others);
    }

    /** Makes a slot that is not granted yet ({@code starting}). */
    public Slot add(SlotSpec spec) {
        synchronized (lock) {
            int index = slots.indexOf(null);
            if (index < 0) {
                index = slots.size();
                slots.add(null);
            }
            Slot slot = new Slot(index, spec, settings.windowMost(), windowWait);
            slots.set(index, slot);
            totalCapacity += spec.capacity();
            return slot;
        }
    }

    /** The slot takes requests from now on. */
    public void ready(Slot slot, long now) {
        Lease grants;
        List<Runnable> others;
        synchronized (lock) {
            latest = now;
            switch (slot.state) {
                case READY -> {}
                case STARTING -> {
                    slot.state = Slot.State.READY;
                    ready.add(slot);
                    balance(slot, now);
                }
                case DRAINING, GONE -> throw illegal(slot, "ready");
            }
            grants = notices.takeGrants();
            others = notices.takeOthers();
        }
        Notices.tell(grants, others);
    }

    /** No new request; {@code idle} runs once, outside the lock, when nothing is in flight (at once if so already). */
    public void drain(Slot slot, Runnable idle) {
        Lease grants;
        List<Runnable> others;
        synchronized (lock) {
            if (slot.state == Slot.State.GONE) {
                throw illegal(slot, "draining");
            }
            leaveReady(slot);
            slot.state = Slot.State.DRAINING;
            Runnable before = slot.idle;
            slot.idle = before == null
                    ? idle
                    : () -> {
                        before.run();
                        idle.run();
                    };
            tellIfIdle(slot);
            withoutHope();
            balance(null, latest);
            grants = notices.takeGrants();
            others = notices.takeOthers();
        }
        Notices.tell(grants, others);
    }

    /** The slot is gone; its open leases are still to be settled by their owners, its index is free after the last one. */
    public void remove(Slot slot) {
        Lease grants;
        List<Runnable> others;
        synchronized (lock) {
            if (slot.state == Slot.State.GONE) {
                throw illegal(slot, "gone");
            }
            leaveReady(slot);
            slot.state = Slot.State.GONE;
            totalCapacity -= slot.spec.capacity();
            freeIndex(slot);
            withoutHope();
            balance(null, latest);
            grants = notices.takeGrants();
            others = notices.takeOthers();
        }
        Notices.tell(grants, others);
    }

    /** Whether a worker may still come; false (crash loop everywhere): waiters are refused at once with NO_WORKER. */
    public void hope(boolean someWorkerMayCome) {
        List<Runnable> others;
        synchronized (lock) {
            hope = someWorkerMayCome;
            withoutHope();
            balance(null, latest);
            others = notices.takeOthers();
        }
        Notices.tell(null, others);
    }

    /** From now on new requests are refused with DRAINING; those that wait are still granted. */
    public void close() {
        synchronized (lock) {
            closed = true;
        }
    }

    /** An immutable copy for readers. */
    public DispatchSnapshot snapshot() {
        synchronized (lock) {
            return snapshotNow(latest);
        }
    }

    /** An immutable copy for readers, with the oldest wait as of {@code now}. */
    public DispatchSnapshot snapshot(long now) {
        synchronized (lock) {
            return snapshotNow(now);
        }
    }

    /** For tests: throws when a rule of the class does not hold. */
    void check() {
        synchronized (lock) {
            int open = 0;
            int idle = 0;
            for (Slot slot : slots) {
                if (slot != null) {
                    open += slot.inFlight;
                    idle += slot.state == Slot.State.READY && slot.inFlight == 0 ? 1 : 0;
                    require(slot.checkLeases(), "leases of " + slot.spec.name() + " equal its in flight");
                    require(slot.inFlight <= slot.window.most(), slot.spec.name() + " is within its deepest window");
                    boolean may = slot.state == Slot.State.READY && next(slot, latest) != null;
                    require(!may, "nobody waits for " + slot.spec.name() + " while it is free");
                    require(slot.held == (slot == held), "one slot is held");
                }
            }
            require(open == inFlight, "in flight is the sum over slots");
            require(idle == ready.idle, "idle slots are counted");
            require(holdIsRight(), "the right slot is held");
        }
    }

    private static void require(boolean holds, String rule) {
        if (!holds) {
            throw new IllegalStateException("broken: " + rule);
        }
    }

    private Need need(int route, boolean bodyWhole) {
        if (!bodyWhole) {
            return Need.EMPTY;
        }
        return isSlow(route) ? Need.WITHIN_CAPACITY : Need.ANY;
    }

    private boolean isSlow(int route) {
        return routes.service(route) > windowWait;
    }

    private Admission again(Waiter waiter, int route, Need need, int key, long since, long now) {
        if (now - since >= queueWait) {
            return refuse(Admission.Rejected.WAIT_TOO_LONG);
        }
        Slot slot = choice.choose(ready, need, key, now);
        if (slot != null) {
            return grant(slot, route, now);
        }
        if (ready.size() == 0 && !hope) {
            return refuse(Admission.Rejected.NO_WORKER);
        }
        counters.queued++;
        queue.restore(waiter, need, route, since);
        return Admission.Queued.QUEUED;
    }

    private @Nullable Slot choose(Need need, int key, long now, long turn) {
        if (!byTurn) {
            return choice.choose(ready, need, key, now);
        }
        Slot slot = turns.of(turn, ready, need, now);
        if (slot == null) {
            slot = choice.choose(ready, need, key, now);
            if (slot != null && slot.spec.batching()) {
                turns.chosen(turn, slot);
            }
        }
        return slot;
    }

    private Lease grant(Slot slot, int route, long now) {
        Lease lease = new Lease(slot, now, route, isSlow(route));
        ready.idle -= slot.inFlight == 0 ? 1 : 0;
        slot.opened(lease, now);
        inFlight++;
        counters.granted++;
        return lease;
    }

    private void release(Lease lease, Slot slot, Outcome outcome, long now) {
        lease.released = true;
        slot.closed(lease);
        inFlight--;
        counters.settled(outcome);
        long since = now - lease.grantedAt;
        switch (outcome) {
            case ANSWERED -> slot.answered(lease, now, routes);
            case RETURNED -> slot.heldUp(routes, now);
            case TIMED_OUT -> {
                slot.window.collapse();
                routes.learn(lease.route, since);
            }
            case FAILED, ABANDONED, UNSENT -> {}
        }
        if (lease.pastCapacity && since > STUCK && outcome != Outcome.RETURNED) {
            counters.stuckBehind++;
        }
        switch (slot.state) {
            case READY -> ready.idle += slot.inFlight == 0 ? 1 : 0;
            case STARTING, DRAINING -> tellIfIdle(slot);
            case GONE -> {
                tellIfIdle(slot);
                freeIndex(slot);
            }
        }
    }

    private Admission.Rejected refuse(Admission.Rejected reason) {
        counters.rejected(reason);
        return reason;
    }

    private void reject(Ticket ticket, Admission.Rejected reason) {
        Waiter waiter = Objects.requireNonNull(ticket.waiter);
        leave(ticket);
        counters.rejected(reason);
        notices.rejected(waiter, reason);
    }

    private void leave(Ticket ticket) {
        heldFor = heldFor == ticket ? null : heldFor;
        queue.remove(ticket);
    }

    /** Grants what a slot that may have room can take, and keeps the right slot held. */
    private void balance(@Nullable Slot freed, long now) {
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

    private void fill(@Nullable Slot slot, long now) {
        if (slot == null || slot.state != Slot.State.READY) {
            return;
        }
        for (Ticket next = next(slot, now); next != null; next = next(slot, now)) {
            Waiter waiter = next.waiter;
            int route = next.route;
            counters.longestWait = Math.max(counters.longestWait, now - next.since);
            leave(next);
            Lease lease = grant(slot, route, now);
            lease.waiter = waiter;
            notices.granted(lease);
        }
    }

    /** The first in the queue that the slot can take. */
    private @Nullable Ticket next(Slot slot, long now) {
        if (slot.held) {
            return heldFor != null && slot.hasRoom(need(heldFor, now), now) ? heldFor : null;
        }
        Ticket first = null;
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

    private boolean holdIsRight() {
        Ticket first = queue.first();
        if (first == null || first.need == Need.ANY || ready.size() == 0) {
            return held == null;
        }
        return held != null && heldFor == first && held.state == Slot.State.READY;
    }

    private void hold() {
        loosen();
        Ticket first = queue.first();
        if (first != null && first.need != Need.ANY) {
            held = ready.leastLoaded();
            if (held != null) {
                held.held = true;
                heldFor = first;
            }
        }
    }

    private void loosen() {
        if (held != null) {
            held.held = false;
        }
        held = null;
        heldFor = null;
    }

    private void withoutHope() {
        if (ready.size() == 0 && !hope) {
            for (Ticket first = queue.first(); first != null; first = queue.first()) {
                reject(first, Admission.Rejected.NO_WORKER);
            }
        }
    }

    private void leaveReady(Slot slot) {
        if (slot.state == Slot.State.READY) {
            ready.remove(slot);
        }
    }

    private void tellIfIdle(Slot slot) {
        if (slot.idle != null && slot.inFlight == 0) {
            notices.other(slot.idle);
            slot.idle = null;
        }
    }

    private void freeIndex(Slot slot) {
        if (slot.inFlight == 0) {
            slots.set(slot.index, null);
        }
    }

    private long queueMost() {
        return settings.queueSize() > 0 ? settings.queueSize() : Math.max(QUEUE_LEAST, QUEUE_PER_PLACE * totalCapacity);
    }

    private static IllegalStateException illegal(Slot slot, String wanted) {
        return new IllegalStateException(
                "slot " + slot.spec.name() + " is " + slot.state.label + " and can not become " + wanted);
    }

    private DispatchSnapshot snapshotNow(long now) {
        List<DispatchSnapshot.SlotSnapshot> copies = new ArrayList<>();
        for (Slot slot : slots) {
            if (slot != null && slot.state != Slot.State.GONE) {
                copies.add(new DispatchSnapshot.SlotSnapshot(
                        slot.spec.name(),
                        slot.state.label,
                        slot.spec.capacity(),
                        slot.window.size(),
                        slot.inFlight,
                        slot.settled,
                        slot.window.service()));
            }
        }
        Ticket first = queue.first();
        long oldestWait = first == null ? 0 : Math.max(0, now - first.since);
        int queueMost = (int) Math.min(Integer.MAX_VALUE, queueMost());
        return new DispatchSnapshot(
                queue.size(), inFlight, List.copyOf(copies), queueMost, oldestWait, counters.copy());
    }
}
