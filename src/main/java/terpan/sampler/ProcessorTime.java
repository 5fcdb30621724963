package terpan.sampler;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Processor time of processes, as Linux tells it in {@code /proc/PID/stat} (proc(5)) and {@code schedstat} (Documentation/scheduler/sched-stats.rst);
 * elsewhere it is not known.
 *
 * @param worked seconds that a process and all below it have worked, with those that have ended and were waited for
 * @param waited seconds that those that there are have waited for a processor, if the kernel counts that
 */
public record ProcessorTime(double worked, double waited) {
    /** What the kernel counts for programs in, whatever its own clock: USER_HZ. */
    private static final double TICKS_A_SECOND = 100;

    private static final int OWN_FIRST = 11;
    private static final int OWN_LAST = 12;
    private static final int CHILDREN_LAST = 14;

    /** Nanoseconds of work and of waiting, then how often. */
    private static final Pattern SCHEDULED = Pattern.compile("(\\d{1,18}) (\\d{1,18}) .*\\s*");

    private static final double NANOS = 1e9;

    /**
     * What the kernel counts of one thread, nanoseconds.
     *
     * @param worked on a processor
     * @param waited for one
     */
    record Scheduled(long worked, long waited) {
        /** Of the thread with this folder; empty: it has ended, or the kernel does not count it. */
        static Optional<Scheduled> of(Path thread) {
            Matcher found = SCHEDULED.matcher(ProcessTree.text(thread.resolve("schedstat")));
            return found.matches()
                    ? Optional.of(new Scheduled(Long.parseLong(found.group(1)), Long.parseLong(found.group(2))))
                    : Optional.empty();
        }
    }

    /**
     * Of a process and all below it.
     *
     * @param pid 0: there is no process
     */
    public static Optional<ProcessorTime> of(long pid) {
        List<Long> processes = ProcessTree.of(pid, ProcessTree.MOST);
        long nanos = processes.stream().mapToLong(ProcessorTime::waited).sum();
        return processes.isEmpty()
                ? Optional.empty()
                : Optional.of(new ProcessorTime(workedBy(processes), nanos / NANOS));
    }

    private static long waited(long pid) {
        long nanos = 0;
        for (Path thread : ProcessTree.threads(pid)) {
            nanos += Scheduled.of(thread).map(Scheduled::waited).orElse(0L);
        }
        return nanos;
    }

    /** Seconds that these have worked, each with those below it that have ended. */
    static double workedBy(List<Long> processes) {
        return processes.stream().mapToLong(pid -> worked(pid, CHILDREN_LAST)).sum() / TICKS_A_SECOND;
    }

    /** Seconds that one process has worked without those below it; 0 where it is not known. */
    static double alone(long pid) {
        return worked(pid, OWN_LAST) / TICKS_A_SECOND;
    }

    /** Behind the name, which may have anything in it but ends with the last parenthesis: utime, stime, cutime and cstime. */
    private static long worked(long pid, int last) {
        String text = ProcessTree.text(Path.of("/proc", Long.toString(pid), "stat"));
        String[] fields = text.substring(text.lastIndexOf(')') + 1).strip().split(" ", -1);
        long ticks = 0;
        for (int i = OWN_FIRST; i <= last && i < fields.length; i++) {
            ticks += Long.parseLong(fields[i]);
        }
        return ticks;
    }
}
