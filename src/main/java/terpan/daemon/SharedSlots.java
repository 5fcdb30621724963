package terpan.daemon;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import terpan.dispatch.Dispatcher;
import terpan.dispatch.Slot;
import terpan.dispatch.SlotSpec;
import terpan.link.LinkTable;
import terpan.link.WorkerEndpoint;
import terpan.worker.WorkerInfo;

/**
 * The slots of workers that share sockets: one for each socket, as large as its ready workers are together. It stays while none is
 * ready, for what waits in the socket's queue is answered by the next one. Owned by the supervisor's thread.
 */
final class SharedSlots {
    private final Dispatcher dispatcher;
    private final LinkTable table;
    private final GroupTable groups;
    private final Duration connectTimeout;
    private final Consumer<WorkerEndpoint> closeLinks;
    private final Map<SocketAddress, Place> places = new LinkedHashMap<>();

    /** A socket's slot, how it is reached, and what each ready worker adds to it. */
    private record Place(String group, Slot slot, SharedEndpoint point, Map<Long, Integer> ready) {
        int capacity() {
            return ready.values().stream().mapToInt(Integer::intValue).sum();
        }
    }

    /**
     * No slots yet.
     *
     * @param connectTimeout how long a connect may take
     * @param closeLinks closes every loop's link to a point
     */
    SharedSlots(
            Dispatcher dispatcher,
            LinkTable table,
            GroupTable groups,
            Duration connectTimeout,
            Consumer<WorkerEndpoint> closeLinks) {
        this.connectTimeout = connectTimeout;
        this.dispatcher = dispatcher;
        this.table = table;
        this.groups = groups;
        this.closeLinks = closeLinks;
    }

    /** A worker is ready. */
    void join(WorkerInfo worker, Processes processes) {
        Place place = places.get(worker.address());
        int capacity = worker.profile().capacity();
        if (place == null) {
            place = open(worker, new SharedEndpoint(worker, processes, connectTimeout));
            place.ready().put(worker.pid(), capacity);
            dispatcher.ready(place.slot(), System.nanoTime());
            retire(worker.group().name());
        } else {
            place.ready().put(worker.pid(), capacity);
            resize(place);
        }
        place.point().join(worker.pid());
    }

    private Place open(WorkerInfo worker, SharedEndpoint point) {
        String group = worker.group().name();
        int capacity = worker.profile().capacity();
        Slot slot = dispatcher.add(new SlotSpec(
                group,
                groups.number(group),
                worker.group().weight(),
                capacity,
                capacity,
                false,
                worker.profile().busyWith(),
                worker.group().workers().hangTimeout().toNanos(),
                worker.profile().oneThread()));
        table.put(slot.index(), point);
        Place place = new Place(group, slot, point, new HashMap<>());
        places.put(worker.address(), place);
        return place;
    }

    /** A worker is to end. The others go on; if there is none, it has to answer first what is on its way to it. */
    void drain(WorkerInfo worker, Runnable idle) {
        Place place = places.get(worker.address());
        if (place == null || place.ready().remove(worker.pid()) == null) {
            idle.run();
            return;
        }
        resize(place);
        if (place.ready().isEmpty()) {
            dispatcher.whenSettled(place.slot(), idle);
        } else {
            idle.run();
        }
    }

    /** A worker accepts nothing more: it can only hold what is in flight now. */
    void deaf(WorkerInfo worker, Runnable settled) {
        Place place = places.get(worker.address());
        if (place == null) {
            settled.run();
        } else {
            dispatcher.whenSettled(place.slot(), settled);
        }
    }

    /** A worker's process has ended. */
    void leave(WorkerInfo worker) {
        Place place = places.get(worker.address());
        if (place == null) {
            return;
        }
        place.point().leave(worker.pid());
        if (place.ready().remove(worker.pid()) != null) {
            resize(place);
        }
        retire(place.group());
    }

    private void resize(Place place) {
        dispatcher.resize(place.slot(), place.capacity(), System.nanoTime());
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
            Place place = places.get(address);
            if (place != null && place.point().isEmpty()) {
                places.remove(address);
                dispatcher.remove(place.slot());
                table.remove(place.slot().index(), place.point());
                closeLinks.accept(place.point());
            }
        }
    }
}
