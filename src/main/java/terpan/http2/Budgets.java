package terpan.http2;

import java.util.Arrays;

/** What a peer has left of each {@link Flood}; belongs to one connection. */
final class Budgets {
    private static final Flood[] FLOODS = Flood.values();
    private static final long SECOND = 1_000_000_000L;

    private final int[] left = new int[FLOODS.length];
    private final long[] since = new long[FLOODS.length];
    private boolean begun;

    Budgets() {
        for (Flood flood : FLOODS) {
            left[flood.place()] = flood.atOnce;
        }
    }

    /** Takes one; false when there is none left. */
    boolean spend(Flood flood, long now) {
        if (!begun) {
            begun = true;
            Arrays.fill(since, now);
        }
        int i = flood.place();
        if (left[i] == 0) {
            long earned = (now - since[i]) / (SECOND / flood.perSecond);
            if (earned <= 0) {
                return false;
            }
            left[i] = (int) Math.min(earned, flood.atOnce);
            since[i] = now;
        }
        left[i]--;
        return true;
    }

    /** Gives some back for work that was done. */
    void restore(Flood flood, int count) {
        int i = flood.place();
        left[i] = Math.min(flood.atOnce, left[i] + count);
    }
}
