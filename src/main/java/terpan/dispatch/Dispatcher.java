package terpan.dispatch;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;
import terpan.config.Settings;

/**
 * Chooses slots and keeps the wait queue. Thread-safe: one lock, one short critical section a call, nothing outside is called
 * with it held; callbacks come after it, on the calling thread, and may call in again. Rejected: a thread of its own (a
 * wake-up a request), and one dispatcher a loop (a slot would be idle on one while requests wait on another).
 */
public final class Dispatcher {
    private static final int QUEUE_LEAST = 1024;
    private static final int QUEUE_PER_PLACE = 16;

    private final Object lock = new Object();
    private int queueSize;
    private long queueWait;
    private final Notices notices = new Notices();
    private final DispatchCounters counters = new DispatchCounters();
    private final Slots slots;
    private final WaitingRoom room;
    /** When the pause ends by itself; of no meaning without one. */
    private long pausedUntil;

    private long pausedSince;
    /** What those who wait have waited through pauses, and is not held against them. */
    private long forgiven;

    private long latest;
    private boolean workersExpected = true;
    private boolean closed;

    /**
     * Makes a dispatcher without slots.
     *
     * @param random for the choices that need it: a value in [0, bound) for a bound; called with the lock held
     */
    public Dispatcher(Settings.Dispatch settings, IntUnaryOperator random) {
        this.queueSize = settings.queueSize();
        this.queueWait = settings.queueWait().toNanos();
        this.slots = new Slots(this, settings, random, counters, notices);
        this.room = new WaitingRoom(slots, counters, notices);
    }

    /**
     * Other settings from now on. Those who wait already wait for what they wait for: where the choice was sticky, for their own worker.
     */
    public void change(Settings.Dispatch settings) {
        synchronized (lock) {
            slots.change(settings);
            queueSize = settings.queueSize();
            queueWait = settings.queueWait().toNanos();
        }
    }

    /**
     * Asks for a slot. Granted at once when one has room that nobody who waits could use.
     *
     * @param now monotonic nanoseconds, one value for all calls of a loop's turn
     * @param turn the loop's turn, with the loop's number in the top eight bits: requests of one turn may go to one batching slot
     *     together
     */
    public Admission admit(Waiter waiter, long now, long turn) {
        boolean bodyRepeatable = waiter.bodyRepeatable();
        int route = waiter.route();
        long key = waiter.stickyKey();
        boolean mayAskAgain = waiter.mayAskAgain();
        Lease grants;
        List<Runnable> others;
        synchronized (lock) {
            latest = now;
            if (closed) {
                return refuse(Admission.Rejected.DRAINING);
            }
            Need need = slots.need(route, bodyRepeatable);
            ReadySlots due = slots.proofDue(mayAskAgain);
            Slot slot = room.queue.first(need) == null && !room.paused ? slots.choose(need, key, now, turn) : null;
            if (slot != null) {
                return slots.grant(slot, route, now);
            }
            if (noWorkerExpected()) {
                return refuse(Admission.Rejected.NO_WORKER);
            }
            if (room.queue.size() >= queueMost()) {
                return refuse(Admission.Rejected.QUEUE_FULL);
            }
            room.append(waiter, need, route, now, slots.home(key), mayAskAgain);
            if (due == null) {
                return Admission.Queued.QUEUED;
            }
            balanceAll(due, now);
            grants = notices.takeGrants();
            others = notices.takeOthers();
        }
        Notices.tell(grants, others);
        return Admission.Queued.QUEUED;
    }

