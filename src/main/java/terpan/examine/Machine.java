package terpan.examine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the machine gives us, as far as it tells; empty where it does not.
 *
 * @param descriptors most open files of a process, the hard limit
 * @param acceptQueue longest accept queue of a listener (somaxconn)
 * @param processors processors of this process
 * @param quota processors that the control group grants, in parts of one
 * @param memory bytes that are available, in the control group too
 */
record Machine(
        OptionalLong descriptors, OptionalLong acceptQueue, int processors, OptionalDouble quota, OptionalLong memory) {
    private static final Pattern FILES = Pattern.compile("(?m)^Max open files +\\S+ +(\\S+)");
    private static final Pattern AVAILABLE = Pattern.compile("(?m)^MemAvailable: +(\\d+) kB");
    private static final long KIB = 1024;

    static Machine read() {
        return read(Path.of("/"), Runtime.getRuntime().availableProcessors());
    }

    /**
     * Reads what the kernel shows.
     *
     * @param root where {@code proc} and {@code sys} lie
     */
    static Machine read(Path root, int processors) {
        return new Machine(
                number(FILES, text(root.resolve("proc/self/limits"))),
                number(Pattern.compile("(\\d+)"), text(root.resolve("proc/sys/net/core/somaxconn"))),
                processors,
                quota(text(root.resolve("sys/fs/cgroup/cpu.max"))),
                memory(root));
    }

    private static OptionalDouble quota(String text) {
        Matcher found = Pattern.compile("(\\d+) (\\d+)").matcher(text);
        return found.find()
                ? OptionalDouble.of(Double.parseDouble(found.group(1)) / Double.parseDouble(found.group(2)))
                : OptionalDouble.empty();
    }

    private static OptionalLong memory(Path root) {
        OptionalLong available = number(AVAILABLE, text(root.resolve("proc/meminfo")));
        OptionalLong most = number(Pattern.compile("^(\\d+)"), text(root.resolve("sys/fs/cgroup/memory.max")));
        OptionalLong used = number(Pattern.compile("^(\\d+)"), text(root.resolve("sys/fs/cgroup/memory.current")));
        long machine = available.isPresent() ? available.getAsLong() * KIB : Long.MAX_VALUE;
        long group = most.isPresent() && used.isPresent() ? most.getAsLong() - used.getAsLong() : Long.MAX_VALUE;
        long less = Math.min(machine, group);
        return less == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(less);
    }

    private static OptionalLong number(Pattern pattern, String text) {
        Matcher found = pattern.matcher(text);
        return found.find() && found.group(1).matches("\\d{1,18}")
                ? OptionalLong.of(Long.parseLong(found.group(1)))
                : OptionalLong.empty();
    }

    /** A file whole; empty: it is not there, or not for us. */
    static String text(Path path) {
        try {
            return Files.readString(path);
        } catch (IOException notThere) {
            return "";
        }
    }
}
