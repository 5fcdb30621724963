package terpan.dispatch;

/**
 * What the dispatcher needs to know of a worker to give it a slot.
 *
 * @param name the worker's name, for snapshots
 * @param capacity how many requests the server truly works on at once, at least 1
 * @param windowMost how deep the window may grow; equal to the capacity where more would be harmful
 * @param batching whether requests of one loop turn go to one worker together (the built-in worker)
 */
public record SlotSpec(String name, int capacity, int windowMost, boolean batching) {}
