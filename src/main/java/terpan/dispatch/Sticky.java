package terpan.dispatch;

import org.jspecify.annotations.Nullable;
import terpan.config.Settings;

/**
 * One slot for a key, and no other as long as it is ready: a request waits for it while it is full. Either the key is a client's, and its
 * slot follows from the names of those that are ready (highest random weight, so that a slot that comes or goes moves no other slot's
 * keys); or it is a worker's. A request without a key, or whose worker is not there, goes to the least loaded.
 */
final class Sticky implements SlotChoice {
    private static final long FNV_BASE = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private final boolean byWorker;
    private final LeastLoaded otherwise = new LeastLoaded();

    Sticky(Settings.Sticky by) {
        this.byWorker = by == Settings.Sticky.COOKIE;
    }

    @Override
    public @Nullable Slot choose(ReadySlots ready, Need need, long key, long now) {
        Slot home = home(ready, key);
        if (home == null) {
            return otherwise.choose(ready, need, key, now);
        }
        return home.takes(need, now) ? home : null;
    }

    @Override
    public @Nullable Slot home(ReadySlots ready, long key) {
        if (key == 0) {
            return null;
        }
        return byWorker ? named(ready, key) : heaviest(ready, key);
    }

    private static @Nullable Slot named(ReadySlots ready, long key) {
        for (int i = 0; i < ready.size(); i++) {
            if (ready.get(i).stickyKey == key) {
                return ready.get(i);
            }
        }
        return null;
    }

    private static @Nullable Slot heaviest(ReadySlots ready, long key) {
        Slot best = null;
        long bestWeight = 0;
        for (int i = 0; i < ready.size(); i++) {
            Slot slot = ready.get(i);
            long weight = mixed(slot.stickyKey ^ mixed(key));
            if (best == null || weight > bestWeight) {
                best = slot;
                bestWeight = weight;
            }
        }
        return best;
    }

    /** The key of the worker of this name; never 0. */
    static long key(String name) {
        long hash = FNV_BASE;
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * FNV_PRIME;
        }
        return hash == 0 ? 1 : hash;
    }

    private static long mixed(long key) {
        long mixed = (key ^ key >>> 33) * 0xff51afd7ed558ccdL;
        mixed = (mixed ^ mixed >>> 33) * 0xc4ceb9fe1a85ec53L;
        return mixed ^ mixed >>> 33;
    }
}
