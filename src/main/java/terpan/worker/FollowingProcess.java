package terpan.worker;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;

/** Another Terpan, which this one has started to take its place. Thread-safe. */
public final class FollowingProcess {
    /** Belong to this process as a service, whatever it starts. */
    static final List<String> OURS_ALONE =
            List.of("WATCHDOG_PID", "LISTEN_PID", "LISTEN_PIDFDID", "LISTEN_FDS", "LISTEN_FDNAMES");

    private static final Duration END_MOST = Duration.ofSeconds(20);

    private final long pid;
    private final CompletableFuture<Integer> end;
    private final LongConsumer terminate;
    private final LongConsumer kill;

    private FollowingProcess(long pid, CompletableFuture<Integer> end, LongConsumer terminate, LongConsumer kill) {
        this.pid = pid;
        this.end = end;
        this.terminate = terminate;
        this.kill = kill;
    }

    /** One that root's helper has started. */
    static FollowingProcess of(long pid, CompletableFuture<Integer> end, RootSide helper) {
        return new FollowingProcess(pid, end, helper::terminate, helper::kill);
    }

    /**
     * Starts it; it writes where this process does.
     *
     * @param ours our run directory: where root was given up, its helper starts the very command that we were started by
     * @param directory where it is started
     * @param place the socket at which it gets what is handed over
     * @throws IOException when the program can not be executed
     */
    public static FollowingProcess start(
            RunDirectory ours, Path program, List<String> arguments, Path directory, Path place) throws IOException {
        if (ours.root().isPresent()) {
            return ours.root().get().follow();
        }
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(arguments);
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(directory.toFile()).inheritIO();
        Map<String, String> environment = builder.environment();
        OURS_ALONE.forEach(environment::remove);
        environment.put(RunDirectory.UPGRADE_VARIABLE, place.toString());
        Process process = builder.start();
        return new FollowingProcess(
                process.pid(),
                process.onExit().thenApply(Process::exitValue),
                pid -> process.destroy(),
                pid -> process.destroyForcibly());
    }

    /** Its number. */
    public long pid() {
        return pid;
    }

    /** Its exit status; empty: it has not ended. */
    public OptionalInt exitStatus() {
        return end.isDone() ? OptionalInt.of(end.join()) : OptionalInt.empty();
    }

    /** Waits for its end, for some seconds at most. */
    public void awaitEnd() throws InterruptedException {
        try {
            var _ = end.get(END_MOST.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException runs) {
            return; // whoever asks for its exit status sees that
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Has it stop, and ends it where it does not within some seconds. */
    public void end() throws InterruptedException {
        terminate.accept(pid);
        awaitEnd();
        if (!end.isDone()) {
            kill.accept(pid);
        }
    }
}
