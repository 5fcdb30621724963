package terpan.link;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The workers by their slots' indexes. Written by whoever adds and removes slots, before the slot is ready and after it is
 * gone; read by every loop.
 */
public final class LinkTable {
    private volatile @Nullable WorkerEndpoint[] points = new WorkerEndpoint[0];

    /** Puts a worker behind a slot's index. */
    public synchronized void put(int slot, WorkerEndpoint point) {
        @Nullable WorkerEndpoint[] copy = Arrays.copyOf(points, Math.max(points.length, slot + 1));
        copy[slot] = point;
        points = copy;
    }

    /** Takes a worker away; the loops' links to it are closed by {@link LoopLinks#close}. */
    public synchronized void remove(int slot, WorkerEndpoint point) {
        if (slot < points.length && points[slot] == point) {
            @Nullable WorkerEndpoint[] copy = points.clone();
            copy[slot] = null;
            points = copy;
        }
    }

    /** The worker behind a slot's index; null when it is gone. */
    public @Nullable WorkerEndpoint get(int slot) {
        @Nullable WorkerEndpoint[] seen = points;
        return slot < seen.length ? seen[slot] : null;
    }
}
