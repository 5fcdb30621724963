package terpan.examine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
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
 * @param quota processors that the control groups grant, in parts of one
 * @param free bytes that the machine has available
 * @param group the control group that leaves the least memory
 */
record Machine(
        OptionalLong descriptors,
        OptionalLong acceptQueue,
        int processors,
        OptionalDouble quota,
        OptionalLong free,
        Optional<ControlGroups.Memory> group) {
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
        ControlGroups groups = ControlGroups.read(root);
        OptionalLong available = number(AVAILABLE, text(root.resolve("proc/meminfo")));
        return new Machine(
                number(FILES, text(root.resolve("proc/self/limits"))),
                number(Pattern.compile("(\\d+)"), text(root.resolve("proc/sys/net/core/somaxconn"))),
                processors,
                groups.processors(),
                available.isPresent() ? OptionalLong.of(available.getAsLong() * KIB) : available,
                groups.memory());
    }

    /** Bytes that are to be had: what machine and control group both have. */
    OptionalLong memory() {
        long less = Math.min(
                free.orElse(Long.MAX_VALUE),
                group.map(ControlGroups.Memory::left).orElse(Long.MAX_VALUE));
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
