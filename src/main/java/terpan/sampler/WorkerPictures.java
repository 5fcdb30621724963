package terpan.sampler;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.LongFunction;
import terpan.attached.AttachedSnapshot;
import terpan.dispatch.DispatchSnapshot;
import terpan.picture.Picture;
import terpan.pool.Group;
import terpan.pool.Groups;
import terpan.worker.WorkerSnapshot;
import terpan.worker.WorkerState;

/** Workers, groups and slots of a picture, from what supervisor, watch, dispatcher and counters know. */
final class WorkerPictures {
    private static final double NANOS = 1e9;

    private final Groups groups;
    private final Function<String, Optional<Picture.Scaling>> scaling;
    private final List<DispatchSnapshot.SlotSnapshot> slots;
    private final LongFunction<KnownProcesses.Taken> taken;
    private final List<Picture.Worker> workers = new ArrayList<>();

    /**
     * Those of one moment.
     *
     * @param ours the workers that we started
     * @param attached those that someone else runs
     * @param scaling how the number of workers of the group of this name follows the load
     * @param taken what a process takes
     */
    WorkerPictures(
            Groups groups,
            List<DispatchSnapshot.SlotSnapshot> slots,
            List<WorkerSnapshot> ours,
            List<AttachedSnapshot> attached,
            Function<String, Optional<Picture.Scaling>> scaling,
            LongFunction<KnownProcesses.Taken> taken) {
        this.taken = taken;
        this.groups = groups;
        this.scaling = scaling;
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

    List<Picture.Worker> workers() {
        return workers;
    }

    List<Picture.Group> groups() {
        return groups.all().stream().map(this::group).toList();
    }

    /** Each name once. */
    List<Picture.Slot> slots() {
        Map<String, Picture.Slot> byName = new LinkedHashMap<>();
        for (DispatchSnapshot.SlotSnapshot slot : slots) {
            Picture.Slot its = new Picture.Slot(
                    slot.group(), slot.name(), slot.inFlight(), slot.lost(), slot.window(), slot.settled());
            byName.merge(slot.name(), its, Picture.Slot::and);
        }
        return List.copyOf(byName.values());
    }

    private Picture.Group group(Group group) {
        List<DispatchSnapshot.SlotSnapshot> its =
                slots.stream().filter(slot -> slot.group().equals(group.name())).toList();
        List<Picture.Worker> members = workers.stream()
                .filter(worker -> worker.group().equals(group.name()))
                .toList();
        long requests = group.counters().sent();
        return new Picture.Group(
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
                members.stream().mapToLong(Picture.Worker::restarts).sum(),
                scaling.apply(group.name()));
    }

    /** Without a slot it holds nothing; unless it shares one, where nobody knows. */
    private Picture.Worker ours(WorkerSnapshot worker, Optional<DispatchSnapshot.SlotSnapshot> slot) {
        boolean shared = groups.get(worker.group()).socket().equals("shared");
        OptionalLong none = shared ? OptionalLong.empty() : OptionalLong.of(0);
        return new Picture.Worker(
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
                slot.map(WorkerPictures::service).orElse(OptionalDouble.empty()),
                taken.apply(worker.pid()).bytes(),
                taken.apply(worker.pid()).processorSeconds(),
                Optional.empty(),
                worker.failure());
    }

    private static Picture.Worker attached(AttachedSnapshot worker, Optional<DispatchSnapshot.SlotSnapshot> slot) {
        return new Picture.Worker(
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
                slot.map(WorkerPictures::service).orElse(OptionalDouble.empty()),
                OptionalLong.empty(),
                OptionalDouble.empty(),
                worker.nextProbe(),
                "");
    }

    private static OptionalDouble service(DispatchSnapshot.SlotSnapshot slot) {
        return slot.service() > 0 ? OptionalDouble.of(slot.service() / NANOS) : OptionalDouble.empty();
    }
}
