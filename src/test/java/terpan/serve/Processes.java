package terpan.serve;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Processes as the kernel shows them in {@code /proc}. */
public final class Processes {
    private Processes() {}

    /** Every process, orphans too, whose environment has this text; one that has ended and was not reaped yet does not count. */
    public static List<Long> withEnvironment(String text) {
        return ProcessHandle.allProcesses()
                .map(ProcessHandle::pid)
                .filter(pid -> read(pid, "environ").contains(text))
                .toList();
    }

    public static boolean runs(long pid) {
        return !read(pid, "environ").isEmpty();
    }

    public static String commandLine(long pid) {
        return read(pid, "cmdline").replace('\0', ' ');
    }

    /** The most memory that the process ever had resident, in bytes. */
    public static long peakMemory(long pid) {
        return read(pid, "status")
                .lines()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElseThrow();
    }

    public static long descriptors(long pid) throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return open.count();
        }
    }

    public static void kill(long pid, String signal) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + signal, Long.toString(pid))
                .redirectErrorStream(true)
                .start()
                .waitFor();
    }

    private static String read(long pid, String name) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/" + name), ISO_8859_1);
        } catch (IOException gone) {
            return "";
        }
    }
}
