package terpan.pool;

import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ObjLongConsumer;
import terpan.dispatch.Slot;
import terpan.dispatch.SlotSpec;
import terpan.worker.WorkerInfo;

/**
 * The slots of workers that share sockets: one for each socket, as large as its ready workers are together. It stays while none is
 * ready, for what waits in the socket's queue is answered by the next one. Owned by the supervisor's thread.
 */
final class SharedSlots {
    private final WorkerPool pool;
    private final Map<SocketAddress, SharedPlace> places = new LinkedHashMap<>();

    /** A socket's slot, how it is reached, and what each ready worker adds to it. */
    private record SharedPlace(
            int generation, String group, WorkerPool.Place place, SharedEndpoint endpoint, Map<Long, Integer> ready) {
        Slot slot() {
            return place.slot();
        }

        int capacity() {
            return ready.values().stream().mapToInt(Integer::intValue).sum();
        }
    }

    /** No slots yet. */
    SharedSlots(WorkerPool pool) {
        this.pool = pool;
    }

    /**
     * A worker is ready.
     *
     * @param opens has the slot of its socket take requests, if it is the first there
     */
    void join(WorkerInfo worker, WorkerProcesses processes, ObjLongConsumer<Slot> opens) {
        SharedPlace place = places.get(worker.address());
        int capacity = worker.profile().capacity();
        if (place == null) {
            place = open(worker, new SharedEndpoint(worker, processes, pool.connectTimeout()));
            place.ready().put(worker.pid(), capacity);
            opens.accept(place.slot(), System.nanoTime());
            retire(worker.group().name());
        } else {
            place.ready().put(worker.pid(), capacity);
            resize(place);
        }
        place.endpoint().join(worker.pid());
    }

    private SharedPlace open(WorkerInfo worker, SharedEndpoint endpoint) {
        String group = worker.group().name();
        int capacity = worker.profile().capacity();
        SlotSpec spec = new SlotSpec(
                group,
                pool.groups().get(worker.generation(), group).counters(),
                worker.group().weight(),
                capacity,
                capacity,
                false,
                worker.profile().busyWith(),
                worker.group().workers().hangTimeout().toNanos(),
                worker.profile().oneThread());
        SharedPlace place =
                new SharedPlace(worker.generation(), group, pool.add(spec, endpoint), endpoint, new HashMap<>());
        places.put(worker.address(), place);
        return place;
    }

    /**
     * A worker stays, and what it takes at once is not counted. Whose tunnels are whose is not known: they end with the last one's.
     *
     * @param tunnelsUntil how long those may go on, monotonic nanoseconds
     */
    void park(WorkerInfo worker, long tunnelsUntil) {
        SharedPlace place = places.get(worker.address());
        if (place != null && place.ready().remove(worker.pid()) != null) {
            resize(place);
            if (place.ready().isEmpty()) {
                pool.dispatcher()
                        .whenSettled(
                                place.slot(), () -> pool.drainTunnels(place.endpoint(), tunnelsUntil, true, () -> {}));
            }
        }
    }

    /**
     * A worker is to end. The others go on; if there is none, it has to answer first what is on its way to it. All
     * wait for tunnels, until that time, monotonic nanoseconds.
     */
    void drain(WorkerInfo worker, long tunnelsUntil, Runnable idle) {
        SharedPlace place = places.get(worker.address());
        if (place == null || place.ready().remove(worker.pid()) == null) {
            idle.run();
            return;
        }
        resize(place);
        // Which of the tunnels are its own nobody knows: those that are left it closes itself, as it ends.
        if (place.ready().isEmpty()) {
            pool.dispatcher()
                    .whenSettled(place.slot(), () -> pool.drainTunnels(place.endpoint(), tunnelsUntil, true, idle));
        } else {
            pool.drainTunnels(place.endpoint(), tunnelsUntil, false, idle);
        }
    }

    /** A worker accepts nothing more: it can only hold what is in flight now. */
    void deaf(WorkerInfo worker, Runnable settled) {
        SharedPlace place = places.get(worker.address());
        if (place == null) {
            settled.run();
        } else {
            pool.dispatcher().whenSettled(place.slot(), settled);
        }
    }

    /** A worker's process has ended. */
    void leave(WorkerInfo worker) {
        SharedPlace place = places.get(worker.address());
        if (place == null) {
            return;
        }
        place.endpoint().leave(worker.pid());
        if (place.ready().remove(worker.pid()) != null) {
            resize(place);
        }
        retire(place.group());
    }

    /** No worker of this generation is left. */
    void end(int generation) {
        List<SharedPlace> its = places.values().stream()
                .filter(place -> place.generation() == generation)
                .toList();
        places.values().removeAll(its);
        its.forEach(place -> pool.remove(place.place()));
    }

    private void resize(SharedPlace place) {
        pool.dispatcher().resize(place.slot(), place.capacity(), System.nanoTime());
    }

    /** Removes what is left of sockets that the group has no more: all but its newest one. */
    private void retire(String group) {
        List<SocketAddress> all = new ArrayList<>();
        places.forEach((address, place) -> {
            if (place.group().equals(group)) {
                all.add(address);
            }
        });
        for (SocketAddress address : all.subList(0, Math.max(0, all.size() - 1))) {
            SharedPlace place = places.get(address);
            if (place != null && place.endpoint().isEmpty()) {
                places.remove(address);
                pool.remove(place.place());
            }
        }
    }
}
