package terpan.serve;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
        return kib(pid, "VmHWM:");
    }

    /** The memory that the process has resident, in bytes. */
    public static long memory(long pid) {
        return kib(pid, "VmRSS:");
    }

    private static long kib(long pid, String figure) {
        return read(pid, "status")
                .lines()
                .filter(line -> line.startsWith(figure))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElseThrow();
    }

    /** Open sockets. */
    public static long sockets(long pid) throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return open.filter(Processes::isSocket).count();
        }
    }

    private static boolean isSocket(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
        } catch (IOException closedMeanwhile) {
            return false;
        }
    }

    /** The least number that no open file of the process has. */
    private static long leastFreeDescriptor(long pid) throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            List<String> used = open.map(path -> path.getFileName().toString()).toList();
            return Stream.iterate(0, number -> number + 1)
                    .filter(number -> !used.contains(number.toString()))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** A running process may open no file from now on: what it closes a moment late is not had again either. */
    public static void allowNoDescriptor(long pid) {
        await("no descriptor is closed below the limit any more")
                .pollDelay(Duration.ZERO)
                .during(Duration.ofMillis(300))
                .until(() -> {
                    long free = leastFreeDescriptor(pid);
                    boolean none = free >= descriptorsAllowed(pid);
                    if (!none) {
                        allowDescriptors(pid, free);
                    }
                    return none;
                });
    }

    private static long descriptorsAllowed(long pid) {
        return read(pid, "limits")
                .lines()
                .filter(line -> line.startsWith("Max open files"))
                .mapToLong(line -> Long.parseLong(line.split(" +", -1)[3]))
                .findFirst()
                .orElseThrow();
    }

    /** Processor time that the process has taken, in clock ticks of the kernel: a hundredth of a second. */
    public static long cpuTicks(long pid) {
        String[] fields = read(pid, "stat").replaceFirst(".*\\) ", "").split(" ", -1);
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }

    /** Sets how many files a running process may open from now on. */
    public static void allowDescriptors(long pid, long most) throws IOException, InterruptedException {
        int code = new ProcessBuilder("prlimit", "--pid", Long.toString(pid), "--nofile=" + most + ":")
                .inheritIO()
                .start()
                .waitFor();
        if (code != 0) {
            throw new IOException("prlimit ended with " + code);
        }
    }

    /** A limit of a process that is in force, by its name in {@code /proc}. */
    public static String limit(long pid, String name) {
        return read(pid, "limits")
                .lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()).strip().split(" +", -1)[0])
                .findFirst()
                .orElseThrow();
    }

    public static void kill(long pid, String signal) throws IOException, InterruptedException {
        if (pid <= 1) {
            throw new IllegalArgumentException("process " + pid + " is everybody's");
        }
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

    /** Waitress with the application of the tests on a Unix socket, as someone else runs it: four threads. */
    public static Process waitressOn(Path socket) throws IOException {
        Process waitress = new ProcessBuilder(
                        Program.python().toString(),
                        "-m",
                        "waitress",
                        "--unix-socket=" + socket,
                        "--threads=4",
                        "everything:application")
                .directory(Program.APPLICATIONS.toFile())
                .redirectErrorStream(true)
                .redirectOutput(socket.resolveSibling("waitress.log").toFile())
                .start();
        await().atMost(Duration.ofSeconds(20)).until(() -> Files.exists(socket));
        return waitress;
    }
}
