package terpan.dispatch;

import java.util.ArrayDeque;
import java.util.Locale;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** A worker's place in the dispatcher. Guarded by the dispatcher's lock, but for what is final. */
public final class Slot {
    enum State {
        STARTING,
        READY,
        DRAINING,
        GONE;

        final String label = name().toLowerCase(Locale.ROOT);
    }

    /** The one that grants its places, and takes them back. */
    final Dispatcher dispatcher;

    final int index;
    final SlotSpec spec;
    final AdaptiveWindow window;
    State state = State.STARTING;
    int inFlight;
    long settled;

    /** Requests it truly works on at once; changes where several workers are behind it. */
    int capacity;

    /** Capacity times weight. */
    int share;

    /**
     * What stride scheduling calls the pass: it rises by {@link #stride} with each grant, and of two slots with the same load the one with the
     * lower pass is next. One that opens begins with the highest pass of those that are there.
     */
    long pass;

    /** How often {@link #whenSettled} was asked; a lease has the count of its grant. */
    int barriers;

    /** For tests: most that may be in flight. */
    int deepest;

    /** Barriers that open leases stand before; null: none. */
    @Nullable
    ArrayDeque<Barrier> waitingBarriers;

    /** Whether it takes nothing but the first of the wait queue, which no slot could take. */
    boolean held;

    /** Whether its worker has to prove itself first: while there is a {@link Proof} it is one of that's slots. */
    boolean proving;

    /** Those who wait for this slot alone; null: there was nobody. The queue's. */
    @Nullable
    TicketList waiting;

    /** What a sticky request goes by that wants this worker and no other. */
    final long stickyKey;

    private static final int STRIDE = 1 << 20;

    /** Somebody to be told once every lease that was granted before it has ended: with a lower count than this. */
    record Barrier(int count, Runnable notice) {}

    private long bound;
    /** In inverse proportion to the weight. */
    final int stride;

    private final AnswerBatch batch = new AnswerBatch();
    private final GivenUp givenUp = new GivenUp();
    private @Nullable Runnable idle;
    private int slowInFlight;

    /** Places that were held, times how long each was, nanoseconds; up to {@link #busyUntil}. */
    private long busy;

    private long busyUntil;

    /** When it ended something last, or began after it had nothing to do. */
    private long progressAt;

    /** The {@link #progressAt} since which nothing at all is known to have come from the worker; of no meaning before there was one. */
    private long silentFrom;

    private boolean wasSilent;

    /** When its one thread showed last that it is not stuck, though it ended nothing; of no meaning before it did. */
    private long aliveAt;

    private boolean wasAlive;
    private final Denial denial = new Denial();
    private @Nullable Lease oldest;
    private @Nullable Lease newest;

    Slot(Dispatcher dispatcher, int index, SlotSpec spec, int windowMost, long bound) {
        this.dispatcher = dispatcher;
        this.index = index;
        this.spec = spec;
        this.bound = bound;
        this.stickyKey = Sticky.key(spec.name());
        this.capacity = spec.capacity();
        this.share = capacity * spec.weight();
        this.stride = STRIDE / spec.weight();
        this.window = new AdaptiveWindow(spec.capacity(), Math.min(spec.windowMost(), windowMost), bound);
        this.deepest = window.most();
    }

    /** Small, dense, used again once this slot is gone. */
    public int index() {
        return index;
    }

    public SlotSpec spec() {
        return spec;
    }

    /** The key of a sticky request that wants this worker and no other: the same for each worker of its name. */
    public long stickyKey() {
        return stickyKey;
    }

    /** Whether a request with this need may be granted here, were it not for a hold. */
    boolean hasRoom(Need need, long now) {
        return switch (need) {
            case ANY -> inFlight < capacity || inFlight < limit(now);
            case WITHIN_CAPACITY -> inFlight < capacity;
            case EMPTY -> inFlight == 0 || (!givesBack() && inFlight < capacity);
        };
    }

    /** Whether a request with this need may be granted here. */
    boolean takes(Need need, long now) {
        return !held && hasRoom(need, now);
    }

    /** When each of its open leases was granted, of those that were since then. */
    void tellOpen(long since, LongConsumer each) {
        for (Lease lease = oldest; lease != null; lease = lease.newer) {
            if (lease.grantedAt - since >= 0) {
                each.accept(lease.grantedAt);
            }
        }
    }

    /** Requests it may hold now: the window, or the capacity while something slow may be going on in it. */
    int limit(long now) {
        int size = window.size();
        if (size == capacity || slowInFlight > 0 || batch.service() > bound) {
            return capacity;
        }
        boolean stalled = inFlight > 0 && now - progressAt > bound;
        return stalled ? capacity : size;
    }

    /** Whether a request would begin at once here, or nearly. */
    boolean beginsSoon() {
        return inFlight < capacity || window.quick();
    }

