package terpan.dispatch;

import java.util.List;
import terpan.config.Settings;

/** Chooses slots and keeps the wait queue. Thread-safe: one short critical section; callbacks come after it. */
public final class Dispatcher {
    /**
     * Makes a dispatcher without slots.
     *
     * @param random for the choices that need it: a value in [0, bound) for a bound
     */
    public Dispatcher(Settings.Dispatch settings, java.util.function.IntUnaryOperator random) {}

    /** Asks for a slot. {@code turn} is the loop's turn: requests of one turn may go to one batching slot together. */
    public Admission admit(Waiter waiter, long now, long turn) {
        throw new IllegalStateException("not yet");
    }

    /** Takes a waiter that has left out of the queue. False when it was not in it (then a grant is on its way or was had). */
    public boolean abandon(Waiter waiter) {
        throw new IllegalStateException("not yet");
    }

    /**
     * Puts a request that was returned unstarted, or may be tried again, back before all others; its wait goes on from {@code
     * since}. It is never refused for a full queue.
     */
    public Admission readmit(Waiter waiter, long since, long now) {
        throw new IllegalStateException("not yet");
    }

    /** Releases a lease, exactly once, and grants to those who wait. */
    public void settle(Lease lease, Outcome outcome, long now) {
        throw new IllegalStateException("not yet");
    }

    /** Refuses those who waited too long; called a few times a second. */
    public void expire(long now) {
        throw new IllegalStateException("not yet");
    }

    /** Makes a slot that is not granted yet ({@code starting}). */
    public Slot add(SlotSpec spec) {
        throw new IllegalStateException("not yet");
    }

    /** The slot takes requests from now on. */
    public void ready(Slot slot, long now) {
        throw new IllegalStateException("not yet");
    }

    /** No new request; {@code idle} runs once, outside the lock, when nothing is in flight (at once if so already). */
    public void drain(Slot slot, Runnable idle) {
        throw new IllegalStateException("not yet");
    }

    /** The slot is gone; its open leases are still to be settled by their owners, its index is free after the last one. */
    public void remove(Slot slot) {
        throw new IllegalStateException("not yet");
    }

    /** Whether a worker may still come; false (crash loop everywhere): waiters are refused at once with NO_WORKER. */
    public void hope(boolean someWorkerMayCome) {
        throw new IllegalStateException("not yet");
    }

    /** From now on new requests are refused with DRAINING; those that wait are still granted. */
    public void close() {
        throw new IllegalStateException("not yet");
    }

    /** An immutable copy for readers. */
    public DispatchSnapshot snapshot() {
        return new DispatchSnapshot(0, 0, List.of());
    }
}
