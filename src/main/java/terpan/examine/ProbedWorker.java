package terpan.examine;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import terpan.config.AppTarget;
import terpan.config.Settings;
import terpan.worker.ExitInfo;
import terpan.worker.Generation;
import terpan.worker.PythonFiles;
import terpan.worker.RunDirectory;
import terpan.worker.StartException;
import terpan.worker.StartFailure;
import terpan.worker.Supervisor;
import terpan.worker.WorkerInfo;
import terpan.worker.WorkerObserver;

/** One real worker that runs the probe's application, under the real supervisor: ended as often as asked, and there again. */
final class ProbedWorker implements WorkerObserver, AutoCloseable {
    private static final Duration READY_MOST = Duration.ofSeconds(20);
    private static final Duration STOP_MOST = Duration.ofSeconds(4);
    private static final Duration BACKOFF = Duration.ofMillis(20);
    private static final String GROUP = "worker";
    private static final String NAME = GROUP + "-1";

    private sealed interface Event {
        record Ready(WorkerInfo worker) implements Event {}

        record Exited(ExitInfo how) implements Event {}

        record Failed(StartFailure failure) implements Event {}
    }

    private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final RunDirectory directory;
    private final Supervisor supervisor;

    private ProbedWorker(Settings.Server server, int threads, Path python, PythonFiles files, Path folder)
            throws StartException {
        this.directory = RunDirectory.open(folder.resolve("run"));
        Settings.Application application = new Settings.Application(
                "probe",
                new AppTarget(
                        folder,
                        folder,
                        "terpan_probe",
                        Optional.of(files.probeFile()),
                        Optional.of("application"),
                        false),
                folder,
                Optional.of(python),
                Map.of(),
                "",
                Settings.Interface.AUTO,
                Optional.empty(),
                Optional.empty(),
                false,
                List.of(),
                Optional.empty(),
                Duration.ZERO,
                false,
                List.of());
        Settings.WorkerGroup one = new Settings.WorkerGroup(
                GROUP,
                server,
                new Settings.Workers(
                        1,
                        threads,
                        READY_MOST,
                        STOP_MOST,
                        STOP_MOST,
                        Duration.ZERO,
                        BACKOFF,
                        BACKOFF,
                        Optional.empty(),
                        false,
                        Settings.Recycling.NEVER,
                        Optional.empty()),
                1,
                Settings.SocketMode.PRIVATE);
        this.supervisor = new Supervisor(
                Generation.of(Generation.FIRST, application, List.of(one), false),
                directory,
                files,
                this,
                line -> {},
                System::nanoTime,
                InstantSource.system());
    }

    static ProbedWorker start(Settings.Server server, int threads, Path python, PythonFiles files, Path folder)
            throws StartException {
        ProbedWorker worker = new ProbedWorker(server, threads, python, files, folder);
        worker.supervisor.start();
        return worker;
    }

    /** The worker, as soon as it is ready. */
    WorkerInfo ready() throws StartException, InterruptedException {
        while (true) {
            switch (events.poll(READY_MOST.toMillis(), TimeUnit.MILLISECONDS)) {
                case Event.Ready(WorkerInfo worker) -> {
                    return worker;
                }
                case Event.Exited exited -> {}
                case Event.Failed(StartFailure failure) -> throw new StartException(failure);
                case null ->
                    throw new StartException(new StartFailure.NeverReady(
                            NAME, "was not ready within " + READY_MOST.toSeconds() + " s", List.of()));
            }
        }
    }

    /** The server and its version, as it told. */
    String server() {
        return supervisor.snapshots().getFirst().server();
    }

    /** How it ended, if it does in time. */
    Optional<ExitInfo> exit(Duration most) throws InterruptedException {
        Event event = events.poll(most.toMillis(), TimeUnit.MILLISECONDS);
        return event instanceof Event.Exited(ExitInfo how) ? Optional.of(how) : Optional.empty();
    }

    /** Sends the server's own polite signal, whatever is in flight. */
    void stopPolitely() {
        supervisor.restartInPlace(NAME);
    }

    void signal(WorkerInfo worker, int number) {
        if (!supervisor.signal(worker.pid(), number)) {
            throw new IllegalStateException("the supervisor of one worker is too busy for a signal");
        }
    }

    @Override
    public void onReady(WorkerInfo worker) {
        events.add(new Event.Ready(worker));
    }

    @Override
    public void onDraining(WorkerInfo worker, Runnable idle) {
        idle.run();
    }

    @Override
    public void onDeaf(WorkerInfo worker, Runnable idle) {
        idle.run();
    }

    @Override
    public void onExited(WorkerInfo worker, ExitInfo why) {
        events.add(new Event.Exited(why));
    }

    @Override
    public void onExpected(boolean someWorkerMayCome) {}

    @Override
    public void onStartFailed(StartFailure failure) {
        events.add(new Event.Failed(failure));
    }

    @Override
    public void close() throws StartException {
        try (directory) {
            supervisor.stopNow().get(STOP_MOST.toMillis() * 2, TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException hangs) {
            throw new IllegalStateException("the probed worker does not end", hangs);
        } catch (java.io.IOException left) {
            throw new StartException(new StartFailure.DirectoryUnusable(directory.path(), String.valueOf(left)));
        }
    }
}
