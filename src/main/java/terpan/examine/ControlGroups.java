package terpan.examine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The control groups that this process is in, of version 1, 2, or both side by side. A limit holds for all that lies below it, so the
 * smallest on the way up counts.
 *
 * @param memoryGroups the groups whose memory limits count, the process's own first
 * @param processorGroups the same for processor time
 */
record ControlGroups(List<ControlGroups.Group> memoryGroups, List<ControlGroups.Group> processorGroups) {
    private static final int DEPTH_MOST = 64;
    /** Version 1 says a number near the most that there is where there is no limit. */
    private static final long NO_LIMIT = 1L << 60;

    private static final Pattern USAGE = Pattern.compile("(?m)^usage_usec (\\d{1,15})$");

    private static final Pattern NUMBER = Pattern.compile("(-?\\d{1,18})\\s*");

    /** One group's folder. */
    record Group(int version, String name, Path folder) {
        OptionalLong number(String file) {
            Matcher found = NUMBER.matcher(Machine.text(folder.resolve(file)));
            return found.matches() ? OptionalLong.of(Long.parseLong(found.group(1))) : OptionalLong.empty();
        }

        OptionalLong statistic(String name) {
            Matcher found = Pattern.compile("(?m)^" + name + " (\\d{1,18})$")
                    .matcher(Machine.text(folder.resolve("memory.stat")));
            return found.find() ? OptionalLong.of(Long.parseLong(found.group(1))) : OptionalLong.empty();
        }
    }

    /**
     * A group's memory.
     *
     * @param version 1 or 2
     * @param name its path below the root of the hierarchy
     * @param limit bytes
     * @param used bytes, without what the kernel gives back at once
     */
    record Memory(int version, String name, long limit, long used) {
        long left() {
            return Math.max(0, limit - used);
        }
    }

    /**
     * Looks where this process is.
     *
     * @param root where {@code proc} and {@code sys} lie
     */
    static ControlGroups read(Path root) {
        String ours = Machine.text(root.resolve("proc/self/cgroup"));
        String mounts = Machine.text(root.resolve("proc/self/mountinfo"));
        return new ControlGroups(groups(root, "memory", ours, mounts), groups(root, "cpu", ours, mounts));
    }

    private static List<Group> groups(Path root, String controller, String ours, String mounts) {
        List<Group> groups = new ArrayList<>();
        for (String line : ours.lines().toList()) {
            String[] parts = line.split(":", 3);
            if (parts.length == 3 && parts[1].isEmpty()) {
                mount(mounts, "cgroup2", "").ifPresent(mount -> add(groups, 2, root, mount, parts[2]));
            } else if (parts.length == 3 && List.of(parts[1].split(",", -1)).contains(controller)) {
                mount(mounts, "cgroup", controller).ifPresent(mount -> add(groups, 1, root, mount, parts[2]));
            }
        }
        return List.copyOf(groups);
    }

    /** A hierarchy's folder here, and which of its groups that folder shows. */
    private record Mount(String shows, String at) {}

    /** A line: number, parent, device, what is shown, where, options, ... - kind, source, options. */
    private static Optional<Mount> mount(String mounts, String kind, String controller) {
        return mounts.lines()
                .map(line -> line.split(" - ", 2))
                .filter(halves -> halves.length == 2)
                .filter(halves -> {
                    String[] what = halves[1].split(" ", -1);
                    return what.length > 2
                            && what[0].equals(kind)
                            && (controller.isEmpty()
                                    || List.of(what[2].split(",", -1)).contains(controller));
                })
                .map(halves -> halves[0].split(" ", -1))
                .filter(where -> where.length > 4)
                .map(where -> new Mount(where[3], where[4]))
                .findFirst();
    }

    /** The process's group and those above it, as far as they are shown here. */
    private static void add(List<Group> groups, int version, Path root, Mount mount, String path) {
        Path top = root.resolve(mount.at().substring(1));
        boolean below = mount.shows().equals("/") || path.equals(mount.shows()) || path.startsWith(mount.shows() + "/");
        String inside = below
                ? path.substring(mount.shows().equals("/") ? 0 : mount.shows().length())
                : "";
        Path folder = top.resolve(inside.replaceFirst("^/+", "")).normalize();
        if (!folder.startsWith(top) || !Files.isDirectory(folder)) {
            folder = top; // a container may have its own group alone there
        }
        for (int depth = 0; depth < DEPTH_MOST && folder.startsWith(top); depth++) {
            groups.add(new Group(version, "/" + top.relativize(folder), folder));
            folder = Optional.ofNullable(folder.getParent()).orElse(root);
        }
    }

    /** The group that leaves the least; empty: none has a limit. */
    Optional<Memory> memory() {
        return memoryGroups.stream()
                .flatMap(group -> memory(group).stream())
                .min(Comparator.comparingLong(Memory::left));
    }

    private static Optional<Memory> memory(Group group) {
        boolean second = group.version() == 2;
        OptionalLong limit = group.number(second ? "memory.max" : "memory.limit_in_bytes");
        if (limit.isEmpty() || limit.getAsLong() >= NO_LIMIT || limit.getAsLong() < 0) {
            return Optional.empty();
        }
        long used = group.number(second ? "memory.current" : "memory.usage_in_bytes")
                .orElse(0);
        long given = group.statistic(second ? "inactive_file" : "total_inactive_file")
                .orElse(0);
        return Optional.of(new Memory(group.version(), group.name(), limit.getAsLong(), Math.max(0, used - given)));
    }

    /** Processors that are granted, in parts of one; empty: as many as there are. */
    OptionalDouble processors() {
        return processorGroups.stream()
                .map(ControlGroups::processors)
                .filter(OptionalDouble::isPresent)
                .mapToDouble(OptionalDouble::getAsDouble)
                .min();
    }

    private static OptionalDouble processors(Group group) {
        if (group.version() == 2) {
            Matcher found = Pattern.compile("(\\d{1,18}) (\\d{1,18})\\s*")
                    .matcher(Machine.text(group.folder().resolve("cpu.max")));
            return found.matches()
                    ? share(Long.parseLong(found.group(1)), Long.parseLong(found.group(2)))
                    : OptionalDouble.empty();
        }
        return share(
                group.number("cpu.cfs_quota_us").orElse(-1),
                group.number("cpu.cfs_period_us").orElse(0));
    }

    /**
     * What the processes of a group with a limit have had of processors.
     *
     * @param name the group
     * @param processors that it grants, in parts of one
     * @param nanos of processor time since there is the group
     */
    record Used(String name, double processors, long nanos) {}

    /** Of each group with a limit that tells. */
    List<Used> processorsUsed() {
        return processorGroups.stream().flatMap(group -> used(group).stream()).toList();
    }

    private static Optional<Used> used(Group group) {
        OptionalDouble granted = processors(group);
        Matcher micros = USAGE.matcher(Machine.text(group.folder().resolve("cpu.stat")));
        OptionalLong nanos = micros.find()
                ? OptionalLong.of(Long.parseLong(micros.group(1)) * 1_000)
                : group.number("cpuacct.usage");
        return granted.isPresent() && nanos.isPresent()
                ? Optional.of(new Used(group.name(), granted.getAsDouble(), nanos.getAsLong()))
                : Optional.empty();
    }

    private static OptionalDouble share(long quota, long period) {
        return quota > 0 && period > 0 ? OptionalDouble.of((double) quota / period) : OptionalDouble.empty();
    }
}
