package terpan.dispatch;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import terpan.config.Settings;

/** The slots by index, which of them are ready, and what is in flight on them. Guarded by the dispatcher's lock. */
final class Slots {
    private static final long STUCK = 10_000_000;

    final ReadySlots ready = new ReadySlots();
    private final List<@Nullable Slot> all = new ArrayList<>();
    private final RouteTable routes = new RouteTable();
    private final TurnSlots turns = new TurnSlots();
    private final Dispatcher dispatcher;
    private final IntUnaryOperator random;
    private SlotChoice choice;
    private boolean byTurn;

    /** Slots whose workers prove themselves, beside those that are ready; null: there are none. */
    private @Nullable Proof proof;

    /** Whether requests have a slot of their own that they wait for. */
    private boolean sticky;

    private int windowMost;
    private long windowWait;
    private Settings.Choice named;
    private Settings.Sticky known;
    private final DispatchCounters counters;
    private final Notices notices;
    private long totalCapacity;
    private int inFlight;

    Slots(
            Dispatcher dispatcher,
            Settings.Dispatch settings,
            IntUnaryOperator random,
            DispatchCounters counters,
            Notices notices) {
        this.dispatcher = dispatcher;
        this.random = random;
        this.named = settings.choice();
        this.known = settings.sticky();
        this.choice = SlotChoice.of(settings, random);
        this.byTurn = named == Settings.Choice.LEAST_LOADED;
        this.sticky = named == Settings.Choice.STICKY;
        // Who can go nowhere else waits here, not in the worker: from here it can, once the worker is gone.
        this.windowMost = sticky ? 1 : settings.windowMost();
        this.windowWait = settings.windowWait().toNanos();
        this.counters = counters;
        this.notices = notices;
    }

    /** As {@link Dispatcher#change}. */
    void change(Settings.Dispatch settings) {
        if (settings.choice() != named || settings.sticky() != known) {
            named = settings.choice();
            known = settings.sticky();
            choice = SlotChoice.of(settings, random);
            byTurn = named == Settings.Choice.LEAST_LOADED;
            sticky = named == Settings.Choice.STICKY;
        }
        windowMost = sticky ? 1 : settings.windowMost();
        windowWait = settings.windowWait().toNanos();
        for (Slot slot : all) {
            if (slot != null) {
                slot.change(windowMost, windowWait);
            }
        }
    }

    int inFlight() {
        return inFlight;
    }

    long totalCapacity() {
        return totalCapacity;
    }

    Slot add(SlotSpec spec) {
        int index = all.indexOf(null);
        if (index < 0) {
            index = all.size();
            all.add(null);
        }
        Slot slot = new Slot(dispatcher, index, spec, windowMost, windowWait);
        all.set(index, slot);
        totalCapacity += spec.capacity();
        return slot;
    }

    /** The slot takes requests from now on. */
    void open(Slot slot) {
        require(slot, slot.state == Slot.State.STARTING, "ready");
        for (int i = 0; i < ready.size(); i++) {
            slot.pass = Math.max(slot.pass, ready.get(i).pass);
        }
        slot.state = Slot.State.READY;
        among(slot).add(slot);
    }

    /** The ready slots that it belongs to, or would. */
    private ReadySlots among(Slot slot) {
        Proof itself = proof;
        return slot.proving && itself != null ? itself.slots : ready;
    }

    /** As {@link Dispatcher#prove}. */
    void prove(int percent, long now) {
        if (proof != null) {
            throw new IllegalStateException("workers prove themselves already");
        }
        all().forEach(slot -> slot.proving = false); // such as those that had no room when the last proof ended
        proof = new Proof(percent, now);
    }

    /** Whether slots that prove themselves may take one more now, which may be asked again elsewhere or not. */
    boolean mayProveBy(boolean mayAskAgain) {
        Proof itself = proof;
        return itself == null || itself.isDue(ready.size() > 0, mayAskAgain);
    }

    /** Another request has come: the slots that prove themselves, if one of those that wait is due there; null: none is. */
    @Nullable
    ReadySlots proofDue(boolean mayAskAgain) {
        Proof itself = proof;
        if (itself == null) {
            return null;
        }
        itself.asked(mayAskAgain);
        return itself.isDue(ready.size() > 0, true) ? itself.slots : null;
    }

