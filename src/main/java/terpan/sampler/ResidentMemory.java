package terpan.sampler;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Resident memory of processes, as Linux tells it in {@code /proc} (proc(5)); elsewhere it is not known. */
public final class ResidentMemory {
    private static final Pattern RESIDENT = Pattern.compile("(?m)^VmRSS:\\s+(\\d{1,15}) kB");
    private static final long KIB = 1024;

    /** Of one that has more below it no figure is known: it shall not hold up a page of them. */
    private static final int PROCESSES_MOST = 1_000;

    private final int processesMost;
    private long bytes;
    private int processes;

    private ResidentMemory(int processesMost) {
        this.processesMost = processesMost;
    }

    /**
     * Bytes of a process and of all below it: a server's master serves nothing itself. What they share counts in each.
     *
     * @param pid 0: there is no process
     */
    public static OptionalLong of(long pid) {
        return of(pid, PROCESSES_MOST);
    }

    /** The same with another bound. */
    static OptionalLong of(long pid, int processesMost) {
        ResidentMemory memory = new ResidentMemory(processesMost);
        if (pid != 0) {
            memory.add(pid);
        }
        boolean known = memory.bytes > 0 && memory.processes <= processesMost;
        return known ? OptionalLong.of(memory.bytes) : OptionalLong.empty();
    }

    private void add(long pid) {
        if (++processes > processesMost) {
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

    /** Empty if it can not be read: the process, or its thread, has ended. Its name in there may be any bytes. */
    private static String text(Path file) {
        try {
            return Files.readString(file, ISO_8859_1);
        } catch (IOException gone) {
            return "";
        }
    }
}
