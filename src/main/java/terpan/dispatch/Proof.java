package terpan.dispatch;

import org.jspecify.annotations.Nullable;

/**
 * A share of the requests goes to slots that have to prove themselves beside the others: at most that share, for requests wait for the
 * others as if these were not there. Until some were answered well they are such as may be asked again of the others, so that a version that
 * answers nothing well costs no client its answer. Guarded by the dispatcher's lock.
 */
final class Proof {
    private static final int SERVER_ERROR = 500;
    private static final int WHOLE = 100;
    /** So many answers that are no failures, and any request may go there. */
    private static final int TRUSTED = 20;

    final ReadySlots slots = new ReadySlots();
    private final LeastLoaded choice = new LeastLoaded();
    private final Tally fresh = new Tally();
    private final Tally old = new Tally();
    private final ProofCounts both = new ProofCounts(fresh, old);
    private final int percent;
    private final long since;
    private boolean over;
    private boolean failed;

    /** Hundredths of a request that may go there by now, at most one whole: what was not taken in time is not made up for. */
    private int due;
    /** Whether the request that came last may be asked again. */
    private boolean mayAskAgain;

    /**
     * A proof that begins.
     *
     * @param percent of the requests, 1 to 100
     * @param since monotonic nanoseconds; what was granted before is not counted
     */
    Proof(int percent, long since) {
        this.percent = percent;
        this.since = since;
    }

    /** A request has come, which may go anywhere. */
    void asked(boolean again) {
        mayAskAgain = again;
        due = Math.min(WHOLE, due + percent);
    }

    /** The slot to prove itself by a request that waits for no other, if one is due and has room. */
    @Nullable
    Slot choose(Need need, boolean others, long now) {
        if (!isDue(others, mayAskAgain)) {
            return null;
        }
        Slot slot = choice.choose(slots, need, 0, now);
        if (slot != null) {
            took();
        }
        return slot;
    }

    /**
     * Whether another request may go there.
     *
     * @param others whether there are slots beside these; without any these serve
     * @param again whether the others may be asked for it then
     */
    boolean isDue(boolean others, boolean again) {
        boolean trusted = again || fresh.requests() - fresh.failures() >= TRUSTED;
        return !over && (!others || (due >= WHOLE && trusted));
    }

    /** One has gone there. */
    void took() {
        due = Math.max(0, due - WHOLE);
    }

    /** How a request turned out, here or there. */
    void count(Lease lease, Outcome outcome, long now) {
        if (lease.grantedAt - since < 0) {
            return;
        }
        boolean isFailure = switch (outcome) {
            case ANSWERED -> lease.status >= SERVER_ERROR;
            case FAILED, TIMED_OUT -> true;
            case ABANDONED, RETURNED, UNSENT -> false;
        };
        if (isFailure || outcome == Outcome.ANSWERED) {
            (lease.proving ? fresh : old).add(isFailure, Math.max(0, now - lease.grantedAt));
        }
        if (isFailure && lease.proving && both.failsMore()) {
            failed = true;
            end(); // each further one would be somebody's
        }
    }

    /** Nothing goes there any more. */
    void end() {
        over = true;
    }

    /** Whether nothing is left of it. */
    boolean isGone() {
        return over && slots.size() == 0;
    }

    /** What was counted, with what is still open on the slots here and there. */
    ProofCounts counts(ReadySlots others, long now) {
        return new ProofCounts(withOpen(fresh, slots, now), withOpen(old, others, now), failed);
    }

    private Tally withOpen(Tally tally, ReadySlots on, long now) {
        Tally copy = tally.copy();
        for (int i = 0; i < on.size(); i++) {
            on.get(i).tellOpen(since, grantedAt -> copy.addOpen(Math.max(0, now - grantedAt)));
        }
        return copy;
    }
}