    /** The slots that prove themselves; null: there are none. */
    @Nullable
    ReadySlots proving() {
        Proof itself = proof;
        return itself == null ? null : itself.slots;
    }

    /** How it stands; without a proof nothing was counted. */
    ProofCounts proofCounts(long now) {
        Proof itself = proof;
        return itself == null ? new ProofCounts(new Tally(), new Tally()) : itself.counts(ready, now);
    }

    /** As {@link Dispatcher#endProof}; the slots that are ready like any other from now on. */
    List<Slot> endProof(boolean well) {
        Proof itself = proof;
        if (itself == null) {
            return List.of();
        }
        itself.end();
        List<Slot> proven = new ArrayList<>();
        while (well && itself.slots.size() > 0) {
            Slot slot = itself.slots.get(0);
            itself.slots.remove(slot);
            slot.proving = false;
            slot.state = Slot.State.STARTING;
            open(slot);
            proven.add(slot);
        }
        forgetProof();
        return proven;
    }

    private void forgetProof() {
        if (proof != null && proof.isGone()) {
            proof = null;
        }
    }

    /** The slot takes no more requests; {@code idle} is told when nothing is in flight. */
    void drain(Slot slot, Runnable idle) {
        require(slot, slot.state != Slot.State.GONE, "draining");
        leaveReady(slot);
        slot.state = Slot.State.DRAINING;
        slot.whenIdle(idle);
        afterRelease(slot);
    }

    /** The slot takes so many at once from now on; with 0 it takes none until it is more again. */
    void resize(Slot slot, int capacity, long now) {
        require(slot, slot.state == Slot.State.STARTING || slot.state == Slot.State.READY, "of another size");
        totalCapacity += capacity - slot.capacity;
        slot.resize(capacity, now);
        if (capacity == 0) {
            leaveReady(slot);
            slot.state = Slot.State.STARTING;
        } else if (slot.state == Slot.State.STARTING) {
            open(slot);
        }
    }

    /** Tells {@code notice} once every lease that is open on the slot now has ended. */
    void whenSettled(Slot slot, Runnable notice) {
        slot.whenSettled(notice);
        slot.tellSettled(notices);
    }

    /** The slot is gone, but for its open leases. */
    void remove(Slot slot) {
        require(slot, slot.state != Slot.State.GONE, "gone");
        leaveReady(slot);
        slot.state = Slot.State.GONE;
        totalCapacity -= slot.capacity;
        afterRelease(slot);
    }

    /** What a request of this route, with a body that can be sent once more or not, asks of a slot. */
    Need need(int route, boolean bodyRepeatable) {
        if (sticky) {
            // No window is deeper than the capacity, so that is all that anybody may ask for.
            return Need.ANY;
        }
        if (!bodyRepeatable) {
            return Need.EMPTY;
        }
        return isSlow(route) ? Need.WITHIN_CAPACITY : Need.ANY;
    }

    /** The slot for a request: the worker of the turn, else by the choice that was set. */
    @Nullable
    Slot choose(Need need, long key, long now, long turn) {
        Slot slot = proof == null ? null : proof.choose(need, ready.size() > 0, now);
        if (slot == null && byTurn) {
            slot = turns.of(turn, ready, need, now);
        }
        if (slot == null) {
            slot = choose(need, key, now);
            if (byTurn && slot != null && slot.spec.batching()) {
                turns.chosen(turn, slot);
            }
        }
        return slot;
    }

    /** The slot for a request that belongs to no turn. */
    @Nullable
    Slot choose(Need need, long key, long now) {
        return choice.choose(ready, need, key, now);
    }

    /** The ready slot that a request with this key waits for alone; null: it may go to any. */
    @Nullable
    Slot home(long key) {
        return key == 0 ? null : choice.home(ready, key);
    }

    /** To one of those who waited. */
    Lease grantNext(Slot slot, int route, long now) {
        if (slot.proving && proof != null) {
            proof.took();
        }
        return grant(slot, route, now);
    }

    Lease grant(Slot slot, int route, long now) {
        Lease lease = new Lease(slot, now, route, isSlow(route));
        among(slot).idle -= slot.inFlight == 0 ? 1 : 0;
        slot.opened(lease, now);
        inFlight++;
        counters.granted++;
        return lease;
    }

