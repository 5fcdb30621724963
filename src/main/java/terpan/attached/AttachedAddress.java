package terpan.attached;

import java.time.Duration;

/**
 * One address of a worker that someone else runs: it gets requests, or is left out until a probe shows that it is well. A connect that
 * fails puts it out at once, for that request goes elsewhere; requests without an answer only when there are several in a row, for one
 * may be the request's own fault. Owned by the watch's thread; time comes in.
 */
final class AttachedAddress {
    static final long NEVER = Long.MAX_VALUE;

    /** Requests in a row without an answer after which it is left out. */
    static final int SILENT_MOST = 3;

    /** Checks in a row that fail after which it is left out. */
    static final int CHECKS_MOST = 2;

    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    /** Who was well for so long begins with the shortest pause again. */
    private static final long STEADY = 10 * SECOND;

    /** What it is at. */
    enum State {
        UNKNOWN,
        UP,
        DOWN
    }

    final Target target;
    private final Backoff backoff;
    private final long checkEvery;
    private final long probeMost;
    private State state = State.UNKNOWN;
    private Fault fault = Fault.CONNECT;
    private String reason = "";
    private long since;

    /** Whether it was seen to be well since it gets requests. */
    private boolean proven;

    private boolean onTrial;

    /** How often it was left out, or kept out by a probe, since it was last steady. */
    private int failures;

    private int checksFailed;
    private boolean probing;
    private boolean gone;
    private long probedAt;

    /** The end of the probe under way, else when the next one begins. */
    private long due;

    /**
     * An address of which nothing is known; a probe is due.
     *
     * @param checkEvery nanoseconds from one check to the next while it gets requests; 0: there are none
     * @param probeMost nanoseconds that a probe may take
     */
    AttachedAddress(Target target, Backoff backoff, long checkEvery, long probeMost, long now) {
        this.target = target;
        this.backoff = backoff;
        this.checkEvery = checkEvery;
        this.probeMost = probeMost;
        this.due = now;
    }

    State state() {
        return state;
    }

    /** Why it is left out. */
    Fault fault() {
        return fault;
    }

    String reason() {
        return reason;
    }

    /** Whether one request at a time has to show whether it answers again: a connect alone tells nothing of that. */
    boolean isOnTrial() {
        return onTrial;
    }

    /** Whether it is there, or left out for a time that a request may wait for. */
    boolean isExpected() {
        return state != State.DOWN || !backoff.isLongest(failures);
    }

    boolean isProbing() {
        return probing;
    }

    long due() {
        return due;
    }

    /** The worker is no longer there: it gets no connections from now on. */
    void leave() {
        gone = true;
        target.close();
    }

    boolean isGone() {
        return gone;
    }

    /** Takes in what the loops have noted. */
    void look(long now) {
        target.look();
        String refusal = target.takeRefusal();
        boolean heard = target.takeHeard();
        boolean doubted = target.takeDoubt();
        if (state != State.UP) {
            return;
        }
        if (refusal != null) {
            leaveOut(Fault.CONNECT, refusal, now);
        } else if (target.silent() >= (onTrial ? 1 : SILENT_MOST)) {
            leaveOut(Fault.ANSWER, silence(), now);
        } else {
            proven |= heard;
            onTrial &= !heard;
            if (doubted && !probing) {
                due = Math.min(due, Math.max(now, probedAt + SECOND));
            }
        }
    }

    private String silence() {
        int requests = target.silent();
        String many = requests == 1 ? "a request" : requests + " requests in a row";
        return many + " got no answer: " + target.silence();
    }

    /** A probe is asked for: not waited for, if it is left out. */
    void probeNow(long now) {
        if (!probing && state == State.DOWN) {
            due = now;
        }
    }

    void probeBegins(long now) {
        probing = true;
        due = now + probeMost;
    }

    /** A probe has shown that it is well. */
    void probePassed(String what, long now) {
        probing = false;
        probedAt = now;
        checksFailed = 0;
        proven |= state == State.UP && checkEvery > 0;
        if (state != State.UP) {
            onTrial = state == State.DOWN && fault == Fault.ANSWER && checkEvery == 0;
            state = State.UP;
            reason = what;
            since = now;
            proven = false;
            target.open();
        }
        due = checkEvery > 0 ? now + checkEvery : NEVER;
    }

    /** A probe has failed. One check alone may have been unlucky. */
    void probeFailed(Fault how, String why, long now) {
        probing = false;
        probedAt = now;
        if (state == State.UP && how == Fault.CHECK && ++checksFailed < CHECKS_MOST) {
            due = now + Math.min(SECOND, checkEvery);
        } else {
            leaveOut(how, why, now);
        }
    }

    private void leaveOut(Fault how, String why, long now) {
        if (state == State.UP && proven && now - since >= STEADY) {
            failures = 0;
        }
        failures++;
        since = state == State.DOWN ? since : now;
        state = State.DOWN;
        fault = how;
        reason = why;
        onTrial = false;
        checksFailed = 0;
        target.close();
        if (!probing) {
            due = now + backoff.pause(failures);
        }
    }
}