    /** Whether what it has is known to be worked off sooner than another worker would be awake. */
    boolean worksOffSoon() {
        return window.together() > 1 && inFlight < window.together();
    }

    /** Less in flight than the other, in relation to capacity and weight; of two that are level, the lower pass. */
    boolean lessLoaded(Slot other) {
        if (levelWith(other)) {
            return pass < other.pass;
        }
        return (long) inFlight * other.share < (long) other.inFlight * share;
    }

    /** As {@link #lessLoaded}; of two with the same load the one with the lower pass. */
    boolean before(Slot other) {
        long load = (long) inFlight * other.share;
        long otherLoad = (long) other.inFlight * share;
        return load == otherLoad || levelWith(other) ? pass < other.pass : load < otherLoad;
    }

    /**
     * Whether a few more in flight say nothing of the two: both are at work, known to be quick, and take many in one frame. Who is a little
     * ahead is then chance, and following it would give one of them most of the work.
     */
    private boolean levelWith(Slot other) {
        return spec.batching()
                && other.spec.batching()
                && window.quick()
                && other.window.quick()
                && inFlight == 0 == (other.inFlight == 0)
                && Math.abs(inFlight - other.inFlight) <= Math.min(window.size(), other.window.size()) / 2;
    }

    void opened(Lease lease, long now) {
        countBusy(now);
        pass += stride;
        if (inFlight++ == 0) {
            progressAt = now;
        }
        slowInFlight += lease.slow ? 1 : 0;
        lease.older = newest;
        if (newest == null) {
            oldest = lease;
        } else {
            newest.newer = lease;
        }
        newest = lease;
    }

    void closed(Lease lease, Outcome outcome, long now) {
        countBusy(now);
        inFlight--;
        settled += outcome == Outcome.RETURNED || outcome == Outcome.UNSENT ? 0 : 1;
        slowInFlight -= lease.slow ? 1 : 0;
        Lease older = lease.older;
        Lease newer = lease.newer;
        if (older == null) {
            oldest = newer;
        } else {
            older.newer = newer;
        }
        if (newer == null) {
            newest = older;
        } else {
            newer.older = older;
        }
        lease.older = null;
        lease.newer = null;
    }

    /** Of what waits inside a worker for a place there nothing is counted. Loops differ a little in what is now: in sum that is nothing. */
    private void countBusy(long now) {
        busy += Math.min(inFlight, capacity) * (now - busyUntil);
        busyUntil = now;
    }

    /** How long a request that has no answer waited behind others, as far as is known: until the last of them ended, or still. */
    long waitedBehind(Lease lease, long now) {
        return progressAt - lease.grantedAt > 0 ? progressAt - lease.grantedAt : now - lease.grantedAt;
    }

    /**
     * Learns from an answer: the window by batches, the route by what can be told of this one request.
     *
     * @return the service time of this request as far as is known, nanoseconds
     */
    long answered(Lease lease, long now, long told, RouteTable routes) {
        if (!batch.holds(now)) {
            if (batch.answers() > 0) {
                window.answered(batch.service(), batch.answers());
                if (capacity == 1 && batch.service() > bound) {
                    routes.learn(batch.route(), batch.service());
                }
            }
            batch.begin(now);
        }
        denial.over();
        long since = batch.add(lease.grantedAt, lease.route, told);
        progressAt = now;
        if (capacity > 1) {
            if (!lease.pastCapacity) {
                routes.learn(lease.route, told > 0 ? told : now - lease.grantedAt);
            }
        } else if (since <= bound) {
            routes.learn(lease.route, since);
        }
        return since;
    }

    /** Nobody waits for the lease's request any more, which counts from {@code since} on; the place is held until the lease ends. */
    void giveUp(Lease lease, long since) {
        givenUp.add(lease, since);
    }

    /** The worker has ended a request; if it was given up, that is a sign that it goes on. */
    void ended(Lease lease, long now) {
        if (!givenUp.isEmpty() && givenUp.remove(lease)) {
            progressAt = now;
            denial.over();
        }
    }

    /** Places that are held by requests that were given up; all of them when its only thread is known to be silent. */
    int lost(long now) {
        if (isSilent() || (denial.isOn(now) && !isAtWork(now))) {
            return capacity;
        }
        return givenUp.isEmpty() ? 0 : Math.min(capacity, givenUp.before(0, now));
    }

    /**
     * Whether every place is held by requests that were given up so long ago. Where more are in flight than it works on, one that was
     * given up may have begun late: so it has to have ended nothing for as long.
     */
    boolean hangs(long now) {
        return (mayHang(now) && givenUp.before(spec.hangTimeout(), now) >= capacity)
                || (mayHang(denial.from(), now) && denial.isOn(now) && !isAtWork(now));
    }

