package terpan.worker;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/** Another Terpan, which this one has started to take its place. Thread-safe. */
public final class FollowingProcess {
    /** Belong to this process as a service, whatever it starts. */
    static final List<String> OURS_ALONE =
            List.of("WATCHDOG_PID", "LISTEN_PID", "LISTEN_PIDFDID", "LISTEN_FDS", "LISTEN_FDNAMES");

    private static final Duration END_MOST = Duration.ofSeconds(20);

    private final Process process;

    private FollowingProcess(Process process) {
        this.process = process;
    }

    /**
     * Starts it; it writes where this process does.
     *
     * @param directory where it is started
     * @param place the socket at which it gets what is handed over
     * @throws IOException when the program can not be executed
     */
    public static FollowingProcess start(Path program, List<String> arguments, Path directory, Path place)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(arguments);
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(directory.toFile()).inheritIO();
        Map<String, String> environment = builder.environment();
        OURS_ALONE.forEach(environment::remove);
        environment.put(RunDirectory.UPGRADE_VARIABLE, place.toString());
        return new FollowingProcess(builder.start());
    }

    /** Its number. */
    public long pid() {
        return process.pid();
    }

    /** Its exit status; empty: it has not ended. */
    public OptionalInt exitStatus() {
        return process.isAlive() ? OptionalInt.empty() : OptionalInt.of(process.exitValue());
    }

    /** Waits for its end, for some seconds at most. */
    public void awaitEnd() throws InterruptedException {
        boolean _ = process.waitFor(END_MOST.toSeconds(), TimeUnit.SECONDS);
    }

    /** Has it stop, and ends it where it does not within some seconds. */
    public void end() throws InterruptedException {
        process.destroy();
        awaitEnd();
        process.destroyForcibly();
    }
}