    /** Ends a lease and learns from how it ended, and from the service time that the worker told, 0 for none. */
    void release(Lease lease, Outcome outcome, long now, long service) {
        Slot slot = lease.slot;
        if (lease.released) {
            throw new IllegalStateException("lease on slot " + slot.spec.name() + " was released before; now as "
                    + outcome + ": a lease is released exactly once");
        }
        lease.released = true;
        slot.closed(lease, outcome, now);
        inFlight--;
        counters.settled(outcome);
        if (proof != null) {
            proof.count(lease, outcome, now);
        }
        learn(lease, outcome, now, service);
        slot.ended(lease, now);
        afterRelease(slot);
    }

    /** Those whose worker hangs, but for what only its silence would tell. */
    List<Hang> hung(long now) {
        return readyThat(slot -> slot.hangs(now)).map(slot -> slot.hang(now)).toList();
    }

    /** Those whose worker may be silent. */
    List<Silence> silent(long now) {
        return readyThat(slot -> slot.maybeSilent(now)).map(Slot::silence).toList();
    }

    private Stream<Slot> readyThat(Predicate<Slot> condition) {
        ReadySlots others = proving();
        Stream<Slot> all = IntStream.range(0, ready.size()).mapToObj(ready::get);
        return (others == null
                        ? all
                        : Stream.concat(all, IntStream.range(0, others.size()).mapToObj(others::get)))
                .filter(condition);
    }

    /** For tests: every slot that there is. */
    List<Slot> all() {
        return all.stream()
                .<Slot>mapMulti((slot, next) -> {
                    if (slot != null) {
                        next.accept(slot);
                    }
                })
                .toList();
    }

    List<SlotCopy> copy(long now) {
        List<SlotCopy> copies = new ArrayList<>(all.size());
        for (Slot slot : all) {
            if (slot != null && slot.state != Slot.State.GONE) {
                copies.add(slot.copy(now));
            }
        }
        return copies;
    }

    /** For tests: the first rule that does not hold; empty when all do. */
    String firstViolation() {
        int open = 0;
        int idle = 0;
        for (Slot slot : all) {
            if (slot != null) {
                open += slot.inFlight;
                idle += slot.state == Slot.State.READY && slot.inFlight == 0 && among(slot) == ready ? 1 : 0;
                if (!slot.checkLeases()) {
                    return "open leases of " + slot.spec.name() + " equal its in flight";
                }
                if (slot.inFlight > slot.deepest) {
                    return slot.spec.name() + " is within its deepest window";
                }
            }
        }
        if (open != inFlight) {
            return "in flight is the sum over slots";
        }
        return idle == ready.idle ? "" : "idle slots are counted";
    }

    private boolean isSlow(int route) {
        return routes.service(route) > windowWait;
    }

    private void learn(Lease lease, Outcome outcome, long now, long service) {
        Slot slot = lease.slot;
        long since = now - lease.grantedAt;
        long heldUp = lease.pastCapacity ? slot.waitedBehind(lease, now) : 0;
        switch (outcome) {
            case ANSWERED -> {
                long own = slot.answered(lease, now, service, routes);
                heldUp = lease.pastCapacity ? since - own : 0;
            }
            case RETURNED -> {
                slot.heldUp(routes, now);
                heldUp = 0;
            }
            case TIMED_OUT -> {
                slot.window.collapse();
                routes.learn(lease.route, since);
            }
            case UNSENT -> heldUp = 0;
            case FAILED, ABANDONED -> {}
        }
        if (heldUp > STUCK) {
            counters.stuckBehind++;
        }
    }

    private void leaveReady(Slot slot) {
        if (slot.state == Slot.State.READY) {
            among(slot).remove(slot);
            forgetProof();
        }
    }

    private void afterRelease(Slot slot) {
        if (slot.waitingBarriers != null) {
            slot.tellSettled(notices);
        }
        if (slot.inFlight > 0) {
            return;
        }
        switch (slot.state) {
            case READY -> among(slot).idle++;
            case STARTING -> {}
            case DRAINING -> slot.tellIdle(notices);
            case GONE -> {
                slot.tellIdle(notices);
                all.set(slot.index, null);
            }
        }
    }

    private static void require(Slot slot, boolean legal, String wanted) {
        if (!legal) {
            throw new IllegalStateException(
                    "slot " + slot.spec.name() + " is " + slot.state.label + " and can not become " + wanted);
        }
    }
}
