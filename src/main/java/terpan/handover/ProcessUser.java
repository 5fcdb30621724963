package terpan.handover;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Whose a process or a thread is, as the kernel tells it: not by the owner of its files in {@code /proc}, which is root's of a process that has
 * given root up.
 */
public final class ProcessUser {
    /** The line of {@code proc_pid_status(5)} with the numbers of the real, the effective, the saved and the file system's user. */
    private static final String NUMBERS = "Uid:";

    private static final int EFFECTIVE = 1;

    private ProcessUser() {}

    /**
     * Who this process acts as.
     *
     * @throws IOException where no {@code /proc} tells it
     */
    public static int effective() throws IOException {
        return Integer.parseInt(all(Path.of("/proc/self/status")).get(EFFECTIVE));
    }

    /** All four numbers of a process or thread. */
    static List<String> all(Path status) throws IOException {
        for (String line : Files.readAllLines(status, ISO_8859_1)) {
            if (line.startsWith(NUMBERS)) {
                return List.of(line.substring(NUMBERS.length()).strip().split("\\s+", -1));
            }
        }
        throw new IOException(status + " has no line " + NUMBERS);
    }
}
