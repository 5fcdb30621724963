package terpan.sampler;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Resident memory of processes, as Linux tells it in {@code /proc} (proc(5)); elsewhere it is not known. */
public final class ResidentMemory {
    private static final Pattern RESIDENT = Pattern.compile("(?m)^VmRSS:\\s+(\\d{1,15}) kB");
    private static final Pattern PROPORTIONAL = Pattern.compile("(?m)^Pss:\\s+(\\d{1,15}) kB");
    private static final long KIB = 1024;

    private ResidentMemory() {}

    /**
     * Bytes of a process and of all below it: a server's master serves nothing itself. What they share counts in each.
     *
     * @param pid 0: there is no process
     */
    public static OptionalLong of(long pid) {
        return of(pid, ProcessTree.MOST);
    }

    /** The same with another bound. */
    static OptionalLong of(long pid, int processesMost) {
        return of(ProcessTree.of(pid, processesMost));
    }

    /** The same of all these. */
    static OptionalLong of(List<Long> processes) {
        return sum(processes, RESIDENT, "status");
    }

    /** The same where what a process shares counts in parts, one for each that shares it; reading it costs the kernel some milliseconds. */
    public static OptionalLong inPart(long pid) {
        return sum(ProcessTree.of(pid, ProcessTree.MOST), PROPORTIONAL, "smaps_rollup");
    }

    /** The one or the other: of another user's processes the kernel does not tell parts, and they count whole. */
    public static OptionalLong of(long pid, boolean inPart) {
        OptionalLong part = inPart ? inPart(pid) : OptionalLong.empty();
        return part.isPresent() ? part : of(pid);
    }

    private static OptionalLong sum(List<Long> processes, Pattern figure, String file) {
        long bytes =
                processes.stream().mapToLong(pid -> alone(pid, figure, file)).sum();
        return bytes > 0 ? OptionalLong.of(bytes) : OptionalLong.empty();
    }

    /** Bytes of one process without those below it; 0 where it is not known. */
    static long alone(long pid) {
        return alone(pid, RESIDENT, "status");
    }

    private static long alone(long pid, Pattern figure, String file) {
        Matcher found = figure.matcher(ProcessTree.text(Path.of("/proc", Long.toString(pid), file)));
        return found.find() ? Long.parseLong(found.group(1)) * KIB : 0;
    }
}
