package terpan.daemon;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import terpan.config.Attach;
import terpan.dispatch.Dispatcher;
import terpan.dispatch.Slot;
import terpan.dispatch.SlotSpec;
import terpan.edge.Edge;
import terpan.link.LinkTable;
import terpan.link.WorkerPoint;
import terpan.loop.NioLoop;
import terpan.metrics.Metrics;
import terpan.server.Protocol;
import terpan.worker.ExitInfo;
import terpan.worker.StartFailure;
import terpan.worker.WorkerInfo;
import terpan.worker.WorkerObserver;

/**
 * Joins workers and dispatcher: a worker that becomes ready gets a slot and a place in the table of links, one that leaves loses
 * both. Called on the supervisor's thread; attached workers are put in before it starts.
 */
final class WorkerGate implements WorkerObserver {
    private final Dispatcher dispatcher;
    private final LinkTable table;
    private final List<NioLoop> loops;
    private final List<Edge> edges;
    private final Metrics metrics;
    private final Executor disk;
    private final int windowMost;
    private final Map<Long, Place> places = new ConcurrentHashMap<>();
    private final CompletableFuture<Void> firstReady = new CompletableFuture<>();
    private volatile Processes processes = new NoProcesses();

    /** Before the supervisor is there, there are no processes. */
    private static final class NoProcesses implements Processes {
        @Override
        public boolean isAlive(long pid) {
            return false;
        }

        @Override
        public void tellStacks(long pid) {}
    }

    /** A worker's slot and how it is reached. */
    private record Place(Slot slot, WorkerPoint point) {}

    WorkerGate(
            Dispatcher dispatcher,
            LinkTable table,
            List<NioLoop> loops,
            List<Edge> edges,
            Metrics metrics,
            Executor disk,
            int windowMost) {
        this.dispatcher = dispatcher;
        this.table = table;
        this.loops = loops;
        this.edges = edges;
        this.metrics = metrics;
        this.disk = disk;
        this.windowMost = windowMost;
    }

    /** Asks this about processes from now on. */
    void processes(Processes running) {
        processes = running;
    }

    /** Completed with the first worker that is ready, or with the failure of the start. */
    CompletableFuture<Void> firstReady() {
        return firstReady;
    }

    /** The slot of a running worker's process; null when it has none. */
    @org.jspecify.annotations.Nullable
    Slot slotOf(long pid) {
        Place place = places.get(pid);
        return place == null ? null : place.slot();
    }

    void attach(List<Attach> workers) {
        for (Attach worker : workers) {
            SlotSpec spec = new SlotSpec("attached-" + worker.address(), worker.capacity(), worker.capacity(), false);
            open(spec, new AttachedPoint(spec.name(), worker.address(), worker.capacity()));
            firstReady.complete(null);
        }
    }

    private Place open(SlotSpec spec, WorkerPoint point) {
        Slot slot = dispatcher.add(spec);
        table.put(slot.index(), point);
        dispatcher.ready(slot, System.nanoTime());
        return new Place(slot, point);
    }

    @Override
    public void onReady(WorkerInfo worker) {
        int capacity = worker.profile().capacity();
        int deepest = worker.profile().mayDeepen() ? Math.max(windowMost, capacity) : capacity;
        SlotSpec spec =
                new SlotSpec(worker.name(), capacity, deepest, worker.profile().batching());
        NioLoop home = loops.get(Math.floorMod(worker.name().hashCode(), loops.size()));
        WorkerPoint point = new StartedPoint(worker, home, disk, processes);
        places.put(worker.pid(), open(spec, point));
        firstReady.complete(null);
    }

    @Override
    public void onDraining(WorkerInfo worker, Runnable idle) {
        Place place = places.get(worker.pid());
        if (place == null) {
            idle.run();
        } else {
            boolean http = worker.profile().protocol() == Protocol.HTTP;
            dispatcher.drain(place.slot(), http ? () -> closeLinks(place.point(), idle) : idle);
        }
    }

    /** Servers that are told to end wait for connections that are open, some for ever. */
    private void closeLinks(WorkerPoint point, Runnable closed) {
        AtomicInteger left = new AtomicInteger(loops.size());
        for (int i = 0; i < loops.size(); i++) {
            Edge edge = edges.get(i);
            loops.get(i).execute(() -> {
                edge.links().close(point);
                if (left.decrementAndGet() == 0) {
                    closed.run();
                }
            });
        }
    }

    @Override
    public void onExited(WorkerInfo worker, ExitInfo why) {
        metrics.workerRestarted(worker.name(), why.cause().name().toLowerCase(java.util.Locale.ROOT));
        Place place = places.remove(worker.pid());
        if (place == null) {
            return;
        }
        dispatcher.remove(place.slot());
        table.remove(place.slot().index(), place.point());
        closeLinks(place.point(), () -> {});
    }

    @Override
    public void onHope(boolean someWorkerMayCome) {
        dispatcher.hope(someWorkerMayCome || places.isEmpty() && !firstReady.isDone());
    }

    @Override
    public void onStartFailed(StartFailure failure) {
        firstReady.completeExceptionally(new terpan.worker.StartException(failure));
    }
}
