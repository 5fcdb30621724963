package terpan.link;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The workers by their slots' indexes. Written by whoever adds and removes slots, before the slot is ready and after it is
 * gone; read by every loop.
 */
public final class LinkTable {
    private volatile @Nullable WorkerEndpoint[] endpoints = new WorkerEndpoint[0];

    /** Puts a worker behind a slot's index. */
    public synchronized void put(int slot, WorkerEndpoint endpoint) {
        @Nullable WorkerEndpoint[] copy = Arrays.copyOf(endpoints, Math.max(endpoints.length, slot + 1));
        copy[slot] = endpoint;
        endpoints = copy;
    }

    /** Takes a worker away; the loops' links to it are closed by {@link LoopLinks#close}. */
    public synchronized void remove(int slot, WorkerEndpoint endpoint) {
        if (slot < endpoints.length && endpoints[slot] == endpoint) {
            @Nullable WorkerEndpoint[] copy = endpoints.clone();
            copy[slot] = null;
            endpoints = copy;
        }
    }

    /** The worker behind a slot's index; null when it is gone. */
    public @Nullable WorkerEndpoint get(int slot) {
        @Nullable WorkerEndpoint[] seen = endpoints;
        return slot < seen.length ? seen[slot] : null;
    }
}
