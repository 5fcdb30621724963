package terpan.daemon;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Resident memory of processes, as Linux tells it in {@code /proc} (proc(5)); elsewhere it is not known. */
final class ResidentMemory {
    private static final Pattern RESIDENT = Pattern.compile("(?m)^VmRSS:\\s+(\\d{1,15}) kB");
    private static final long KIB = 1024;

    /** What a process may have below it, so that one which starts others without end does not hold up a page of figures. */
    private static final int PROCESSES_MOST = 1_000;

    private long bytes;
    private int processes;

    private ResidentMemory() {}

    /**
     * Bytes of a process and of all below it: a server's master serves nothing itself. What they share counts in each.
     *
     * @param pid 0: there is no process
     */
    static OptionalLong of(long pid) {
        ResidentMemory memory = new ResidentMemory();
        if (pid != 0) {
            memory.add(pid);
        }
        return memory.bytes == 0 ? OptionalLong.empty() : OptionalLong.of(memory.bytes);
    }

    private void add(long pid) {
        if (++processes > PROCESSES_MOST) {
            return;
        }
        Path process = Path.of("/proc", Long.toString(pid));
        Matcher found = RESIDENT.matcher(text(process.resolve("status")));
        if (!found.find()) {
            return;
        }
        bytes += Long.parseLong(found.group(1)) * KIB;
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(process.resolve("task"))) {
            for (Path thread : threads) {
                for (String child : text(thread.resolve("children")).split(" ", -1)) {
                    if (!child.isBlank()) {
                        add(Long.parseLong(child));
                    }
                }
            }
        } catch (IOException gone) {
            // It ended while it was looked at.
        }
    }

    /** Empty if it can not be read: the process, or its thread, has ended. */
    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException gone) {
            return "";
        }
    }
}
