package terpan.daemon;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.ToDoubleFunction;
import terpan.dispatch.DispatchSnapshot;
import terpan.examine.FreeMemory;
import terpan.sampler.ProcessorTime;
import terpan.sampler.ResidentMemory;
import terpan.worker.AutoScale;
import terpan.worker.WorkerSnapshot;

/**
 * What of an application's load is seen at one moment; two of them make the readings that workers are scaled by.
 *
 * @param now monotonic nanoseconds
 * @param ready workers of the generation that serves
 * @param times what each of them had of processors, by its process
 * @param busy what is counted of each slot that takes requests, by its name
 * @param processors the share of the processors that was busy lately; negative: not known
 * @param free bytes of memory that are to be had
 */
record SeenLoad(
        long now,
        DispatchSnapshot dispatch,
        List<WorkerSnapshot> ready,
        Map<Long, ProcessorTime> times,
        Map<String, Long> busy,
        double processors,
        OptionalLong free) {
    private static final double NANOS = 1e9;

    /** Reads what the system tells of processes and memory. */
    static SeenLoad of(long now, DispatchSnapshot dispatch, List<WorkerSnapshot> ready, double processors) {
        Map<Long, ProcessorTime> times = new HashMap<>();
        ready.forEach(worker -> ProcessorTime.of(worker.pid()).ifPresent(time -> times.put(worker.pid(), time)));
        Map<String, Long> busy = new HashMap<>();
        dispatch.slots().stream()
                .filter(SeenLoad::takesRequests)
                .forEach(slot -> busy.merge(slot.name(), slot.busy(), Long::sum));
        return new SeenLoad(now, dispatch, ready, times, busy, processors, FreeMemory.read());
    }

    private static boolean takesRequests(DispatchSnapshot.SlotSnapshot slot) {
        return slot.state().equals("ready");
    }

    /**
     * What a group is scaled by.
     *
     * @param present how many workers it has that are not on their way out
     * @param earlier what was seen before this
     * @param sticky whether requests wait for a worker of their own: that they do says nothing of the others
     * @param taken bytes of memory that other groups are about to take
     * @param shared whether its workers share what was imported: each has its part of it
     */
    AutoScale.Reading reading(String group, int present, SeenLoad earlier, boolean sticky, long taken, boolean shared) {
        List<WorkerSnapshot> its =
                ready.stream().filter(worker -> worker.group().equals(group)).toList();
        DispatchSnapshot.Counts counts = dispatch.counts();
        DispatchSnapshot.Counts were = earlier.dispatch.counts();
        long given = counts.granted() - were.granted();
        long behind = dispatch.waiting() - earlier.dispatch.waiting() + refused(counts) - refused(were);
        long wait =
                AutoScale.meanWait(given, counts.waited() - were.waited(), dispatch.waiting(), dispatch.oldestWait());
        double load = Math.max(byPlaces(group, its.size(), earlier), byProcessors(its, earlier, ProcessorTime::worked));
        double bound = byProcessors(its, earlier, time -> time.worked() + time.waited());
        return new AutoScale.Reading(
                now,
                present,
                its.size(),
                load,
                load == 0 ? 0 : Math.min(1, bound / load),
                AutoScale.rise(given, behind),
                sticky ? 0 : wait,
                processors,
                free.isPresent() ? OptionalLong.of(Math.max(0, free.getAsLong() - taken)) : free,
                size(its, shared));
    }

    private static long refused(DispatchSnapshot.Counts counts) {
        return counts.rejected().values().stream().mapToLong(Long::longValue).sum();
    }

    /** How many workers were busy in the mean, by their places; one that serves a dozen at once may be so by a twelfth. */
    private double byPlaces(String group, int workers, SeenLoad earlier) {
        List<DispatchSnapshot.SlotSnapshot> slots = dispatch.slots().stream()
                .filter(slot -> takesRequests(slot) && slot.group().equals(group))
                .toList();
        int places =
                slots.stream().mapToInt(DispatchSnapshot.SlotSnapshot::capacity).sum();
        double held = slots.stream()
                .map(DispatchSnapshot.SlotSnapshot::name)
                .distinct()
                .mapToLong(name -> Math.max(0, of(busy, name) - of(earlier.busy, name)))
                .sum();
        return places == 0 ? 0 : Math.min(places, held / (now - earlier.now)) * workers / places;
    }

    private static long of(Map<String, Long> busy, String name) {
        return busy.getOrDefault(name, 0L);
    }

    /** The same by their processor time: one interpreter keeps one processor busy, whatever the places that are left. */
    private double byProcessors(List<WorkerSnapshot> its, SeenLoad earlier, ToDoubleFunction<ProcessorTime> which) {
        return its.stream()
                .map(WorkerSnapshot::pid)
                .mapToDouble(pid -> {
                    ProcessorTime until = times.get(pid);
                    ProcessorTime from = earlier.times.get(pid);
                    return until == null || from == null
                            ? 0
                            : Math.clamp(
                                    (which.applyAsDouble(until) - which.applyAsDouble(from))
                                            * NANOS
                                            / (now - earlier.now),
                                    0,
                                    1);
                })
                .sum();
    }

    /** Bytes that one of them has in the mean. */
    private static OptionalLong size(List<WorkerSnapshot> its, boolean shared) {
        OptionalDouble mean = its.stream()
                .flatMapToLong(worker -> ResidentMemory.of(worker.pid(), shared).stream())
                .average();
        return mean.isPresent() ? OptionalLong.of((long) mean.getAsDouble()) : OptionalLong.empty();
    }
}
