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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
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
import terpan.log.AccessLog;
import terpan.log.Logs;
import terpan.picture.Picture;
import terpan.sampler.AllPictures;
import terpan.sampler.Pictures;
import terpan.sampler.Sampler;
import terpan.worker.LoggedLines;
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
    private volatile @Nullable Applications applications;
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
        Descriptors.require(each());
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
        if (each().stream().anyMatch(one -> !one.attach().isEmpty())) {
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

    /** The settings of each application; of the only one with what was installed. */
    private List<Settings> each() {
        return several() ? options.read().each() : List.of(settings);
    }

    private boolean several() {
        return options.read().several();
    }

    private int serve(RunDirectory directory, Listeners listeners, Optional<AccessLog> access, PrintStream out)
            throws StartException, StartFailure, IOException, InterruptedException {
        Front front = front(access);
        Orders orders = new Orders();
        SiteWorkers.Surroundings around = new SiteWorkers.Surroundings(
                orders, application -> application.development() ? recent : tracebacks, clock);
        Life life = new Life(front, listeners, () -> state, this::all, this::dropped);
        Applications served = new Applications(
                front,
                listeners,
                directory,
                stickyKey(directory),
                around,
                apart -> options.again().apply(apart),
                options.read(),
                this::changeLog,
                parts -> new ServedApplication(parts, one -> pictures(one, life, front)));
        applications = served;
        served.start(settings);
        Signals.listen(this);
        front.start();
        Front.repeat(
                front.loops.getFirst(),
                PROOF_NANOS,
                () -> served.running().forEach(one -> one.workers().lookAtProof()));
        Service service = Service.of(System.getenv(), ProcessHandle.current().pid());
        service.starting(longest(Settings.Workers::startTimeout));
        RunningOperations operations =
                new RunningOperations(front, served, () -> state, this::askStop, orders, whole(served, life, front));
        AdminServer admin = AdminServer.start(directory.operatorsSocket(), operations, AdminServer.DEADLINE);
        try (admin;
                service) {
            Front.repeat(
                    front.loops.getFirst(),
                    Recycler.EVERY.toNanos(),
                    () -> served.all().forEach(one -> one.workers().recycle()));
            awaitWorker(served);
            front.accept(listeners.all());
            if (began()) {
                awaitLog(BEFORE_BANNER);
                Banner.print(out, settings, options.read(), listeners.shown(), directory);
                service.serving(operations::hangs, () -> Service.text(operations.status()));
            }
            Optional<Closeable> watch = watchFiles(served);
            stopAsked.get();
            service.stopping(longest(Settings.Workers::drainTimeout).plus(longest(Settings.Workers::stopTimeout)));
            if (watch.isPresent()) {
                watch.get().close();
            }
            return stop(front, served);
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        } catch (StartException failed) {
            endAll(served, Supervisor::stopNow, Duration.ZERO);
            front.close();
            throw failed;
        } finally {
            served.running().forEach(ServedApplication::close);
        }
    }

    /** What is seen of one application. */
    private Pictures pictures(ServedApplication one, Life life, Front front) {
        Site site = one.site();
        return new Pictures(
                constants(),
                life.of(one),
                site.dispatcher,
                site.groups,
                site.metrics,
                front.spool,
                () -> one.workers().snapshots(),
                () -> one.workers().attached.snapshots(),
                System::nanoTime,
                clock);
    }

    /** What is seen of all. */
    private Supplier<Picture> whole(Applications served, Life life, Front front) {
        if (!several()) {
            return () -> served.all().getFirst().picture();
        }
        return new Sampler(new AllPictures(
                constants(),
                life,
                front.metrics,
                front.spool,
                () -> served.all().stream().map(ServedApplication::pictured).toList(),
                clock));
    }

    private Pictures.Constants constants() {
        return new Pictures.Constants(Version.TEXT, ProcessHandle.current().pid(), started);
    }

    /** Kept in the run directory, so that clients of attached workers find theirs again after a restart. */
    private Optional<SecretKey> stickyKey(RunDirectory directory) throws StartFailure {
        if (each().stream().map(Settings::dispatch).noneMatch(Serving::usesCookies)) {
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

    private static boolean usesCookies(Settings.Dispatch dispatch) {
        return dispatch.choice() == Settings.Choice.STICKY && dispatch.sticky() == Settings.Sticky.COOKIE;
    }

    private Front front(Optional<AccessLog> access) throws StartFailure {
        try {
            return new Front(settings, several(), each(), access, clock, recent, tracebacks);
        } catch (IOException unusable) {
            throw new StartFailure(ExitCode.CONFIGURATION, String.valueOf(unusable.getMessage()));
        }
    }

    private synchronized boolean began() {
        if (state == ServingState.STARTING) {
            state = ServingState.SERVING;
        }
        return state == ServingState.SERVING;
    }

    /**
     * Waits for the first workers, or for an order to stop. Of several applications one that serves is enough, and the others' requests wait for their
     * workers; only where none can be started the start has failed.
     */
    private void awaitWorker(Applications served) throws StartException, InterruptedException {
        List<CompletableFuture<Void>> left = new ArrayList<>(
                served.all().stream().map(one -> one.workers().firstReady()).toList());
        StartException failure = null;
        while (!left.isEmpty() && !stopAsked.isDone()) {
            List<CompletableFuture<Void>> awaited = new ArrayList<>(left);
            awaited.add(stopAsked);
            try {
                CompletableFuture.anyOf(awaited.toArray(CompletableFuture[]::new))
                        .get();
                return;
            } catch (ExecutionException failed) {
                if (!(failed.getCause() instanceof StartException start)) {
                    throw new IllegalStateException(failed.getCause());
                }
                failure = start;
            }
            left.removeIf(CompletableFuture::isCompletedExceptionally);
        }
        if (failure != null && !stopAsked.isDone()) {
            throw failure;
        }
    }

    private int stop(Front front, Applications served) throws InterruptedException {
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
        front.closeDispatchers();
        // What workers still have in hand then, nobody waits for.
        Duration inWorkers = cut == 0 ? LAST_MOMENT : Duration.ZERO;
        Duration left = drain.minusNanos(System.nanoTime() - began);
        Duration tasks = cut == 0 && !left.isNegative() ? left : Duration.ZERO;
        endAll(served, running -> running.stop(inWorkers, tasks), tasks);
        front.close();
        log.atInfo().log("stopped");
        return exit.code();
    }

    /** Ends all supervisors side by side, and waits for them. */
    private static void endAll(Applications served, Function<Supervisor, CompletableFuture<Void>> how, Duration tasks) {
        Map<ServedApplication, CompletableFuture<Void>> ends = new LinkedHashMap<>();
        for (ServedApplication one : served.running()) {
            one.supervisor().ifPresent(running -> ends.put(one, how.apply(running)));
        }
        ends.forEach((one, end) -> one.await(end, tasks));
    }

    /** The longest of all groups' times. */
    private Duration longest(Function<Settings.Workers, Duration> time) {
        Applications served = applications;
        return served == null
                ? Duration.ZERO
                : served.running().stream()
                        .map(one -> one.longest(time))
                        .reduce(Duration.ZERO, (one, other) -> one.compareTo(other) > 0 ? one : other);
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
        Applications running = applications;
        if (running != null) {
            endAll(running, Supervisor::stopNow, Duration.ZERO);
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
        Applications served = applications;
        if (state != ServingState.SERVING || served == null) {
            log.atWarn().addKeyValue("signal", "HUP").log("signal not followed: only what serves can be reloaded");
            return;
        }
        log.atInfo().addKeyValue("signal", "HUP").log("signal received: settings and code are read anew");
        Thread.ofVirtual().name("terpan-reload").start(() -> served.reload(false));
    }

    /** What is saved is served: in development code, and files of applications where that is asked for. */
    private Optional<Closeable> watchFiles(Applications served) throws IOException {
        for (ServedApplication one : served.all()) {
            one.watchFiles(several() ? Optional.empty() : options.read().file());
        }
        return served.watch();
    }

    private List<ServedApplication> all() {
        Applications served = applications;
        return served == null ? List.of() : served.all();
    }

    private Picture.Dropped dropped() {
        Logs main = logs;
        AccessLog access = accessLog;
        return new Picture.Dropped(main == null ? 0 : main.dropped(), access == null ? 0 : access.dropped());
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
}
