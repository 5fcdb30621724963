package terpan.daemon;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import terpan.config.Settings;
import terpan.examine.Scratch;
import terpan.worker.ExitInfo;
import terpan.worker.Generation;
import terpan.worker.LoggedLines;
import terpan.worker.PythonFiles;
import terpan.worker.RunDirectory;
import terpan.worker.StartException;
import terpan.worker.StartFailure;
import terpan.worker.Supervisor;
import terpan.worker.WorkerInfo;
import terpan.worker.WorkerObserver;

/** Starts one real worker of each group in a folder of its own: does the application import, does the server start? No clients. */
final class ApplicationCheck implements WorkerObserver {
    private static final Duration END_MOST = Duration.ofSeconds(10);

    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private final AtomicInteger missing;

    private ApplicationCheck(int groups) {
        missing = new AtomicInteger(groups);
    }

    /** Returns when the workers were ready and have ended again. */
    static void run(Settings settings, Settings.Application application)
            throws StartException, IOException, InterruptedException {
        try (Scratch scratch = Scratch.open();
                RunDirectory directory = RunDirectory.open(scratch.path().resolve("run"))) {
            List<Settings.WorkerGroup> groups =
                    settings.groups().stream().map(ApplicationCheck::one).toList();
            ApplicationCheck check = new ApplicationCheck(groups.size());
            Supervisor supervisor = new Supervisor(
                    Generation.of(Generation.FIRST, application, groups, false),
                    directory,
                    PythonFiles.extract(Optional.of(application), System.getenv(), scratch.path()),
                    check,
                    new LoggedLines(),
                    System::nanoTime,
                    InstantSource.system());
            supervisor.start();
            try {
                check.await(longestStart(groups).plus(END_MOST));
            } finally {
                end(supervisor);
            }
        }
    }

    private static Duration longestStart(List<Settings.WorkerGroup> groups) {
        return groups.stream()
                .map(group -> group.workers().startTimeout())
                .reduce(Duration.ZERO, (one, other) -> one.compareTo(other) < 0 ? other : one);
    }

    private static Settings.WorkerGroup one(Settings.WorkerGroup group) {
        Settings.Workers workers = group.workers();
        Settings.Workers one = new Settings.Workers(
                1,
                workers.threads(),
                workers.startTimeout(),
                workers.drainTimeout(),
                workers.stopTimeout(),
                workers.hangTimeout(),
                workers.backoffFirst(),
                workers.backoffMost(),
                workers.readinessPath(),
                workers.preload(),
                Settings.Recycling.NEVER,
                Optional.empty());
        return new Settings.WorkerGroup(group.name(), group.server(), one, group.weight(), Settings.SocketMode.PRIVATE);
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
        if (missing.decrementAndGet() == 0) {
            ready.complete(null);
        }
    }

    @Override
    public void onDraining(WorkerInfo worker, Runnable idle) {
        idle.run();
    }

    @Override
    public void onDeaf(WorkerInfo worker, Runnable settled) {
        settled.run();
    }

    @Override
    public void onExited(WorkerInfo worker, ExitInfo why) {
        ready.completeExceptionally(new IllegalStateException("the worker ended: " + why.text()));
    }

    @Override
    public void onExpected(boolean someWorkerMayCome) {}

    @Override
    public void onStartFailed(StartFailure failure) {
        ready.completeExceptionally(new StartException(failure));
    }
}
