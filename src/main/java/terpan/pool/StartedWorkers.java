package terpan.pool;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.ObjLongConsumer;
import terpan.config.Settings;
import terpan.dispatch.Slot;
import terpan.dispatch.SlotSpec;
import terpan.link.Warming;
import terpan.server.Protocol;
import terpan.worker.ExitInfo;
import terpan.worker.Generation;
import terpan.worker.Proven;
import terpan.worker.StartException;
import terpan.worker.StartFailure;
import terpan.worker.WorkerInfo;
import terpan.worker.WorkerObserver;
import terpan.worker.WorkerPlan;

/**
 * Puts workers that we start into the pool: one that becomes ready gets a slot and a place in the table of links, one that leaves loses
 * both. Called on the supervisor's thread.
 */
public final class StartedWorkers implements WorkerObserver {
    private final WorkerPool pool;
    private final Executor disk;
    private final SharedSlots shared;
    private final ProofWatch proof;
    private final Set<String> awaited;
    private final Map<Long, WorkerPool.Place> places = new ConcurrentHashMap<>();
    /** Of workers that were warmed and take no requests yet, by their processes. */
    private final Map<Long, StartedEndpoint> endpoints = new ConcurrentHashMap<>();

    private final CompletableFuture<Void> firstReady = new CompletableFuture<>();
    private volatile WorkerProcesses processes = new NoProcesses();

    /** Before the supervisor is there, there are no processes. */
    private static final class NoProcesses implements WorkerProcesses {
        @Override
        public boolean isAlive(long pid) {
            return false;
        }

        @Override
        public void hangs(long pid, String why) {}

        @Override
        public void tellStacks(long pid) {}
    }

    /**
     * For workers of which none has been started.
     *
     * @param disk where files that workers name are opened and read
     */
    public StartedWorkers(WorkerPool pool, Executor disk) {
        this.pool = pool;
        this.disk = disk;
        this.shared = new SharedSlots(pool);
        this.proof = new ProofWatch(pool.dispatcher());
        this.awaited = new HashSet<>(pool.groups().started());
    }

    /** Asks this about processes from now on. */
    public void processes(WorkerProcesses running) {
        processes = running;
    }

    /** Completed once each group of ours has had a worker that was ready, or with the failure of the start. */
    public CompletableFuture<Void> firstReady() {
        return firstReady;
    }

    /** What looks how workers do that prove themselves. */
    public ProofWatch proof() {
        return proof;
    }

    /**
     * Has the worker that is this process write what its threads are at, once a second at most. False: its server cannot, nobody knows it, or it
     * shares its socket.
     */
    public boolean tellStacks(long pid) {
        WorkerPool.Place place = places.get(pid);
        if (place != null && place.endpoint() instanceof StartedEndpoint own && own.tellsStacks()) {
            own.tellStacks();
            return true;
        }
        return false;
    }

    @Override
    public void onReady(WorkerInfo worker) {
        WorkerPool.Place parked = places.get(worker.pid());
        if (parked == null) {
            join(worker, pool.dispatcher()::ready);
        } else {
            pool.dispatcher().resize(parked.slot(), parked.slot().spec().capacity(), System.nanoTime());
        }
        awaited.remove(worker.group().name());
        if (awaited.isEmpty()) {
            firstReady.complete(null);
        }
    }

    private void join(WorkerInfo worker, ObjLongConsumer<Slot> opens) {
        if (worker.shared()) {
            shared.join(worker, processes, opens);
            return;
        }
        StartedEndpoint warmed = endpoints.remove(worker.pid());
        WorkerPool.Place place = pool.add(spec(worker), warmed == null ? endpoint(worker) : warmed);
        opens.accept(place.slot(), System.nanoTime());
        places.put(worker.pid(), place);
    }

