package terpan.dispatch;

import org.jspecify.annotations.Nullable;

/**
 * The worker of the turn: requests of one turn of a loop go to one batching slot, so that they travel in one frame. It stays that for the
 * next turns, too, while what it has is worked off sooner than another worker would wake, and until it had its share. A turn's top eight
 * bits are its loop's number; turns of different loops are kept apart by them. Guarded by the dispatcher's lock.
 */
final class TurnSlots {
    private static final int LOOPS = 256;

    /** Requests after which it is another's turn: enough to spare most wake-ups, few enough to share the work out evenly. */
    private static final int SHARE = 64;

    private final long[] turns = new long[LOOPS];
    private final @Nullable Slot[] slots = new Slot[LOOPS];
    private final long[] shareEnds = new long[LOOPS];

    /** The slot of this turn, if it still takes such a request and no other slot stands idle for want of it. */
    @Nullable
    Slot of(long turn, ReadySlots ready, Need need, long now) {
        int loop = (int) (turn >>> 56);
        Slot slot = slots[loop];
        if (slot == null || slot.state != Slot.State.READY || !slot.takes(need, now)) {
            return null;
        }
        if (turns[loop] != turn && !(slot.worksOffSoon() && slot.pass < shareEnds[loop])) {
            return null;
        }
        turns[loop] = turn;
        return slot.beginsSoon() || ready.idle == 0 ? slot : null;
    }

    void chosen(long turn, Slot slot) {
        int loop = (int) (turn >>> 56);
        turns[loop] = turn;
        slots[loop] = slot;
        // Weights are kept request by request.
        shareEnds[loop] = slot.pass + (slot.spec.weight() == 1 ? (long) SHARE * slot.stride : 0);
    }
}
