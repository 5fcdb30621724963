package terpan.pool;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import terpan.dispatch.Dispatcher;
import terpan.dispatch.Slot;
import terpan.dispatch.SlotSpec;
import terpan.link.LinkTable;
import terpan.link.WorkerEndpoint;
import terpan.loop.Loop;
import terpan.metrics.Metrics;

/**
 * What workers are put into: a slot of the dispatcher for who may have requests, and an endpoint in the table of links for how each loop
 * reaches it. Thread-safe.
 *
 * @param loops all event loops, by their numbers
 * @param connectTimeout how long a connect to a worker may take, as it is now
 * @param tunnelDrain how long tunnels may go on once their worker is to end, as it is now
 */
public record WorkerPool(
        Dispatcher dispatcher,
        LinkTable table,
        List<LoopSide> loops,
        Groups groups,
        ExpectedWorkers expected,
        Metrics metrics,
        Supplier<Duration> connectTimeout,
        Supplier<Duration> tunnelDrain) {

    /** A worker's slot, or that of several behind one socket, and how it is reached. */
    record Place(Slot slot, WorkerEndpoint endpoint) {}

    /** Makes a place that gets no requests yet. */
    Place add(SlotSpec spec, WorkerEndpoint endpoint) {
        Slot slot = dispatcher.add(spec);
        table.put(slot.index(), endpoint);
        return new Place(slot, endpoint);
    }

    /** The worker is gone: it gets nothing more, and what is in flight on it fails. */
    void remove(Place place) {
        dispatcher.remove(place.slot());
        table.remove(place.slot().index(), place.endpoint());
        closeLinks(place.endpoint(), () -> {});
    }

    /** Closes every loop's link to a worker: servers that are told to end wait for connections that are open, some for ever. */
    void closeLinks(WorkerEndpoint endpoint, Runnable closed) {
        AtomicInteger left = new AtomicInteger(loops.size());
        for (LoopSide side : loops) {
            side.loop().execute(() -> {
                side.links().close(endpoint);
                if (left.decrementAndGet() == 0) {
                    closed.run();
                }
            });
        }
    }

    /**
     * When a worker's tunnels have had their time, which begins now; monotonic nanoseconds.
     *
     * @param drainTimeout how long the worker has itself
     */
    long tunnelsUntil(Duration drainTimeout) {
        Duration theirs = tunnelDrain.get();
        return System.nanoTime() + (theirs.compareTo(drainTimeout) < 0 ? theirs : drainTimeout).toNanos();
    }

    /**
     * A worker's tunnels of all loops have until that time.
     *
     * @param closes whether they are closed then; else they are left to their worker
     * @param ended runs once when none of them is left, or is waited for
     */
    void drainTunnels(WorkerEndpoint endpoint, long deadline, boolean closes, Runnable ended) {
        AtomicInteger left = new AtomicInteger(loops.size());
        Runnable one = () -> {
            if (left.decrementAndGet() == 0) {
                ended.run();
            }
        };
        for (LoopSide side : loops) {
            side.loop().execute(() -> side.links().drainTunnels(endpoint, deadline, closes, one));
        }
    }

    /** Has connections to this worker that are open now used for no further request. */
    void renewLinks(WorkerEndpoint endpoint) {
        for (LoopSide side : loops) {
            side.loop().execute(() -> side.links().renew(endpoint));
        }
    }

    /** The loop that has a worker's own connection, where it has but one: always the same for a worker of this name. */
    Loop home(String worker) {
        return loops.get(Math.floorMod(worker.hashCode(), loops.size())).loop();
    }
}
