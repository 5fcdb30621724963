package terpan.pool;

import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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
    private static final Logger LOG = LoggerFactory.getLogger(AttachedWorkers.class);

    private final WorkerPool pool;
    private final AttachedWatch watch;

    /** Changed before the watch begins, then on its thread. */
    private final Map<Attach, Attached> workers = new HashMap<>();

    private List<Attach> present = List.of(); // guarded by this

    /** They end when whoever runs them says so. */
    private static final Duration FOREVER = Duration.ofDays(365);

    private record Attached(Group group, WorkerPool.Place place) {}

    private AttachedWorkers(WorkerPool pool, InstantSource clock) {
        this.pool = pool;
        this.watch = new AttachedWatch(
                pool.connectTimeout(),
                this,
                System::nanoTime,
                clock,
                bound -> ThreadLocalRandom.current().nextLong(bound));
    }

    /** Makes a slot for each and begins to watch them; with none there is nothing to do until there are. */
    public static AttachedWorkers start(List<Attach> all, WorkerPool pool, InstantSource clock) {
        AttachedWorkers workers = new AttachedWorkers(pool, clock);
        all.forEach(workers::attach);
        workers.present = List.copyOf(all);
        if (!all.isEmpty()) {
            workers.watch.start();
        }
        return workers;
    }

    /**
     * Others are attached from now on. Those that are not named any more, or otherwise, get nothing more and answer what they have; never waits.
     */
    public synchronized void change(List<Attach> all) {
        List<Attach> before = present;
        if (all.equals(before)) {
            return;
        }
        present = List.copyOf(all);
        Set<Attach> gone = new LinkedHashSet<>(before);
        all.forEach(gone::remove);
        Set<Attach> come = new LinkedHashSet<>(all);
        before.forEach(come::remove);
        AttachedWatch.lookUpAnew();
        // On the watch's thread, which tells of those that go until they are forgotten: not before something is known
        // of those that come.
        watch.execute(() -> {
            come.forEach(worker -> attempt("attached", worker, this::attach));
            watch.whenKnown(come, () -> {
                watch.forget(gone);
                gone.forEach(worker -> attempt("let go", worker, this::detach));
            });
        });
        watch.start();
    }

    /** What goes wrong with one of them is not in the way of the others. */
    private static void attempt(String what, Attach worker, Consumer<Attach> how) {
        try {
            how.accept(worker);
        } catch (RuntimeException fault) {
            LOG.atError().setCause(fault).addKeyValue("worker", worker.name()).log("a worker could not be " + what);
        }
    }

    private void detach(Attach worker) {
        Attached left = workers.remove(worker);
        if (left != null) {
            long until = pool.tunnelsUntil(FOREVER);
            pool.dispatcher()
                    .drain(
                            left.place().slot(),
                            () -> pool.drainTunnels(left.place().endpoint(), until, true, () -> {
                                pool.remove(left.place());
                                pool.groups().leave(left.group());
                            }));
        }
    }

    private void attach(Attach worker) {
        int capacity = worker.capacity();
        Group group = pool.groups().attach(worker);
        SlotSpec spec = new SlotSpec(
                worker.name(), group.counters(), worker.weight(), capacity, capacity, false, SlotSpec.BUSY_WITH);
        Targets targets = new Targets();
        WorkerPool.Place place =
                pool.add(spec, new AttachedEndpoint(worker.name(), targets, capacity, pool.connectTimeout()));
        workers.put(worker, new Attached(group, place));
        watch.add(worker, targets);
    }

    public AttachedWatch watch() {
        return watch;
    }

    private Attached known(Attach worker) {
        Attached known = workers.get(worker);
        if (known == null) {
            throw new IllegalStateException("no worker " + worker.name() + " was attached");
        }
        return known;
    }

    @Override
    public void onRoom(Attach worker, int requests) {
        pool.dispatcher().resize(known(worker).place().slot(), requests, System.nanoTime());
    }

    @Override
    public void onMoved(Attach worker) {
        pool.renewLinks(known(worker).place().endpoint());
    }

    @Override
    public void onEjected(Attach worker, Fault fault) {
        pool.metrics().workerEjected(known(worker).group().name(), worker.name(), fault.label());
    }

    @Override
    public void onProbed(Attach worker, boolean passed) {
        pool.metrics().workerProbed(known(worker).group().name(), worker.name(), passed);
    }

    @Override
    public void onLookedUp(Attach worker, boolean found) {
        pool.metrics().nameLookedUp(known(worker).group().name(), worker.name(), found);
    }

    @Override
    public void onExpected(boolean someWorkerMayCome) {
        pool.expected().ofAttached(someWorkerMayCome);
    }
}
