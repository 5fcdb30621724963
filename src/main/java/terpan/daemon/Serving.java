package terpan.daemon;

import java.io.Closeable;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.admin.AdminServer;
import terpan.attached.AttachedWatch;
import terpan.config.HandedOver;
import terpan.config.Located;
import terpan.config.Settings;
import terpan.edge.limits.BufferMemory;
import terpan.log.AccessLog;
import terpan.log.Logs;
import terpan.picture.Picture;
import terpan.pool.AttachedWorkers;
import terpan.pool.StartedWorkers;
import terpan.pool.WorkerProcesses;
import terpan.sampler.Pictures;
import terpan.server.ServerProfile;
import terpan.worker.Generation;
import terpan.worker.LoggedLines;
import terpan.worker.PythonFiles;
import terpan.worker.RunDirectory;
import terpan.worker.StartException;
import terpan.worker.Supervisor;

/**
 * One run from start to stop: binds first, starts workers and front side by side, accepts once a worker is ready; stops in
 * reverse, the clients first. Everything here runs on the main thread; signals and operators only set its orders.
 */
final class Serving implements Signals.Meaning {
    /** Between two looks at how workers prove themselves. */
    private static final long PROOF_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final Duration STOP_SPARE = Duration.ofSeconds(10);
    private static final Duration LAST_MOMENT = Duration.ofSeconds(1);
    /** What was logged before it stands before it, but nobody waits long for that. */
    private static final Duration BEFORE_BANNER = Duration.ofMillis(100);

    private final ServeOptions options;
    /** As they were at the start. */
    private final Settings settings;

    private final Tracebacks tracebacks = new Tracebacks(new LoggedLines());
    private final RecentLines recent = new RecentLines(tracebacks);
    private final InstantSource clock = InstantSource.system();
    private final Instant started = clock.instant();
    private final CompletableFuture<Void> stopAsked = new CompletableFuture<>();
    private volatile ServingState state = ServingState.STARTING;
    private volatile ExitCode exit = ExitCode.OK;
    private volatile @Nullable Supervisor supervisor;
    private volatile @Nullable Reloads reloads;
    private volatile @Nullable AccessLog accessLog;
    private volatile @Nullable Logs logs;

    /**
     * A run that has not begun.
     *
     * @param settings those that were read, with the interpreter that was installed
     */
    Serving(ServeOptions options, Settings settings) {
        this.options = options;
        this.settings = settings;
    }

    /** Serves until it is told to stop; returns the exit code. */
    int run(PrintStream out) throws StartFailure {
        nameProcess();
        Descriptors.require(settings);
        try (Logs logging = Logs.start(settings.log(), List.of(LoggedLines.LOGGER))) {
            logs = logging;
            EssentialThreads.watch(logging);
            try {
                return withDirectory(out);
            } finally {
                tracebacks.flush();
            }
        } catch (OutOfMemoryError refused) {
            throw ThreadsRefused.of(refused);
        } catch (IOException unwritable) {
            throw new StartFailure(ExitCode.CONFIGURATION, "the log can not be written: " + unwritable.getMessage());
        }
    }

    /** For {@code ps} and {@code top}, which would show {@code java}. */
    private static void nameProcess() {
        try {
            Files.write(Path.of("/proc/self/comm"), "terpan".getBytes(StandardCharsets.US_ASCII));
        } catch (IOException notLinux) {
            // Then it is called like its program.
        }
    }

    private int withDirectory(PrintStream out) throws StartFailure, IOException {
        if (!settings.attach().isEmpty()) {
            AttachedWatch.lookUpAnew();
        }
        try (RunDirectory directory = RunDirectory.open(RunDirectory.pathFor(settings, System.getenv()));
                Listeners listeners = Listeners.open(settings.bind(), handedOver())) {
            Optional<AccessLog> access =
                    settings.log().access() ? Optional.of(AccessLog.start(settings.log())) : Optional.empty();
            accessLog = access.orElse(null);
            try {
                int code = serve(directory, listeners, access, out);
                directory.recordExit(code);
                return code;
            } finally {
                access.ifPresent(AccessLog::close);
            }
        } catch (StartException refused) {
            throw StartFailures.of(refused);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return ExitCode.INTERNAL.code();
        }
    }

