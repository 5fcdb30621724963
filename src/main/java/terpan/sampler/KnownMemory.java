package terpan.sampler;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * Resident memory of workers, looked at anew once in two seconds: it changes slowly, and many files of {@code /proc} have to be read for it.
 * Bounded by who is asked for. Thread-safe.
 */
final class KnownMemory {
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(2);

    private record Look(OptionalLong bytes, long at) {}

    /** By process; guarded by this. */
    private Map<Long, Look> known = new HashMap<>();

    private Map<Long, Look> before = new HashMap<>();

    /** Another picture begins: who is not asked for in it is forgotten with the next. */
    synchronized void begin() {
        before = known;
        known = new HashMap<>();
    }

    /**
     * Bytes of a process and of all below it.
     *
     * @param pid 0: there is no process
     * @param now monotonic nanoseconds
     */
    synchronized OptionalLong of(long pid, long now) {
        Look last = before.get(pid);
        Look fresh = last != null && now - last.at() < FRESH_NANOS ? last : new Look(ResidentMemory.of(pid), now);
        known.put(pid, fresh);
        return fresh.bytes();
    }
}