    @Override
    public void onParked(WorkerInfo worker) {
        WorkerPool.Place place = places.get(worker.pid());
        if (worker.shared()) {
            shared.park(worker, tunnelsUntil(worker));
        } else if (place != null) {
            pool.dispatcher().resize(place.slot(), 0, System.nanoTime());
            // A handshake that is with it still may become a tunnel.
            pool.dispatcher()
                    .whenSettled(
                            place.slot(),
                            () -> pool.drainTunnels(place.endpoint(), tunnelsUntil(worker), true, () -> {}));
        }
    }

    private long tunnelsUntil(WorkerInfo worker) {
        return pool.tunnelsUntil(worker.group().workers().drainTimeout());
    }

    @Override
    public void onProving(WorkerInfo worker) {
        join(worker, pool.dispatcher()::prove);
    }

    @Override
    public CompletableFuture<Proven> prove(Generation generation) {
        return proof.begin(generation.number(), generation.application().prove().orElseThrow(), System.nanoTime());
    }

    @Override
    public void onProved(boolean well) {
        proof.end(well, System.nanoTime());
    }

    private StartedEndpoint endpoint(WorkerInfo worker) {
        return new StartedEndpoint(worker, pool.home(worker.name()), disk, processes, pool.connectTimeout());
    }

    @Override
    public CompletableFuture<Optional<String>> warm(WorkerInfo worker, List<String> targets) {
        StartedEndpoint endpoint = endpoint(worker);
        // What is kept of a built-in worker's one connection is used on; whoever shares a socket is reached anew.
        if (!worker.shared()) {
            endpoints.put(worker.pid(), endpoint);
        }
        return Warming.start(
                endpoint,
                endpoint::warmed,
                pool.home(worker.name()),
                targets,
                worker.group().workers().startTimeout());
    }

    @Override
    public void onGenerationBegins(Generation generation) {
        pool.groups()
                .open(
                        generation.number(),
                        generation.plans().stream().map(WorkerPlan::group).toList());
    }

    @Override
    public void onGenerationEnded(Generation generation) {
        shared.end(generation.number());
        pool.groups().close(generation.number());
    }

    private SlotSpec spec(WorkerInfo worker) {
        int capacity = worker.profile().capacity();
        int deepest = worker.profile().mayDeepen() ? Math.max(Settings.Dispatch.WINDOW_MOST, capacity) : capacity;
        return new SlotSpec(
                worker.name(),
                pool.groups().get(worker.generation(), worker.group().name()).counters(),
                worker.group().weight(),
                capacity,
                deepest,
                worker.profile().batching(),
                worker.profile().busyWith(),
                worker.group().workers().hangTimeout().toNanos(),
                worker.profile().oneThread());
    }

    @Override
    public void onDraining(WorkerInfo worker, Runnable idle) {
        WorkerPool.Place place = places.get(worker.pid());
        long until = tunnelsUntil(worker);
        if (worker.shared()) {
            shared.drain(worker, until, idle);
        } else if (place == null) {
            idle.run();
        } else {
            boolean http = worker.profile().protocol() == Protocol.HTTP;
            pool.dispatcher().drain(place.slot(), http ? () -> leave(place, until, idle) : idle);
        }
    }

    /** It has no request any more: its tunnels end, then its connections. */
    private void leave(WorkerPool.Place place, long tunnelsUntil, Runnable idle) {
        pool.drainTunnels(place.endpoint(), tunnelsUntil, true, () -> pool.closeLinks(place.endpoint(), idle));
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
        endpoints.remove(worker.pid());
        WorkerPool.Place place = places.remove(worker.pid());
        if (place != null) {
            pool.remove(place);
        }
    }

    @Override
    public void onStartedAgain(String group, String worker, ExitInfo.Cause after) {
        pool.metrics().workerStartedAgain(group, worker, after.name().toLowerCase(Locale.ROOT));
    }

    @Override
    public void onExpected(boolean someWorkerMayCome) {
        pool.expected().ofStarted(someWorkerMayCome || !firstReady.isDone());
    }

    @Override
    public void onStartFailed(StartFailure failure) {
        firstReady.completeExceptionally(new StartException(failure));
    }
}