    /** Takes a waiter that has left out of the queue. False when it was not in it (then a grant is on its way or was had). */
    public boolean abandon(Waiter waiter) {
        Lease grants;
        List<Runnable> others;
        boolean found;
        synchronized (lock) {
            found = room.abandon(waiter);
            room.balance(null, latest);
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
        boolean bodyRepeatable = waiter.bodyRepeatable();
        int route = waiter.route();
        long key = waiter.stickyKey();
        Admission admission;
        Lease grants;
        List<Runnable> others;
        synchronized (lock) {
            latest = now;
            Slot loosened = room.loosen();
            admission = again(waiter, route, slots.need(route, bodyRepeatable), key, since, now);
            room.balance(loosened, now);
            grants = notices.takeGrants();
            others = notices.takeOthers();
        }
        Notices.tell(grants, others);
        return admission;
    }

    /** As {@link Lease#settle(Outcome, long, long)}. */
    void settle(Lease lease, Outcome outcome, long now, long service) {
        Lease grants;
        List<Runnable> others;
        synchronized (lock) {
            latest = now;
            slots.release(lease, outcome, now, service);
            if (room.queue.size() > 0) {
                room.balance(lease.slot, now);
            }
            grants = notices.takeGrants();
            others = notices.takeOthers();
        }
        Notices.tell(grants, others);
    }

    /** As {@link Lease#giveUp}. */
    void giveUp(Lease lease, long since) {
        synchronized (lock) {
            lease.slot.giveUp(lease, since);
        }
    }

    /** The slots whose workers hang: every place is held by requests that were given up so long ago; called a few times a second. */
    public List<Hang> hung(long now) {
        synchronized (lock) {
            return slots.hung(now);
        }
    }

    /**
     * The slots whose workers have one thread, and may hang with free places. Whether anything was heard of them since is to be
     * answered with {@link #heard} or {@link #unheard}.
     */
    public List<Silence> silent(long now) {
        synchronized (lock) {
            return slots.silent(now);
        }
    }

    /** The slot's worker said something, though it has ended nothing. */
    public void heard(Slot slot, long at) {
        synchronized (lock) {
            slot.heard(at);
        }
    }

    /** As {@link Lease#alive}. */
    void alive(Slot slot, long at) {
        synchronized (lock) {
            slot.alive(at);
        }
    }

    /** Nothing was heard of the slot's worker in that silence. There: it hangs. */
    public Optional<Hang> unheard(Silence silence, long now) {
        synchronized (lock) {
            Slot slot = silence.slot();
            return slot.confirm(silence, now) ? Optional.of(slot.hang(now)) : Optional.empty();
        }
    }

    /** Refuses those who waited too long; called a few times a second. */
    public void expire(long now) {
        change(() -> {
            latest = now;
            if (room.paused && now - pausedUntil >= 0) {
                endPause(now);
            }
            if (!room.paused) {
                room.refuseExpired(now - queueWait - forgiven);
                forgiven = room.queue.size() == 0 ? 0 : forgiven;
            }
            balanceAll(now);
        });
    }

    private void balanceAll(long now) {
        balanceAll(slots.ready, now);
        ReadySlots proving = slots.proving();
        if (proving != null) {
            balanceAll(proving, now);
        }
    }

    private void balanceAll(ReadySlots which, long now) {
        for (int i = 0; i < which.size(); i++) {
            room.balance(which.get(i), now);
        }
    }

    /**
     * Grants nothing until then: requests wait, as many as the queue takes, however long. What is with workers goes on. Another pause takes the
     * place of one that there is.
     *
     * @param until monotonic nanoseconds; looked at by {@link #expire}
     */
    public void pause(long now, long until) {
        synchronized (lock) {
            if (!closed) {
                pausedSince = room.paused ? pausedSince : now;
                pausedUntil = until;
                room.paused = true;
            }
        }
    }

    /** Grants again; what those who wait have waited through the pause counts as no wait. False: there was no pause. */
    public boolean resume(long now) {
        boolean[] was = new boolean[1];
        change(() -> {
            was[0] = room.paused;
            endPause(now);
        });
        return was[0];
    }

    private void endPause(long now) {
        if (room.paused) {
            room.resume(now);
            forgiven += now - pausedSince;
            balanceAll(now);
        }
    }

    /** Whether nothing is granted. */
    public boolean paused() {
        synchronized (lock) {
            return room.paused;
        }
    }

    /** Makes a slot that is not granted yet ({@code starting}). */
    public Slot add(SlotSpec spec) {
        synchronized (lock) {
            return slots.add(spec);
        }
    }

    /** The slot takes requests from now on; nothing happens if it does already, or has no capacity. */
    public void ready(Slot slot, long now) {
        change(() -> {
            latest = now;
            if (slot.state != Slot.State.READY && slot.capacity > 0) {
                slots.open(slot);
                room.balance(slot, now);
            }
        });
    }

    /**
     * Slots that are told to {@link #prove(Slot, long)} from now on take a share of the requests that come, and are compared with the
     * others.
     *
     * @param percent of the requests, 1 to 100
     * @throws IllegalStateException others prove themselves
     */
    public void prove(int percent, long now) {
        synchronized (lock) {
            slots.prove(percent, now);
        }
    }

    /** The slot takes its share of requests from now on, and no more as long as others are ready. */
    public void prove(Slot slot, long now) {
        synchronized (lock) {
            slot.proving = true;
        }
        ready(slot, now);
    }

    /** How those that prove themselves have done. */
    public ProofCounts proofCounts(long now) {
        synchronized (lock) {
            return slots.proofCounts(now);
        }
    }

    /** It is over: its slots are ready like any other, or they get nothing more and are about to be drained or removed. */
    public void endProof(boolean well, long now) {
        change(() -> slots.endProof(well).forEach(slot -> room.balance(slot, now)));
    }

    /** No new request; {@code idle} runs once, outside the lock, when nothing is in flight (at once if so already). */
    public void drain(Slot slot, Runnable idle) {
        change(() -> {
            slots.drain(slot, idle);
            afterLoss(slot);
        });
    }

    /**
     * Workers joined those behind the slot, or left: it takes so many at once from now on. With 0 it takes none, until it is more again.
     * What is in flight on it stays.
     */
    public void resize(Slot slot, int capacity, long now) {
        change(() -> {
            latest = now;
            slots.resize(slot, capacity, now);
            afterLoss(slot);
            room.balance(slot, now);
        });
    }

    /** {@code settled} runs once, outside the lock, when every lease that is open on the slot now has ended (at once if there is none). */
    public void whenSettled(Slot slot, Runnable settled) {
        change(() -> slots.whenSettled(slot, settled));
    }

    /** The slot is gone; its open leases are still to be settled by their owners, its index is free after the last one. */
    public void remove(Slot slot) {
        change(() -> {
            slots.remove(slot);
            afterLoss(slot);
        });
    }

    /**
     * Whether a worker may still come; false (crash loop everywhere): while no slot is ready, those who wait are refused at once
     * with NO_WORKER, and so are new ones.
     */
    public void expectWorkers(boolean someWorkerMayCome) {
        change(() -> {
            workersExpected = someWorkerMayCome;
            refuseIfNoneExpected();
        });
    }

    /** From now on new requests are refused with DRAINING; those that wait are still granted. */
    public void close() {
        change(() -> {
            closed = true;
            endPause(latest);
        });
    }

    /** An immutable copy for readers. */
    public DispatchSnapshot snapshot() {
        return snapshot(OptionalLong.empty());
    }

    /** An immutable copy for readers, with the oldest wait as of {@code now}. */
    public DispatchSnapshot snapshot(long now) {
        return snapshot(OptionalLong.of(now));
    }

    /** Within the lock it is only copied: requests wait for it. */
    private DispatchSnapshot snapshot(OptionalLong time) {
        List<SlotCopy> copies;
        DispatchSnapshot without;
        synchronized (lock) {
            long now = time.orElse(latest);
            Ticket first = room.queue.first();
            copies = slots.copy(now);
            without = new DispatchSnapshot(
                    room.queue.size(),
                    slots.inFlight(),
                    List.of(),
                    (int) Math.min(Integer.MAX_VALUE, queueMost()),
                    first == null ? 0 : Math.max(0, room.waited(first.since, now)),
                    counters.copy());
        }
        return without.with(copies.stream().map(SlotCopy::snapshot).toList());
    }

    /** For tests: throws when a rule that always holds between calls does not. */
    void check() {
        synchronized (lock) {
            String violation = slots.firstViolation() + room.firstViolation(latest);
            if (!violation.isEmpty()) {
                throw new IllegalStateException("violated: " + violation);
            }
        }
    }

    private Admission again(Waiter waiter, int route, Need need, long key, long since, long now) {
        if (!room.paused && now - since >= queueWait + forgiven) {
            return refuse(Admission.Rejected.WAIT_TOO_LONG);
        }
        Slot slot = room.paused ? null : slots.choose(need, key, now);
        if (slot != null) {
            return slots.grant(slot, route, now);
        }
        if (noWorkerExpected()) {
            return refuse(Admission.Rejected.NO_WORKER);
        }
        room.restore(waiter, need, route, since, slots.home(key));
        return Admission.Queued.QUEUED;
    }

    /** One step in the critical section, for what happens seldom; its notices after it. */
    private void change(Runnable step) {
        @Nullable Lease grants;
        List<Runnable> others;
        synchronized (lock) {
            step.run();
            grants = notices.takeGrants();
            others = notices.takeOthers();
        }
        Notices.tell(grants, others);
    }

    /** The slot takes less than before, or nothing. */
    private void afterLoss(Slot slot) {
        if (slot.state != Slot.State.READY) {
            room.free(slot, latest);
        }
        refuseIfNoneExpected();
    }

    private void refuseIfNoneExpected() {
        if (noWorkerExpected()) {
            room.refuseAll(Admission.Rejected.NO_WORKER);
        }
        room.balance(null, latest);
    }

    private boolean noWorkerExpected() {
        return !workersExpected && slots.ready.size() == 0;
    }

    private Admission.Rejected refuse(Admission.Rejected reason) {
        counters.rejected(reason);
        return reason;
    }

    private long queueMost() {
        return queueSize > 0 ? queueSize : Math.max(QUEUE_LEAST, QUEUE_PER_PLACE * slots.totalCapacity());
    }
}
