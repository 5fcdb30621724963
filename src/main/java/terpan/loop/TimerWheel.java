package terpan.loop;

import java.util.function.Consumer;

/**
 * A hashed wheel of one level. Timers farther away than the horizon are placed at it and placed anew when it comes up, and a
 * timer that was moved to later stays where it is until then; so moving one is a field write. Owned by its loop's thread.
 */
final class TimerWheel {
    private static final int TICK_SHIFT = 23;
    private static final int SLOTS = 1024;
    private static final int MASK = SLOTS - 1;

    private final Entry[] slots = new Entry[SLOTS];
    private final Entry expiring = new Entry(this, () -> {});
    private final long[] occupied = new long[SLOTS / Long.SIZE];
    private final Consumer<RuntimeException> faults;
    private long tick;
    private int placed;

    TimerWheel(long now, Consumer<RuntimeException> faults) {
        this.faults = faults;
        tick = now >> TICK_SHIFT;
        for (int slot = 0; slot < SLOTS; slot++) {
            Entry ring = new Entry(this, () -> {});
            ring.previous = ring;
            ring.next = ring;
            slots[slot] = ring;
        }
    }

    Timer timer(Runnable action) {
        return new Entry(this, action);
    }

    /** Nanoseconds until a slot with timers comes up; -1 without timers. */
    long untilNext(long now) {
        if (placed == 0) {
            return -1;
        }
        for (long candidate = tick + 1; ; candidate++) {
            int slot = (int) candidate & MASK;
            long rest = occupied[slot >> 6] >>> slot;
            if (rest != 0) {
                long due = candidate + Long.numberOfTrailingZeros(rest);
                return Math.max(0, ((due + 1) << TICK_SHIFT) - now);
            }
            candidate += Long.SIZE - 1 - (slot & (Long.SIZE - 1));
        }
    }

    /** Runs what is due. */
    void advance(long now) {
        long last = (now >> TICK_SHIFT) - 1;
        if (placed == 0) {
            tick = Math.max(tick, last);
            return;
        }
        while (tick < last) {
            tick++;
            int slot = (int) tick & MASK;
            if ((occupied[slot >> 6] & (1L << slot)) != 0) {
                expire(slot, now);
            }
        }
    }

    private void expire(int slot, long now) {
        // An action may cancel others that are due: so they stand in a ring of their own meanwhile.
        Entry ring = slots[slot];
        expiring.next = ring.next;
        expiring.previous = ring.previous;
        expiring.next.previous = expiring;
        expiring.previous.next = expiring;
        ring.next = ring;
        ring.previous = ring;
        while (expiring.next != expiring) {
            Entry entry = expiring.next;
            remove(entry);
            if (entry.set && entry.deadline - now > 0) {
                place(entry);
            } else if (entry.set) {
                entry.set = false;
                run(entry);
            }
        }
    }

    private void run(Entry entry) {
        try {
            entry.action.run();
        } catch (RuntimeException fault) {
            faults.accept(fault);
        }
    }

    private void place(Entry entry) {
        long due = Math.max(entry.deadline >> TICK_SHIFT, tick + 1);
        entry.due = Math.min(due, tick + SLOTS - 1);
        int slot = (int) entry.due & MASK;
        Entry ring = slots[slot];
        Entry tail = ring.previous;
        tail.next = entry;
        entry.previous = tail;
        entry.next = ring;
        ring.previous = entry;
        occupied[slot >> 6] |= 1L << slot;
        placed++;
    }

    private void remove(Entry entry) {
        int slot = (int) entry.due & MASK;
        Entry before = entry.previous;
        Entry after = entry.next;
        before.next = after;
        after.previous = before;
        entry.due = Entry.NOWHERE;
        placed--;
        Entry ring = slots[slot];
        if (ring.next == ring) {
            occupied[slot >> 6] &= ~(1L << slot);
        }
    }

    private static final class Entry implements Timer {
        private static final long NOWHERE = -1;

        private final TimerWheel wheel;
        private final Runnable action;
        private Entry previous = this;
        private Entry next = this;
        private long due = NOWHERE;
        private long deadline;
        private boolean set;

        private Entry(TimerWheel wheel, Runnable action) {
            this.wheel = wheel;
            this.action = action;
        }

        @Override
        public void set(long deadline) {
            this.deadline = deadline;
            set = true;
            if (due == NOWHERE) {
                wheel.place(this);
            } else if (deadline >> TICK_SHIFT < due && due > wheel.tick + 1) {
                wheel.remove(this);
                wheel.place(this);
            }
        }

        @Override
        public void cancel() {
            set = false;
            if (due != NOWHERE) {
                wheel.remove(this);
            }
        }

        @Override
        public boolean isSet() {
            return set;
        }
    }
}