    private static HandedListeners handedOver() throws StartFailure {
        return switch (HandedOver.names(System.getenv(), ProcessHandle.current().pid())) {
            case Located.Found<List<String>> found -> HandedListeners.open(found.value());
            case Located.Missing<List<String>> wrong -> throw new StartFailure(ExitCode.CONFIGURATION, wrong.message());
        };
    }

    private int serve(RunDirectory directory, Listeners listeners, Optional<AccessLog> access, PrintStream out)
            throws StartException, StartFailure, IOException, InterruptedException {
        Front front = front(access, stickyKey(directory));
        StartedWorkers workers =
                new StartedWorkers(front.pool, front.disk, settings.dispatch().windowMost());
        Optional<Generation> generation = settings.application()
                .map(application -> Generation.of(Generation.FIRST, application, settings.groups()));
        Optional<Supervisor> supervised = generation.isPresent()
                ? Optional.of(startWorkers(generation.get(), directory, workers))
                : Optional.empty();
        Orders orders = new Orders();
        Reloads leads = new Reloads(
                options.again(),
                options.read(),
                generation,
                front,
                listeners,
                supervised,
                orders,
                this::changeLog,
                clock);
        reloads = leads;
        Signals.listen(this);
        front.start();
        Front.repeat(front.loops.getFirst(), PROOF_NANOS, () -> workers.proof().look(System.nanoTime()));
        Service service = Service.of(System.getenv(), ProcessHandle.current().pid());
        service.starting(longest(Settings.Workers::startTimeout));
        AttachedWatch attached =
                AttachedWorkers.start(settings.attach(), front.pool, clock).watch();
        RunningOperations operations = new RunningOperations(
                front,
                supervised,
                attached,
                started,
                clock,
                () -> state,
                this::askStop,
                leads,
                orders,
                life(front, leads, listeners));
        AdminServer admin = AdminServer.start(directory.operatorsSocket(), operations, AdminServer.DEADLINE);
        try (admin;
                attached;
                service) {
            Recycler recycler = new Recycler(
                    () -> leads.settings().groups(),
                    operations::status,
                    worker -> supervised.flatMap(running -> running.restart(List.of(worker))),
                    () -> ThreadLocalRandom.current().nextDouble());
            Front.repeat(front.loops.getFirst(), Recycler.EVERY.toNanos(), recycler::lookSoon);
            awaitWorker(supervised.isPresent() ? workers.firstReady() : attached.tried());
            front.accept(listeners.all());
            if (began()) {
                awaitLog(BEFORE_BANNER);
                Banner.print(out, settings, listeners.shown(), directory);
                service.serving(operations::hangs, () -> Service.text(operations.status()));
            }
            Closeable watch = watchFiles(leads);
            stopAsked.get();
            service.stopping(longest(Settings.Workers::drainTimeout).plus(longest(Settings.Workers::stopTimeout)));
            watch.close();
            return stop(front, supervised);
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        } catch (StartException failed) {
            supervised.ifPresent(running -> await(running.stopNow(), Duration.ZERO));
            front.close();
            throw failed;
        }
    }

    /** Kept in the run directory, so that clients of attached workers find theirs again after a restart. */
    private Optional<SecretKey> stickyKey(RunDirectory directory) throws StartFailure {
        Settings.Dispatch dispatch = settings.dispatch();
        if (dispatch.choice() != Settings.Choice.STICKY || dispatch.sticky() != Settings.Sticky.COOKIE) {
            return Optional.empty();
        }
        try {
            return Optional.of(new SecretKeySpec(directory.stickySecret(), "HmacSHA256"));
        } catch (IOException unusable) {
            throw new StartFailure(
                    ExitCode.RUN_DIRECTORY,
                    "the key that cookies are signed with can not be kept in " + directory.path() + ": "
                            + unusable.getMessage());
        }
    }

