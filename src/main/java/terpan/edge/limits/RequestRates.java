package terpan.edge.limits;

import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import terpan.config.Settings;

/**
 * A token bucket for each address, in a table of fixed size: a bucket is one number, the time at which it will be full again.
 * Where the table has no free place for an address, the one among its neighbours that is full soonest is forgotten, which only
 * ever allows more. Thread-safe by one lock, taken only where a rate is set.
 */
public final class RequestRates {
    private static final int PLACES = 1 << 16;
    private static final int NEIGHBOURS = 8;
    private static final long SPREAD = 0x9e3779b97f4a7c15L;

    private final long interval;
    private final long tolerance;
    private final long seed;
    private final long[] addresses = new long[PLACES];
    private final long[] fullAt = new long[PLACES];

    /** Those that these settings ask for. */
    public static Optional<RequestRates> of(Settings.Limits limits) {
        return limits.requestRate() > 0
                ? Optional.of(new RequestRates(
                        limits.requestRate(),
                        limits.requestBurst(),
                        ThreadLocalRandom.current().nextLong()))
                : Optional.empty();
    }

    /**
     * Makes the table.
     *
     * @param perSecond requests a second
     * @param burst requests at once
     * @param seed a random number, so that nobody chooses addresses that meet in one place
     */
    RequestRates(int perSecond, int burst, long seed) {
        this.interval = TimeUnit.SECONDS.toNanos(1) / perSecond;
        this.tolerance = interval * (Math.max(1, burst) - 1L);
        this.seed = seed;
    }

    /**
     * Takes a token.
     *
     * @param now monotonic nanoseconds, the same clock for all loops
     * @return 0 when there was one; else nanoseconds until there is
     */
    synchronized long take(long address, long now) {
        int place = place(address, now);
        long full = addresses[place] == address ? fullAt[place] : now;
        long ahead = Math.max(0, full - now);
        if (ahead > tolerance) {
            return ahead - tolerance;
        }
        addresses[place] = address;
        fullAt[place] = now + ahead + interval;
        return 0;
    }

    private int place(long address, long now) {
        long mixed = (address ^ seed) * SPREAD;
        int first = (int) (mixed >>> 40) & (PLACES - 1);
        int best = first;
        for (int i = 0; i < NEIGHBOURS; i++) {
            int place = first + i & (PLACES - 1);
            if (addresses[place] == address) {
                return place;
            }
            boolean free = addresses[place] == AddressKey.NONE || fullAt[place] - now <= 0;
            boolean bestFree = addresses[best] == AddressKey.NONE || fullAt[best] - now <= 0;
            if (!bestFree && (free || fullAt[place] - fullAt[best] < 0)) {
                best = place;
            }
        }
        return best;
    }
}
