package terpan.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import terpan.config.Settings;
import terpan.worker.ExitInfo;
import terpan.worker.PythonFiles;
import terpan.worker.RunDirectory;
import terpan.worker.StartException;
import terpan.worker.StartFailure;
import terpan.worker.Supervisor;
import terpan.worker.WorkerInfo;
import terpan.worker.WorkerObserver;
import terpan.worker.WorkerPlan;

/** Starts one real worker in a folder of its own, to see whether the application imports and the server starts; no clients. */
final class ApplicationCheck implements WorkerObserver {
    private static final Duration END_MOST = Duration.ofSeconds(10);

    private final CompletableFuture<Void> ready = new CompletableFuture<>();

    /** Returns when a worker was ready and has ended again. */
    static void run(Settings settings, Settings.Application application)
            throws StartException, IOException, InterruptedException {
        Path folder = Files.createTempDirectory("terpan-check-");
        try (RunDirectory directory = RunDirectory.open(folder)) {
            WorkerPlan plan = WorkerPlan.from(application, settings.server(), one(settings.workers()));
            ApplicationCheck check = new ApplicationCheck();
            Supervisor supervisor = new Supervisor(
                    plan,
                    directory,
                    PythonFiles.extract(System.getenv(), folder),
                    check,
                    Supervisor.logLines(),
                    System::nanoTime,
                    InstantSource.system());
            supervisor.start();
            try {
                check.await(settings.workers().startTimeout().plus(END_MOST));
            } finally {
                end(supervisor);
            }
        } finally {
            Files.deleteIfExists(folder.resolve("lock"));
            Files.deleteIfExists(folder);
        }
    }

    private static Settings.Workers one(Settings.Workers workers) {
        return new Settings.Workers(
                1,
                workers.threads(),
                workers.startTimeout(),
                workers.drainTimeout(),
                workers.stopTimeout(),
                workers.backoffFirst(),
                workers.backoffMost(),
                workers.readinessPath());
    }

    private void await(Duration most) throws StartException, InterruptedException {
        try {
            ready.get(most.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof StartException start) {
                throw start;
            }
            throw new IllegalStateException(failed.getCause());
        } catch (TimeoutException hangs) {
            throw new IllegalStateException("the supervisor told nothing in " + most, hangs);
        }
    }

    private static void end(Supervisor supervisor) throws InterruptedException {
        try {
            supervisor.stopNow().get(END_MOST.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException hangs) {
            throw new IllegalStateException("the worker that was started for the check does not end", hangs);
        }
    }

    @Override
    public void onReady(WorkerInfo worker) {
        ready.complete(null);
    }

    @Override
    public void onDraining(WorkerInfo worker, Runnable idle) {
        idle.run();
    }

    @Override
    public void onExited(WorkerInfo worker, ExitInfo why) {
        ready.completeExceptionally(new IllegalStateException("the worker ended: " + why.text()));
    }

    @Override
    public void onHope(boolean someWorkerMayCome) {}

    @Override
    public void onStartFailed(StartFailure failure) {
        ready.completeExceptionally(new StartException(failure));
    }
}
