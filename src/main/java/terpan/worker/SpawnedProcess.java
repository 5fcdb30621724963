package terpan.worker;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Consumer;

/** A worker's process that is our own child: its exit status and its output are its own to tell. */
final class SpawnedProcess extends StartedProcess {
    /** What systemd, or the Terpan before, told Terpan: a worker that heard of it would answer in its place. */
    private static final List<String> OF_OUR_SERVICE =
            List.of(RunDirectory.UPGRADE_VARIABLE, "_JAVA_SR_SIGNUM", "NOTIFY_SOCKET", "WATCHDOG_USEC");

    private final Process process;

    private SpawnedProcess(Process process, WorkerOutput output, String pipe) {
        super(output, pipe);
        this.process = process;
    }

    /**
     * Starts a process with its output joined and nothing on its input.
     *
     * @param mark the word by which its launcher marks what is written for a request; empty: it marks nothing
     * @param environment is given our own variables, and makes them those of the process
     * @param lines is given each line it writes
     * @param observer hears of its end, on a thread of the JDK's, and of its output's
     * @throws IOException when the command can not be executed
     */
    static SpawnedProcess spawn(
            String name,
            String mark,
            List<String> command,
            Consumer<Map<String, String>> environment,
            LineObserver lines,
            Observer observer)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        restoreLocale(builder.environment());
        OF_OUR_SERVICE.forEach(builder.environment()::remove);
        FollowingProcess.OURS_ALONE.forEach(builder.environment()::remove);
        environment.accept(builder.environment());
        Process process = builder.start();
        try {
            String pipe = WorkerOutput.pipeOf(process.pid());
            WorkerOutput output = WorkerOutput.read(name, mark, process.getInputStream(), lines, observer::outputEnded);
            var _ = process.onExit().thenAccept(ended -> observer.exited(ended.exitValue()));
            return new SpawnedProcess(process, output, pipe);
        } catch (RuntimeException | Error unowned) {
            // Such as no thread for its output: nobody would read what it says, or hear of its end.
            process.destroyForcibly();
            throw unowned;
        }
    }

    /** The locale that Terpan was started in, where {@code ./terpan} had to take another for Java's sake. */
    static void restoreLocale(Map<String, String> environment) {
        String before = environment.remove("LC_ALL_BEFORE_TERPAN");
        if (before != null && before.isEmpty()) {
            environment.remove("LC_ALL");
        } else if (before != null) {
            environment.put("LC_ALL", before);
        }
    }

    @Override
    public long pid() {
        return process.pid();
    }

    @Override
    public boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public OptionalInt exitStatus() {
        return process.isAlive() ? OptionalInt.empty() : OptionalInt.of(process.exitValue());
    }

    /** Not by {@link Process#destroy}, which closes our end of its output too. */
    @Override
    public void terminate() {
        process.toHandle().destroy();
    }

    @Override
    public void kill() {
        ProcessHandle handle = process.toHandle();
        List<ProcessHandle> descendants = handle.descendants().toList();
        handle.destroyForcibly();
        descendants.forEach(ProcessHandle::destroyForcibly);
    }
}
