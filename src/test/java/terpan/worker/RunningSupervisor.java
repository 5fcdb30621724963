package terpan.worker;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import terpan.config.AppTarget;
import terpan.config.Settings;

/** A supervisor on real processes, with what it told its observer. */
final class RunningSupervisor {
    /** What the observer was told. */
    static final class Recorder implements WorkerObserver {
        final List<WorkerInfo> ready = new CopyOnWriteArrayList<>();
        final List<WorkerInfo> draining = new CopyOnWriteArrayList<>();
        final List<WorkerInfo> deaf = new CopyOnWriteArrayList<>();
        final List<ExitInfo> exits = new CopyOnWriteArrayList<>();
        final List<ExitInfo.Cause> startedAgainAfter = new CopyOnWriteArrayList<>();
        final List<Boolean> expected = new CopyOnWriteArrayList<>();
        final List<StartFailure> failures = new CopyOnWriteArrayList<>();
        final List<String> lines = new CopyOnWriteArrayList<>();
        final List<Runnable> idles = new CopyOnWriteArrayList<>();
        volatile boolean idleAtOnce = true;

        @Override
        public void onReady(WorkerInfo worker) {
            ready.add(worker);
        }

        @Override
        public void onDraining(WorkerInfo worker, Runnable idle) {
            draining.add(worker);
            idles.add(idle);
            if (idleAtOnce) {
                idle.run();
            }
        }

        @Override
        public void onDeaf(WorkerInfo worker, Runnable settled) {
            deaf.add(worker);
            settled.run();
        }

        @Override
        public void onExited(WorkerInfo worker, ExitInfo why) {
            exits.add(why);
        }

        @Override
        public void onStartedAgain(String group, String worker, ExitInfo.Cause after) {
            startedAgainAfter.add(after);
        }

        @Override
        public void onExpected(boolean someWorkerMayCome) {
            expected.add(someWorkerMayCome);
        }

        @Override
        public void onStartFailed(StartFailure failure) {
            failures.add(failure);
        }
    }

    /** What a test may change about its workers. */
    static final class Options {
        String server = "waitress";
        Optional<String> group = Optional.empty();
        Map<String, String> serverOptions = Map.of();
        int count = 1;
        int threads;
        String module = "app";
        Optional<String> callable = Optional.empty();
        boolean factory;
        String python = TestPython.interpreter().toString();
        String prefix = "";
        Map<String, String> environment = Map.of();
        Optional<String> readinessPath = Optional.empty();
        Optional<String> user = Optional.empty();
        Duration startTimeout = Duration.ofSeconds(20);
        Duration stopTimeout = Duration.ofSeconds(10);
        Duration backoffFirst = Duration.ofMillis(50);
        Duration backoffMost = Duration.ofMillis(400);
        Settings.SocketMode socket = Settings.SocketMode.PRIVATE;
        int weight = 1;
        boolean preload;
    }

    final Recorder recorder = new Recorder();
    final RunDirectory directory;
    final Supervisor supervisor;

    private RunningSupervisor(Path run, Path applications, Options options) throws StartException {
        directory = RunDirectory.open(run);
        Generation generation = generation(applications, options);
        supervisor = new Supervisor(
                generation,
                directory,
                PythonFiles.extract(Optional.of(generation.application()), System.getenv(), run),
                recorder,
                line -> recorder.lines.add(line.worker() + ": " + line.text()),
                System::nanoTime,
                InstantSource.system());
        supervisor.start();
    }

    static RunningSupervisor start(Path run, Path applications, Options options) throws StartException {
        return new RunningSupervisor(run, applications, options);
    }

    static WorkerPlan plan(Path applications, Options options) {
        return generation(applications, options).plans().getFirst();
    }

    private static Generation generation(Path applications, Options options) {
        Settings.Application application = new Settings.Application(
                options.module,
                new AppTarget(
                        applications,
                        applications,
                        options.module,
                        Optional.empty(),
                        options.callable,
                        options.factory),
                applications,
                Optional.of(Path.of(options.python)),
                options.environment,
                options.prefix,
                Settings.Interface.AUTO,
                options.user,
                Optional.empty(),
                false,
                List.of(),
                Optional.empty(),
                Duration.ZERO,
                false,
                List.of());
        Settings.Workers workers = new Settings.Workers(
                options.count,
                options.threads,
                options.startTimeout,
                Duration.ofSeconds(10),
                options.stopTimeout,
                Duration.ZERO,
                options.backoffFirst,
                options.backoffMost,
                options.readinessPath,
                options.preload,
                Settings.Recycling.NEVER,
                Optional.empty());
        Settings.WorkerGroup group = new Settings.WorkerGroup(
                options.group.orElse(options.server),
                new Settings.Server(options.server, options.serverOptions),
                workers,
                options.weight,
                options.socket);
        return Generation.of(Generation.FIRST, application, List.of(group), false);
    }

    void close() throws Exception {
        supervisor.stopNow().get(20, TimeUnit.SECONDS);
        directory.close();
    }
}
