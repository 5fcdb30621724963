package terpan.dispatch;

import java.util.Arrays;

/**
 * How many requests one slot may hold. Begins at the capacity, doubles after a run of quick answers while a full window would
 * be worked off within the bound, and falls back to the capacity when a single answer takes longer than the bound: at
 * once when far over it, else at the second one, because a process that the system paused for a moment looks just like
 * that (the slot itself takes nothing past its capacity from the first one to the answer after it). Judged by a high
 * quantile of the last batches, not by the mean. Guarded by the dispatcher's lock.
 */
final class AdaptiveWindow {
    private static final int CLEAN_ANSWERS = 32;
    private static final int FORGIVEN_AFTER = 1024;
    private static final int STEP_ANSWERS = 8;
    private static final int SAMPLES = 16;
    private static final int SAMPLES_LEAST = 8;
    private static final int RELAPSES_MOST = 4;
    private static final int FAR_OVER = 8;
    private static final long QUICK = 1_000_000;

    /** About what waking another process takes. */
    private static final long WAKE = 50_000;

    private int capacity;
    private int most;
    private long bound;
    private final long[] samples = new long[SAMPLES];
    private int sampled;
    private int nextSample;
    private int size;
    private int clean;
    private int sinceChange;
    private int relapses;
    private int together = 1;
    private boolean struck;
    private boolean quick;

    AdaptiveWindow(int capacity, int most, long bound) {
        this.capacity = capacity;
        this.most = Math.max(capacity, most);
        this.bound = bound;
        this.size = capacity;
    }

    int size() {
        return size;
    }

    int most() {
        return most;
    }

    /** Whether most answers are known to take less than 1 ms. */
    boolean quick() {
        return quick;
    }

    /** How many requests are worked off in about the time that waking another worker takes; at least 1, at most the window. */
    int together() {
        return together;
    }

    /** Service times of the last batches, nanoseconds, in no order; a copy. */
    long[] lastServices() {
        return Arrays.copyOf(samples, sampled);
    }

    /** A batch of answers is complete. */
    void answered(long service, int answers) {
        samples[nextSample] = service;
        nextSample = nextSample + 1 == SAMPLES ? 0 : nextSample + 1;
        sampled = Math.min(SAMPLES, sampled + 1);
        quick = sampled >= SAMPLES_LEAST && mostlyWithin(QUICK);
        if (service > bound) {
            over(service);
        } else {
            within(answers);
        }
        together = workedOffWithin(WAKE);
    }

    private int workedOffWithin(long time) {
        int count = 1;
        while (quick && 2 * count <= size && mostlyWithin(time / (2L * count))) {
            count *= 2;
        }
        return count;
    }

    /** Other bounds: so deep at most, and so long for what waits in it. */
    void change(int deepest, long wait) {
        most = Math.max(capacity, deepest);
        bound = wait;
        size = Math.min(size, most);
        together = Math.min(together, size);
    }

    /** The capacity is another, and the window that capacity. */
    void resize(int requests) {
        most = most == capacity ? requests : Math.max(requests, most);
        capacity = requests;
        size = requests;
    }

    /** Back to the capacity: requests were held up. */
    void collapse() {
        clean = 0;
        sinceChange = 0;
        struck = false;
        if (size > capacity) {
            size = capacity;
            relapses = Math.min(RELAPSES_MOST, relapses + 1);
            sampled = 0;
            nextSample = 0;
            quick = false;
            together = 1;
        }
    }

    private void over(long service) {
        if (struck || service / FAR_OVER > bound) {
            collapse();
        }
        struck = true;
        clean = 0;
    }

    private void within(int answers) {
        clean = Math.min(FORGIVEN_AFTER, clean + answers);
        sinceChange += answers;
        if (clean >= CLEAN_ANSWERS) {
            struck = false;
        }
        if (clean == FORGIVEN_AFTER) {
            relapses = 0;
        }
        if (sampled < SAMPLES_LEAST || sinceChange < STEP_ANSWERS) {
            return;
        }
        int deeper = Math.min(most, size * 2);
        if (deeper > size && clean >= cleanNeeded() && mostlyWithin(bound / deeper)) {
            size = deeper;
            sinceChange = 0;
        } else if (size > capacity && 2 * beyond(bound / size) > sampled) {
            size = Math.max(capacity, size / 2);
            sinceChange = 0;
        }
    }

    /** Answers without one over the bound before the window deepens: more of them each time that it proved wrong. */
    private int cleanNeeded() {
        return CLEAN_ANSWERS << Math.max(0, relapses - 1);
    }

    private boolean mostlyWithin(long limit) {
        return 4 * beyond(limit) <= sampled;
    }

    private int beyond(long limit) {
        int count = 0;
        for (int i = 0; i < sampled; i++) {
            count += samples[i] > limit ? 1 : 0;
        }
        return count;
    }
}
