package terpan.worker;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import terpan.config.AppTarget;
import terpan.config.Settings;

/** One process from its command line to its exit status. Thread-safe. */
final class WorkerProcess {
    private final Process process;
    private final WorkerOutput output;
    private final String pipe;

    private WorkerProcess(Process process, WorkerOutput output, String pipe) {
        this.process = process;
        this.output = output;
        this.pipe = pipe;
    }

    /**
     * Starts a process with its output joined and nothing on its input.
     *
     * @param environment is given our own variables, and makes them those of the process
     * @param lines is given each line it writes
     * @param exited is given its exit status, on a thread of the JDK's
     * @param outputEnded runs once nobody can write to its output any more
     * @throws IOException when the command can not be executed
     */
    static WorkerProcess spawn(
            String name,
            List<String> command,
            Consumer<Map<String, String>> environment,
            LineObserver lines,
            IntConsumer exited,
            Runnable outputEnded)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        restoreLocale(builder.environment());
        environment.accept(builder.environment());
        Process process = builder.start();
        try {
            String pipe = WorkerOutput.pipeOf(process.pid());
            WorkerOutput output = WorkerOutput.read(name, process.getInputStream(), lines, outputEnded);
            var _ = process.onExit().thenAccept(ended -> exited.accept(ended.exitValue()));
            return new WorkerProcess(process, output, pipe);
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

    /** The orders that a launcher finds in its environment, but for its socket. */
    static Map<String, String> orders(WorkerPlan plan, String name, String token, Path control) {
        Settings.Application application = plan.application();
        Map<String, String> orders = new LinkedHashMap<>();
        orders.put("name", name);
        orders.put("token", token);
        orders.put("control", control.toString());
        orders.put("server", plan.profile().name());
        orders.put("threads", Integer.toString(plan.profile().threads()));
        orders.put("application", application.name());
        orders.put("chdir", application.chdir().toString());
        AppTarget target = application.target();
        orders.put("directory", target.directory().toString());
        orders.put("module", target.module());
        orders.put("file", target.file().map(Path::toString).orElse(""));
        orders.put("callable", target.callable().orElse(""));
        orders.put("factory", Boolean.toString(target.factory()));
        orders.put("prefix", application.prefix());
        orders.put("interface", application.callable().name().toLowerCase(Locale.ROOT));
        orders.put("multiprocess", Boolean.toString(plan.multiprocess()));
        orders.put("files", Boolean.toString(!plan.otherUser()));
        plan.group()
                .server()
                .options()
                .forEach((option, value) -> orders.put("option." + option.replace('-', '_'), value));
        return orders;
    }

    long pid() {
        return process.pid();
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Of one that is not alive. */
    int exitStatus() {
        return process.exitValue();
    }

    /** The last lines that it wrote. */
    List<String> lastLines() {
        return output.lastLines();
    }

    /** It has ended: what others that it started may write is read no more. */
    void abandonOutput() {
        output.abandon(pipe);
    }

    /** SIGTERM to the process alone. Not {@link Process#destroy}, which closes our end of its output too. */
    void terminate() {
        process.toHandle().destroy();
    }

    /** SIGKILL to the process and the descendants that are still tied to it. */
    void kill() {
        ProcessHandle handle = process.toHandle();
        List<ProcessHandle> descendants = handle.descendants().toList();
        handle.destroyForcibly();
        descendants.forEach(ProcessHandle::destroyForcibly);
    }
}