    private Front front(Optional<AccessLog> access, Optional<SecretKey> stickyKey) throws StartFailure {
        try {
            return new Front(settings, access, clock, recent, tracebacks, stickyKey);
        } catch (IOException unusable) {
            throw new StartFailure(ExitCode.CONFIGURATION, String.valueOf(unusable.getMessage()));
        }
    }

    private Supervisor startWorkers(Generation generation, RunDirectory directory, StartedWorkers workers)
            throws StartException {
        Supervisor starting = new Supervisor(
                generation,
                directory,
                PythonFiles.extract(settings.application(), System.getenv(), directory.path()),
                workers,
                generation.application().development() ? recent : tracebacks,
                System::nanoTime,
                clock);
        workers.processes(new WorkerProcesses() {
            @Override
            public boolean isAlive(long pid) {
                return starting.isAlive(pid);
            }

            @Override
            public void hangs(long pid, String why) {
                starting.hangs(pid, why);
            }

            @Override
            public void tellStacks(long pid) {
                boolean taken = starting.signal(pid, ServerProfile.STACK_SIGNAL);
                LoggerFactory.getLogger(Serving.class)
                        .atDebug()
                        .addKeyValue("pid", pid)
                        .addKeyValue("taken", taken)
                        .log("stacks asked for");
            }
        });
        starting.start();
        supervisor = starting;
        return starting;
    }

    private synchronized boolean began() {
        if (state == ServingState.STARTING) {
            state = ServingState.SERVING;
        }
        return state == ServingState.SERVING;
    }

