package terpan.daemon;

import java.time.Duration;
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
import terpan.dispatch.Slot;
import terpan.dispatch.SlotSpec;
import terpan.link.WorkerEndpoint;

/**
 * Joins workers that someone else runs and dispatcher: each has a slot from the start, which takes as many requests as the watch says:
 * none before it was reached. What it hears comes on the watch's thread.
 */
final class AttachedGate implements AttachedObserver {
    private final Front front;
    private final ExpectedWorkers expected;
    private final AttachedWatch watch;

    /** By name; complete before the watch begins. */
    private final Map<String, Place> places = new HashMap<>();

    private record Place(String group, Slot slot, WorkerEndpoint point) {}

    private AttachedGate(Front front, ExpectedWorkers expected, Duration connectTimeout, InstantSource clock) {
        this.front = front;
        this.expected = expected;
        this.watch = new AttachedWatch(
                connectTimeout,
                this,
                System::nanoTime,
                clock,
                bound -> ThreadLocalRandom.current().nextLong(bound));
    }

    /** Makes a slot for each and begins to watch them; with none there is nothing to do, ever. */
    static AttachedGate start(
            List<Attach> workers, Front front, ExpectedWorkers expected, Duration connectTimeout, InstantSource clock) {
        AttachedGate gate = new AttachedGate(front, expected, connectTimeout, clock);
        workers.forEach(worker -> gate.attach(worker, connectTimeout));
        if (!workers.isEmpty()) {
            gate.watch.start();
        }
        return gate;
    }

    private void attach(Attach worker, Duration connectTimeout) {
        int capacity = worker.capacity();
        Slot slot = front.dispatcher.add(new SlotSpec(
                worker.name(),
                front.groups.number(worker.group()),
                worker.weight(),
                capacity,
                capacity,
                false,
                SlotSpec.BUSY_WITH));
        Targets targets = new Targets();
        WorkerEndpoint point = new AttachedEndpoint(worker.name(), targets, capacity, connectTimeout);
        front.table.put(slot.index(), point);
        places.put(worker.name(), new Place(worker.group(), slot, point));
        watch.add(worker, targets);
    }

    AttachedWatch watch() {
        return watch;
    }

    private Place place(String worker) {
        Place place = places.get(worker);
        if (place == null) {
            throw new IllegalStateException("no worker " + worker + " was attached");
        }
        return place;
    }

    @Override
    public void onRoom(String worker, int requests) {
        front.dispatcher.resize(place(worker).slot(), requests, System.nanoTime());
    }

    @Override
    public void onMoved(String worker) {
        WorkerEndpoint point = place(worker).point();
        for (int i = 0; i < front.loops.size(); i++) {
            var edge = front.edges.get(i);
            front.loops.get(i).execute(() -> edge.links().renew(point));
        }
    }

    @Override
    public void onEjected(String worker, Fault fault) {
        front.metrics.workerEjected(place(worker).group(), worker, fault.label());
    }

    @Override
    public void onProbed(String worker, boolean passed) {
        front.metrics.workerProbed(place(worker).group(), worker, passed);
    }

    @Override
    public void onLookedUp(String worker, boolean found) {
        front.metrics.nameLookedUp(place(worker).group(), worker, found);
    }

    @Override
    public void onExpected(boolean someWorkerMayCome) {
        expected.ofAttached(someWorkerMayCome);
    }
}
