package terpan.dispatch;

import terpan.metrics.GroupMetrics;

/**
 * What the dispatcher needs to know of a worker, or of workers behind one socket, to give it a slot.
 *
 * @param name the worker's name, for snapshots
 * @param group what is counted of its group of workers
 * @param weight its share of the requests in relation to others' while there is a choice, 1 to 100
 * @param capacity how many requests the server truly works on at once, at least 1
 * @param windowMost how deep the window may grow; equal to the capacity where more would be harmful
 * @param batching whether requests of one loop turn go to one worker together (the built-in worker)
 * @param busyWith so many requests keep the server busy for longer than the front may let it wait for another, at least 1
 * @param hangTimeout nanoseconds after which a worker hangs all of whose places are held by requests that were given up; 0: never
 * @param oneThread whether one thread, an event loop, works on all that the worker has: when that one hangs, all do
 */
public record SlotSpec(
        String name,
        GroupMetrics group,
        int weight,
        int capacity,
        int windowMost,
        boolean batching,
        int busyWith,
        long hangTimeout,
        boolean oneThread) {
    /** Enough for any server. */
    public static final int BUSY_WITH = 12;

    /** Of a group of its own on one event loop, weight 1, kept busy by {@link #BUSY_WITH}. */
    public SlotSpec(String name, int capacity, int windowMost, boolean batching) {
        this(name, new GroupMetrics("", 1), 1, capacity, windowMost, batching, BUSY_WITH);
    }

    /** Of a worker that may hang for ever. */
    public SlotSpec(
            String name, GroupMetrics group, int weight, int capacity, int windowMost, boolean batching, int busyWith) {
        this(name, group, weight, capacity, windowMost, batching, busyWith, 0, false);
    }
}
