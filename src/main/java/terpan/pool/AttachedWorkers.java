package terpan.pool;

import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import terpan.attached.AttachedObserver;
import terpan.attached.AttachedWatch;
import terpan.attached.Fault;
import terpan.attached.Targets;
import terpan.config.Attach;
import terpan.dispatch.SlotSpec;

/**
 * Puts workers that someone else runs into the pool: each has a slot from the start, which takes as many requests as the watch says: none
 * before it was reached. What it hears comes on the watch's thread.
 */
public final class AttachedWorkers implements AttachedObserver {
    private final WorkerPool pool;
    private final AttachedWatch watch;

    /** By name; complete before the watch begins. */
    private final Map<String, Attached> workers = new HashMap<>();

    private record Attached(String group, WorkerPool.Place place) {}

    private AttachedWorkers(WorkerPool pool, InstantSource clock) {
        this.pool = pool;
        this.watch = new AttachedWatch(
                pool.connectTimeout(),
                this,
                System::nanoTime,
                clock,
                bound -> ThreadLocalRandom.current().nextLong(bound));
    }

    /** Makes a slot for each and begins to watch them; with none there is nothing to do, ever. */
    public static AttachedWorkers start(List<Attach> all, WorkerPool pool, InstantSource clock) {
        AttachedWorkers workers = new AttachedWorkers(pool, clock);
        all.forEach(workers::attach);
        if (!all.isEmpty()) {
            workers.watch.start();
        }
        return workers;
    }

    private void attach(Attach worker) {
        int capacity = worker.capacity();
        SlotSpec spec = new SlotSpec(
                worker.name(),
                pool.groups().get(worker.group()).counters(),
                worker.weight(),
                capacity,
                capacity,
                false,
                SlotSpec.BUSY_WITH);
        Targets targets = new Targets();
        WorkerPool.Place place =
                pool.add(spec, new AttachedEndpoint(worker.name(), targets, capacity, pool.connectTimeout()));
        workers.put(worker.name(), new Attached(worker.group(), place));
        watch.add(worker, targets);
    }

    public AttachedWatch watch() {
        return watch;
    }

    private Attached known(String worker) {
        Attached known = workers.get(worker);
        if (known == null) {
            throw new IllegalStateException("no worker " + worker + " was attached");
        }
        return known;
    }

    @Override
    public void onRoom(String worker, int requests) {
        pool.dispatcher().resize(known(worker).place().slot(), requests, System.nanoTime());
    }

    @Override
    public void onMoved(String worker) {
        pool.renewLinks(known(worker).place().endpoint());
    }

    @Override
    public void onEjected(String worker, Fault fault) {
        pool.metrics().workerEjected(known(worker).group(), worker, fault.label());
    }

    @Override
    public void onProbed(String worker, boolean passed) {
        pool.metrics().workerProbed(known(worker).group(), worker, passed);
    }

    @Override
    public void onLookedUp(String worker, boolean found) {
        pool.metrics().nameLookedUp(known(worker).group(), worker, found);
    }

    @Override
    public void onExpected(boolean someWorkerMayCome) {
        pool.expected().ofAttached(someWorkerMayCome);
    }
}
