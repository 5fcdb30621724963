package terpan.daemon;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import terpan.dispatch.Dispatcher;
import terpan.dispatch.Slot;
import terpan.dispatch.SlotSpec;
import terpan.edge.Edge;
import terpan.link.LinkTable;
import terpan.link.WorkerEndpoint;
import terpan.loop.NioLoop;
import terpan.metrics.Metrics;
import terpan.server.Protocol;
import terpan.worker.ExitInfo;
import terpan.worker.StartFailure;
import terpan.worker.WorkerInfo;
import terpan.worker.WorkerObserver;

/**
 * Joins workers and dispatcher: a worker that becomes ready gets a slot and a place in the table of links, one that leaves loses
 * both. Called on the supervisor's thread.
 */
final class WorkerGate implements WorkerObserver {
    private final Dispatcher dispatcher;
    private final LinkTable table;
    private final List<NioLoop> loops;
    private final List<Edge> edges;
    private final Metrics metrics;
    private final Executor disk;
    private final int windowMost;
    private final GroupTable groups;
    private final SharedSlots shared;
    private final ExpectedWorkers expected;
    private final Duration connectTimeout;
    private final Set<String> awaited;
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
        public void hangs(long pid, String why) {}

        @Override
        public void tellStacks(long pid) {}
    }

    /** A worker's slot and how it is reached. */
    private record Place(Slot slot, WorkerEndpoint point) {}

    WorkerGate(
            Dispatcher dispatcher,
            LinkTable table,
            List<NioLoop> loops,
            List<Edge> edges,
            Metrics metrics,
            Executor disk,
            int windowMost,
            Duration connectTimeout,
            GroupTable groups,
            ExpectedWorkers expected) {
        this.dispatcher = dispatcher;
        this.table = table;
        this.loops = loops;
        this.edges = edges;
        this.metrics = metrics;
        this.disk = disk;
        this.windowMost = windowMost;
        this.groups = groups;
        this.connectTimeout = connectTimeout;
        this.expected = expected;
        this.shared = new SharedSlots(dispatcher, table, groups, connectTimeout, point -> closeLinks(point, () -> {}));
        this.awaited = new HashSet<>(groups.started());
    }

    /** Asks this about processes from now on. */
    void processes(Processes running) {
        processes = running;
    }

    /** Completed once each group of ours has had a worker that was ready, or with the failure of the start. */
    CompletableFuture<Void> firstReady() {
        return firstReady;
    }

    private Place open(SlotSpec spec, WorkerEndpoint point) {
        Slot slot = dispatcher.add(spec);
        table.put(slot.index(), point);
        dispatcher.ready(slot, System.nanoTime());
        return new Place(slot, point);
    }

    @Override
    public void onReady(WorkerInfo worker) {
        if (worker.shared()) {
            shared.join(worker, processes);
        } else {
            places.put(worker.pid(), open(spec(worker), point(worker)));
        }
        awaited.remove(worker.group().name());
        if (awaited.isEmpty()) {
            firstReady.complete(null);
        }
    }

    private SlotSpec spec(WorkerInfo worker) {
        int capacity = worker.profile().capacity();
        int deepest = worker.profile().mayDeepen() ? Math.max(windowMost, capacity) : capacity;
        return new SlotSpec(
                worker.name(),
                groups.number(worker.group().name()),
                worker.group().weight(),
                capacity,
                deepest,
                worker.profile().batching(),
                worker.profile().busyWith(),
                worker.group().workers().hangTimeout().toNanos(),
                worker.profile().oneThread());
    }

    private WorkerEndpoint point(WorkerInfo worker) {
        NioLoop home = loops.get(Math.floorMod(worker.name().hashCode(), loops.size()));
        return new StartedEndpoint(worker, home, disk, processes, connectTimeout);
    }

    @Override
    public void onDraining(WorkerInfo worker, Runnable idle) {
        Place place = places.get(worker.pid());
        if (worker.shared()) {
            shared.drain(worker, idle);
        } else if (place == null) {
            idle.run();
        } else {
            boolean http = worker.profile().protocol() == Protocol.HTTP;
            dispatcher.drain(place.slot(), http ? () -> closeLinks(place.point(), idle) : idle);
        }
    }

    /** Servers that are told to end wait for connections that are open, some for ever. */
    private void closeLinks(WorkerEndpoint point, Runnable closed) {
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
    public void onDeaf(WorkerInfo worker, Runnable settled) {
        shared.deaf(worker, settled);
    }

    @Override
    public void onExited(WorkerInfo worker, ExitInfo why) {
        if (worker.shared()) {
            shared.leave(worker);
            return;
        }
        Place place = places.remove(worker.pid());
        if (place == null) {
            return;
        }
        dispatcher.remove(place.slot());
        table.remove(place.slot().index(), place.point());
        closeLinks(place.point(), () -> {});
    }

    @Override
    public void onStartedAgain(String group, String worker, ExitInfo.Cause after) {
        metrics.workerStartedAgain(group, worker, after.name().toLowerCase(Locale.ROOT));
    }

    @Override
    public void onExpected(boolean someWorkerMayCome) {
        expected.ofStarted(someWorkerMayCome || !firstReady.isDone());
    }

    @Override
    public void onStartFailed(StartFailure failure) {
        firstReady.completeExceptionally(new terpan.worker.StartException(failure));
    }
}