    /**
     * Whether its one thread may be stuck: two requests, the first and one of the others that were sent to it, were given up, and it has
     * ended nothing since the first of them came.
     */
    boolean maybeSilent(long now) {
        return spec.oneThread()
                && spec.hangTimeout() > 0
                && !givenUp.isEmpty()
                && givenUp.grantedFrom(progressAt, now) > 1;
    }

    Silence silence() {
        return new Silence(this, progressAt);
    }

    /** What its worker that hangs holds. */
    Hang hang(long now) {
        int lost = givenUp.before(0, now);
        return new Hang(this, lost, inFlight - lost);
    }

    /** Nothing was heard of the worker in that silence. True: it hangs. */
    boolean confirm(Silence silence, long now) {
        if (silence.since() != progressAt || !maybeSilent(now) || (wasAlive && now - aliveAt < spec.hangTimeout())) {
            return false;
        }
        silentFrom = progressAt;
        wasSilent = true;
        return mayHang(now) && givenUp.before(spec.hangTimeout(), now) > 0;
    }

    /** The worker was heard of, though it ended nothing. */
    void heard(long at) {
        progressAt = at - progressAt > 0 ? at : progressAt;
    }

    /** Its thread is not stuck, though what it is at may not end. */
    void alive(long at) {
        aliveAt = wasAlive && aliveAt - at > 0 ? aliveAt : at;
        wasAlive = true;
        wasSilent = false;
    }

    private boolean isSilent() {
        return wasSilent && silentFrom == progressAt;
    }

    private boolean mayHang(long now) {
        return !givenUp.isEmpty() && mayHang(progressAt, now);
    }

    private boolean mayHang(long since, long now) {
        return state == State.READY && spec.hangTimeout() > 0 && now - since >= spec.hangTimeout();
    }

    /** Whether somebody waits for a request that it has for longer than what it gives back. */
    private boolean isAtWork(long now) {
        for (Lease lease = oldest; lease != null; lease = lease.newer) {
            if (now - lease.grantedAt > Denial.SIGN && !givenUp.has(lease)) {
                return true;
            }
        }
        return false;
    }

    /** A request came back unstarted: those that were given before it hold the slot up, and their routes are told so. */
    void heldUp(RouteTable routes, long now) {
        window.collapse();
        if (inFlight < capacity) {
            denial.denied(now);
        }
        int looked = 0;
        for (Lease lease = oldest; lease != null && looked < capacity; lease = lease.newer) {
            if (now - lease.grantedAt > bound) {
                routes.learnAtLeast(lease.route, 2 * bound);
            }
            looked++;
        }
    }

    /** Tells {@code notice} once nothing is in flight; several may ask. */
    void whenIdle(Runnable notice) {
        Runnable before = idle;
        idle = before == null
                ? notice
                : () -> {
                    before.run();
                    notice.run();
                };
    }

    /** Tells {@code notice} once every lease that is open now has ended. */
    void whenSettled(Runnable notice) {
        barriers++;
        if (waitingBarriers == null) {
            waitingBarriers = new ArrayDeque<>();
        }
        waitingBarriers.add(new Barrier(barriers, notice));
    }

    void tellSettled(Notices notices) {
        while (waitingBarriers != null
                && (oldest == null
                        || oldest.barriers >= waitingBarriers.getFirst().count())) {
            notices.other(waitingBarriers.removeFirst().notice());
            waitingBarriers = waitingBarriers.isEmpty() ? null : waitingBarriers;
        }
    }

    /** The window may be this deep from now on, and this is what nobody shall wait longer in it; nanoseconds. */
    void change(int windowMost, long wait) {
        bound = wait;
        window.change(Math.min(spec.windowMost(), windowMost), wait);
        deepest = Math.max(inFlight, window.most());
    }

    /** Takes so many at once from now on. */
    void resize(int requests, long now) {
        countBusy(now);
        capacity = requests;
        share = requests * spec.weight();
        window.resize(requests);
        deepest = Math.max(inFlight, window.most());
    }

    void tellIdle(Notices notices) {
        if (idle != null) {
            notices.other(idle);
            idle = null;
        }
    }

    SlotCopy copy(long now) {
        return new SlotCopy(
                spec,
                state,
                capacity,
                window.size(),
                inFlight,
                settled,
                window.lastServices(),
                lost(now),
                busy + Math.min(inFlight, capacity) * (now - busyUntil));
    }

    /** For tests: whether the list of open leases is as long as the count says. */
    boolean checkLeases() {
        int open = 0;
        for (Lease lease = oldest; lease != null; lease = lease.newer) {
            open++;
        }
        return open == inFlight;
    }

    /** Whether the worker behind it sends back what it can not start. */
    private boolean givesBack() {
        return spec.batching() || window.most() > capacity;
    }
}