    /** Waits for the first workers, or for an order to stop. */
    private void awaitWorker(CompletableFuture<Void> firstReady) throws StartException, InterruptedException {
        try {
            CompletableFuture.anyOf(firstReady, stopAsked).get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof StartException start) {
                throw start;
            }
            throw new IllegalStateException(failed.getCause());
        }
    }

    private int stop(Front front, Optional<Supervisor> supervised) throws InterruptedException {
        Logger log = LoggerFactory.getLogger(Serving.class);
        log.atInfo().log("stopping");
        Duration drain = longest(Settings.Workers::drainTimeout);
        long began = System.nanoTime();
        int cut = front.drain(drain);
        if (cut != 0) {
            exit = ExitCode.CUT;
            log.atWarn()
                    .addKeyValue("drain-timeout", drain)
                    .addKeyValue("requests", cut < 0 ? "unknown" : cut)
                    .log("requests were cut: they had not been answered in time");
        }
        front.dispatcher.close();
        // What workers still have in hand then, nobody waits for.
        Duration inWorkers = cut == 0 ? LAST_MOMENT : Duration.ZERO;
        Duration left = drain.minusNanos(System.nanoTime() - began);
        Duration tasks = cut == 0 && !left.isNegative() ? left : Duration.ZERO;
        supervised.ifPresent(running -> await(running.stop(inWorkers, tasks), tasks));
        front.close();
        log.atInfo().log("stopped");
        return exit.code();
    }

    private void await(CompletableFuture<Void> ended, Duration tasks) {
        Duration most = longest(Settings.Workers::stopTimeout).plus(tasks).plus(STOP_SPARE);
        try {
            ended.get(most.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | java.util.concurrent.TimeoutException hangs) {
            LoggerFactory.getLogger(Serving.class)
                    .atError()
                    .setCause(hangs)
                    .log("the supervisor did not end in time; the guard ends the workers");
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** The longest of the groups' times. */
    private Duration longest(Function<Settings.Workers, Duration> time) {
        Duration longest = Duration.ZERO;
        Reloads leads = reloads;
        Settings present = leads == null ? settings : leads.settings();
        for (Settings.WorkerGroup group : present.groups()) {
            Duration its = time.apply(group.workers());
            longest = its.compareTo(longest) > 0 ? its : longest;
        }
        return longest;
    }

    private synchronized void askStop() {
        state = ServingState.STOPPING;
        stopAsked.complete(null);
    }

    @Override
    public void stop(String signal) {
        LoggerFactory.getLogger(Serving.class)
                .atInfo()
                .addKeyValue("signal", signal)
                .log("signal received");
        askStop();
    }

    @Override
    public void stopNow(ExitCode code) {
        exit = code;
        Supervisor running = supervisor;
        if (running != null) {
            await(running.stopNow(), Duration.ZERO);
        }
        tracebacks.flush();
        awaitLog(LAST_MOMENT);
        Runtime.getRuntime().halt(code.code());
    }

    /** Waits until what was logged so far is written, for so long at most. */
    private void awaitLog(Duration most) {
        Logs main = logs;
        if (main != null) {
            main.flush(most);
        }
    }

    @Override
    public void reload() {
        Logger log = LoggerFactory.getLogger(Serving.class);
        Reloads leads = reloads;
        if (state != ServingState.SERVING || leads == null) {
            log.atWarn().addKeyValue("signal", "HUP").log("signal not followed: only what serves can be reloaded");
            return;
        }
        log.atInfo().addKeyValue("signal", "HUP").log("signal received: settings and code are read anew");
        Thread.ofVirtual().name("terpan-reload").start(() -> leads.reload(false));
    }

    /** In development: what is saved is served. */
    private Closeable watchFiles(Reloads leads) throws IOException {
        if (settings.application().filter(Settings.Application::reload).isEmpty()) {
            return () -> {};
        }
        return SourceWatch.start(() -> watched(leads.settings().application().orElseThrow()), () -> leads.reload(false))
                ::close;
    }

    private SourceWatch.Watched watched(Settings.Application application) {
        Set<Path> folders = new LinkedHashSet<>();
        folders.add(application.target().directory());
        folders.add(application.chdir());
        return new SourceWatch.Watched(
                List.copyOf(folders), options.read().file().stream().toList(), application.watch());
    }

    private void changeLog(Settings settings) {
        Logs main = logs;
        if (main != null) {
            main.level(settings.log().level());
        }
    }

    @Override
    public void ignored(String signal) {
        LoggerFactory.getLogger(Serving.class)
                .atInfo()
                .addKeyValue("signal", signal)
                .log("signal received: it means nothing here");
    }

    @Override
    public void reopenLogs() {
        Logs main = logs;
        AccessLog access = accessLog;
        if (main != null) {
            main.reopen();
        }
        if (access != null) {
            access.reopen();
        }
    }

    private Pictures.Life life(Front front, Reloads leads, Listeners listeners) {
        return new Pictures.Life() {
            @Override
            public List<String> binds() {
                return listeners.addresses();
            }

            @Override
            public Optional<String> application() {
                return leads.settings().application().map(served -> Picture.served(served.name(), served.chdir()));
            }

            @Override
            public int generation() {
                return leads.generation();
            }

            @Override
            public Optional<Picture.Reload> reload() {
                return leads.last();
            }

            @Override
            public String state() {
                if (state != ServingState.SERVING) {
                    return state.label();
                }
                return front.isUnderMaintenance()
                        ? "maintenance"
                        : front.dispatcher.paused() ? "paused" : state.label();
            }

            @Override
            public int connectionsMost() {
                return front.bounds.connectionsMost();
            }

            @Override
            public Picture.Buffers buffers() {
                BufferMemory memory = front.bounds.memory();
                return new Picture.Buffers(memory.held(), memory.most());
            }

            @Override
            public List<Picture.Certificate> certificates() {
                return front.certificates();
            }

            @Override
            public Picture.Dropped dropped() {
                Logs main = logs;
                AccessLog access = accessLog;
                return new Picture.Dropped(main == null ? 0 : main.dropped(), access == null ? 0 : access.dropped());
            }
        };
    }
}
