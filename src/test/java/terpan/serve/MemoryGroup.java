package terpan.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A control group of the kernel's with a limit of memory, for one Terpan and all that it starts. Where none can be made, Java alone is told
 * of that limit: heap and bounds are those that they would be, but nobody would be killed.
 */
final class MemoryGroup implements AutoCloseable {
    private static final Path VERSION_1 = Path.of("/sys/fs/cgroup/memory");
    private static final Path VERSION_2 = Path.of("/sys/fs/cgroup");
    private static final Pattern KILLS = Pattern.compile("(?m)^oom_kill (\\d+)$");

    private final long limit;
    private final Optional<Path> folder;
    private final boolean second;

    private MemoryGroup(long limit, Optional<Path> folder, boolean second) {
        this.limit = limit;
        this.folder = folder;
        this.second = second;
    }

    /** With so many bytes at most. */
    static MemoryGroup of(long limit) throws IOException {
        String name = "terpan-test-" + ProcessHandle.current().pid() + "-" + System.nanoTime();
        if (Files.isWritable(VERSION_1.resolve("memory.limit_in_bytes"))
                || Files.isWritable(VERSION_1.resolve("cgroup.procs"))) {
            Path folder = Files.createDirectory(VERSION_1.resolve(name));
            Files.writeString(folder.resolve("memory.limit_in_bytes"), Long.toString(limit));
            return new MemoryGroup(limit, Optional.of(folder), false);
        }
        Path passedOn = VERSION_2.resolve("cgroup.subtree_control");
        if (Files.isWritable(passedOn) && Files.readString(passedOn, UTF_8).contains("memory")) {
            Path folder = Files.createDirectory(VERSION_2.resolve(name));
            Files.writeString(folder.resolve("memory.max"), Long.toString(limit));
            return new MemoryGroup(limit, Optional.of(folder), true);
        }
        return new MemoryGroup(limit, Optional.empty(), false);
    }

    /** What it is, for people. */
    String what() {
        return folder.map(path -> "a control group of version " + (second ? 2 : 1))
                .orElse("no control group can be made here: Java alone is told of the limit");
    }

    /** What a command has in front of it that is to run in the group. */
    List<String> within() {
        return folder.map(path ->
                        List.of("sh", "-c", "echo $$ > " + path.resolve("cgroup.procs") + " && exec \"$@\"", "sh"))
                .orElse(List.of("env", "JDK_JAVA_OPTIONS=-XX:MaxRAM=" + limit));
    }

    /** How often the kernel has killed one of the group's processes for want of memory. */
    long kills() throws IOException {
        if (folder.isEmpty()) {
            return 0;
        }
        Path file = folder.get().resolve(second ? "memory.events" : "memory.oom_control");
        Matcher told = KILLS.matcher(Files.readString(file, UTF_8));
        if (!told.find()) {
            throw new IOException(file + " says nothing of kills");
        }
        return Long.parseLong(told.group(1));
    }

    /** Ends the group, once nobody is in it. */
    @Override
    public void close() {
        folder.ifPresent(path -> await("the group is empty")
                .atMost(Duration.ofSeconds(20))
                .ignoreExceptions()
                .until(() -> Files.deleteIfExists(path) || Files.notExists(path)));
    }
}
