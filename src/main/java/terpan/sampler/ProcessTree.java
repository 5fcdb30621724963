package terpan.sampler;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A process and all below it, as Linux tells them in {@code /proc} (proc(5)); elsewhere there are none. */
final class ProcessTree {
    /** Of one that has more below it no figure is known: it shall not hold up a page of them. */
    static final int MOST = 1_000;

    private ProcessTree() {}

    /**
     * The numbers of the processes, its own first.
     *
     * @param pid 0: there is no process
     * @param most of a tree that is larger there are none
     */
    static List<Long> of(long pid, int most) {
        List<Long> found = new ArrayList<>();
        if (pid != 0) {
            add(pid, most, found);
        }
        return found.size() > most ? List.of() : found;
    }

    private static void add(long pid, int most, List<Long> found) {
        if (found.size() > most) {
            return;
        }
        found.add(pid);
        for (Path thread : threads(pid)) {
            for (String child : text(thread.resolve("children")).split(" ", -1)) {
                if (!child.isBlank()) {
                    add(Long.parseLong(child), most, found);
                }
            }
        }
    }

    /** A folder for each thread of a process; those that it had still, if it ended while it was looked at. */
    static List<Path> threads(long pid) {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
            threads.forEach(found::add);
        } catch (IOException | DirectoryIteratorException gone) {
            return found;
        }
        return found;
    }

    /** Empty if it can not be read: the process, or its thread, has ended. Its name in there may be any bytes. */
    static String text(Path file) {
        try {
            return Files.readString(file, ISO_8859_1);
        } catch (IOException gone) {
            return "";
        }
    }
}
