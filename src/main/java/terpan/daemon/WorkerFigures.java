package terpan.daemon;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import terpan.admin.StatusSnapshot;
import terpan.attached.AttachedSnapshot;
import terpan.dispatch.DispatchSnapshot;
import terpan.metrics.Readings;
import terpan.pool.Group;
import terpan.pool.Groups;
import terpan.worker.WorkerSnapshot;
import terpan.worker.WorkerState;

/** What is told of workers and their groups at one moment, from what supervisor, dispatcher and counters know. */
final class WorkerFigures {
    private static final double NANOS = 1e9;

    private final Groups groups;
    private final List<DispatchSnapshot.SlotSnapshot> slots;
    private final List<StatusSnapshot.Worker> workers = new ArrayList<>();

    /**
     * The figures of one moment.
     *
     * @param ours the workers that we started
     * @param attached those that someone else runs
     */
    WorkerFigures(
            Groups groups,
            List<DispatchSnapshot.SlotSnapshot> slots,
            List<WorkerSnapshot> ours,
            List<AttachedSnapshot> attached) {
        this.groups = groups;
        this.slots = slots;
        ours.forEach(worker -> workers.add(ours(worker, slot(worker.name(), worker.state() == WorkerState.READY))));
        attached.forEach(worker -> workers.add(attached(worker, slot(worker.name(), true))));
    }

    /** A worker's slot; while one takes another's place there are two of a name, of which one is ready. */
    private Optional<DispatchSnapshot.SlotSnapshot> slot(String name, boolean ready) {
        List<DispatchSnapshot.SlotSnapshot> its =
                slots.stream().filter(slot -> slot.name().equals(name)).toList();
        return its.size() < 2
                ? its.stream().findFirst()
                : its.stream()
                        .filter(slot -> slot.state().equals("ready") == ready)
                        .findFirst();
    }

    List<StatusSnapshot.Worker> workers() {
        return workers;
    }

    List<StatusSnapshot.Group> groups() {
        return groups.all().stream().map(this::group).toList();
    }

    List<Readings.Group> groupReadings() {
        return groups.all().stream()
                .map(group -> new Readings.Group(group.name(), group.server().orElse(""), group.weight()))
                .toList();
    }

    List<Readings.Worker> workerReadings() {
        return workers.stream()
                .map(worker ->
                        new Readings.Worker(worker.group(), worker.name(), worker.state(), worker.residentBytes()))
                .toList();
    }

    List<Readings.Slot> slotReadings() {
        Map<String, Readings.Slot> byName = new LinkedHashMap<>();
        for (DispatchSnapshot.SlotSnapshot slot : slots) {
            Readings.Slot reading = new Readings.Slot(
                    slot.group(), slot.name(), slot.inFlight(), slot.lost(), slot.window(), slot.settled());
            byName.merge(slot.name(), reading, Readings.Slot::and);
        }
        return List.copyOf(byName.values());
    }

    private StatusSnapshot.Group group(Group group) {
        List<DispatchSnapshot.SlotSnapshot> its =
                slots.stream().filter(slot -> slot.group().equals(group.name())).toList();
        List<StatusSnapshot.Worker> members = workers.stream()
                .filter(worker -> worker.group().equals(group.name()))
                .toList();
        long requests = group.counters().sent();
        return new StatusSnapshot.Group(
                group.name(),
                group.server(),
                group.socket(),
                group.weight(),
                members.size(),
                (int) members.stream()
                        .filter(worker -> worker.state().equals("ready"))
                        .count(),
                its.stream().mapToInt(DispatchSnapshot.SlotSnapshot::inFlight).sum(),
                its.stream().mapToInt(DispatchSnapshot.SlotSnapshot::lost).sum(),
                its.stream()
                        .filter(slot -> slot.state().equals("ready"))
                        .mapToInt(DispatchSnapshot.SlotSnapshot::capacity)
                        .sum(),
                requests,
                requests == 0
                        ? OptionalDouble.empty()
                        : OptionalDouble.of(group.counters().nanos() / NANOS / requests),
                group.counters().failed(),
                members.stream().mapToLong(StatusSnapshot.Worker::restarts).sum());
    }

    /** Without a slot it holds nothing; unless it shares one, where nobody knows. */
    private StatusSnapshot.Worker ours(WorkerSnapshot worker, Optional<DispatchSnapshot.SlotSnapshot> slot) {
        boolean shared = groups.get(worker.group()).socket().equals("shared");
        OptionalLong none = shared ? OptionalLong.empty() : OptionalLong.of(0);
        return new StatusSnapshot.Worker(
                worker.name(),
                worker.group(),
                worker.pid() == 0 ? OptionalLong.empty() : OptionalLong.of(worker.pid()),
                worker.state().name().toLowerCase(Locale.ROOT),
                worker.reason(),
                worker.since(),
                worker.generation(),
                worker.restarts(),
                slot.map(its -> OptionalLong.of(its.inFlight())).orElse(none),
                slot.map(its -> OptionalLong.of(its.lost())).orElse(none),
                slot.map(its -> OptionalLong.of(its.window())).orElse(none),
                slot.map(its -> OptionalLong.of(its.capacity())).orElse(none),
                slot.map(its -> OptionalLong.of(its.settled())).orElse(none),
                slot.map(WorkerFigures::service).orElse(OptionalDouble.empty()),
                ResidentMemory.of(worker.pid()),
                Optional.empty(),
                worker.failure());
    }

    private static StatusSnapshot.Worker attached(
            AttachedSnapshot worker, Optional<DispatchSnapshot.SlotSnapshot> slot) {
        return new StatusSnapshot.Worker(
                worker.name(),
                worker.group(),
                OptionalLong.empty(),
                worker.state().name().toLowerCase(Locale.ROOT),
                worker.reason(),
                worker.since(),
                1,
                0,
                OptionalLong.of(
                        slot.map(DispatchSnapshot.SlotSnapshot::inFlight).orElse(0)),
                OptionalLong.of(slot.map(DispatchSnapshot.SlotSnapshot::lost).orElse(0)),
                OptionalLong.of(slot.map(DispatchSnapshot.SlotSnapshot::window).orElse(0)),
                OptionalLong.of(
                        slot.map(DispatchSnapshot.SlotSnapshot::capacity).orElse(0)),
                OptionalLong.of(slot.map(DispatchSnapshot.SlotSnapshot::settled).orElse(0L)),
                slot.map(WorkerFigures::service).orElse(OptionalDouble.empty()),
                OptionalLong.empty(),
                worker.nextProbe(),
                "");
    }

    private static OptionalDouble service(DispatchSnapshot.SlotSnapshot slot) {
        return slot.service() > 0 ? OptionalDouble.of(slot.service() / NANOS) : OptionalDouble.empty();
    }
}
