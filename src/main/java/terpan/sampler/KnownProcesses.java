package terpan.sampler;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * What workers take, looked at anew once in two seconds: it changes slowly, and many files of {@code /proc} have to be read for it.
 * Bounded by who is asked for. Thread-safe.
 */
final class KnownProcesses {
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(2);

    /**
     * What a process and all below it take.
     *
     * @param bytes resident memory
     * @param processorSeconds processor time, with that of those that have ended
     */
    record Taken(OptionalLong bytes, OptionalDouble processorSeconds) {
        /** There is no process. */
        static final Taken NOTHING = new Taken(OptionalLong.empty(), OptionalDouble.empty());
    }

    private record Look(Taken taken, long at) {}

    /** By process; guarded by this. */
    private Map<Long, Look> known = new HashMap<>();

    private Map<Long, Look> before = new HashMap<>();

    /** Another picture begins: who is not asked for in it is forgotten with the next. */
    synchronized void begin() {
        before = known;
        known = new HashMap<>();
    }

    /**
     * Of a process and of all below it.
     *
     * @param pid 0: there is no process
     * @param now monotonic nanoseconds
     */
    synchronized Taken of(long pid, long now) {
        Look last = before.get(pid);
        Look fresh = last != null && now - last.at() < FRESH_NANOS ? last : new Look(look(pid), now);
        known.put(pid, fresh);
        return fresh.taken();
    }

    private static Taken look(long pid) {
        List<Long> processes = ProcessTree.of(pid, ProcessTree.MOST);
        OptionalLong bytes = ResidentMemory.of(processes);
        return bytes.isEmpty() ? Taken.NOTHING : new Taken(bytes, OptionalDouble.of(ProcessorTime.workedBy(processes)));
    }
}
