package terpan.daemon;

import java.io.Closeable;
import java.io.IOException;
import java.io.PrintStream;
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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import terpan.admin.CommandResult;
import terpan.attached.AttachedWatch;
import terpan.config.Settings;
import terpan.handover.Orphans;
import terpan.log.AccessLog;
import terpan.loop.NioLoop;
import terpan.picture.Picture;
import terpan.sampler.Pictures;
import terpan.worker.LoggedLines;
import terpan.worker.RootSide;
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
    private volatile @Nullable RunningLogs logs;
    private volatile @Nullable Upgrade upgrade;
    private volatile @Nullable RunningOperations operations;

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
        ProcessName.set();
        Orphans.collectIfFirst();
        Optional<Predecessor> before = Predecessor.of(System.getenv());
        try {
            return run(before, out);
        } catch (StartFailure failed) {
            before.ifPresent(one -> one.failed(String.valueOf(failed.getMessage())));
            throw failed;
        } finally {
            before.ifPresent(Predecessor::close);
        }
    }

    private int run(Optional<Predecessor> before, PrintStream out) throws StartFailure {
        Descriptors.require(each());
        Optional<Privileges> privileges = Privileges.of(settings, each());
        privileges.ifPresent(Privileges::openLogs);
        try (RunningLogs logging = RunningLogs.start(settings.log())) {
            logs = logging;
            try {
                return withDirectory(before, privileges, logging, out);
            } finally {
                tracebacks.flush();
            }
        } catch (OutOfMemoryError refused) {
            throw ThreadsRefused.of(refused);
        } catch (IOException unwritable) {
            throw new StartFailure(ExitCode.CONFIGURATION, "the log can not be written: " + unwritable.getMessage());
        }
    }

    private int withDirectory(
            Optional<Predecessor> before, Optional<Privileges> privileges, RunningLogs logging, PrintStream out)
            throws StartFailure, IOException {
        if (each().stream().anyMatch(one -> !one.attach().isEmpty())) {
            AttachedWatch.lookUpAnew();
        }
        try (RunDirectory directory = directory(before);
                RootSide.Held root = new RootSide.Held(); // it removes files of listeners, too
                Listeners listeners = Listeners.open(
                        settings.bind(), before.isPresent() ? before.get().listeners() : HandedListeners.ofSystemd());
                OperatorsListener operators = OperatorsListener.open(
                                settings.admin().operators(), directory, clock, before.flatMap(Predecessor::operators))
                        .orElse(null)) {
            if (privileges.isPresent()) {
                root.hold(giveUpRoot(privileges.get(), directory, listeners));
            }
            int code = serve(before, directory, listeners, Optional.ofNullable(operators), logging, out);
            directory.recordExit(code);
            return code;
        } catch (StartException refused) {
            throw StartFailures.of(refused);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return ExitCode.INTERNAL.code();
        }
    }

    /** Nothing can be started without its helper: it ends, and whoever has started it may do so again. */
    private RootSide giveUpRoot(Privileges privileges, RunDirectory directory, Listeners listeners)
            throws StartFailure, StartException {
        return privileges.giveUp(directory, listeners, options.command(), options.read(), () -> {
            exit = ExitCode.THREAD;
            askStop();
        });
    }

    private RunDirectory directory(Optional<Predecessor> before) throws StartException, StartFailure {
        if (before.isEmpty()) {
            return RunDirectory.open(RunDirectory.pathFor(settings, System.getenv()));
        }
        Path its = before.get().directory();
        if (!RunDirectory.isUpgradeSocket(
                Path.of(System.getenv().getOrDefault(RunDirectory.UPGRADE_VARIABLE, "")),
                its,
                before.get().side())) {
            throw new StartFailure(
                    ExitCode.RUN_DIRECTORY,
                    "the Terpan whose place this one is to take names another run directory than the one that it was found in");
        }
        Optional<Path> other = settings.admin()
                .runDirectory()
                .map(path -> path.toAbsolutePath().normalize())
                .filter(path -> !path.equals(its));
        if (other.isPresent()) {
            throw new StartFailure(
                    ExitCode.RUN_DIRECTORY,
                    "run-directory is " + other.get() + ", and that of the Terpan whose place this one takes is " + its
                            + ": stop it and start it again");
        }
        return RunDirectory.beside(its, before.get().side());
    }

    /** The settings of each application; of the only one with what was installed. */
    private List<Settings> each() {
        return several() ? options.read().each() : List.of(settings);
    }

    private boolean several() {
        return options.read().several();
    }

    private int serve(
            Optional<Predecessor> before,
            RunDirectory directory,
            Listeners listeners,
            Optional<OperatorsListener> operators,
            RunningLogs logging,
            PrintStream out)
            throws StartException, StartFailure, IOException, InterruptedException {
        Front front = front(logging.access());
        Orders orders = new Orders();
        Life life = new Life(front, listeners, () -> state, this::all, logging::dropped);
        Applications served = served(front, listeners, directory, orders, life, logging);
        applications = served;
        served.start(settings);
        Signals.listen(this);
        front.start();
        lookAgainAndAgain(front.loops.getFirst(), served);
        Service service = Service.of(System.getenv(), ProcessHandle.current().pid());
        Handover handover = new Handover(directory, listeners, operators, front, service, served, this::askStop);
        Upgrade upgrades = new Upgrade(options.command(), directory, orders, () -> state, handover);
        upgrade = upgrades;
        Supplier<Picture> pictures = sights(life, front).ofAll(served, several(), logging);
        RunningOperations operations = operations(front, served, orders, upgrades, pictures, logging, service);
        this.operations = operations;
        try (handover;
                service;
                upgrades) {
            if (before.isEmpty()) {
                service.starting(longest(Settings.Workers::startTimeout));
                handover.acceptOperators(operations);
            }
            awaitWorker(served);
            if (before.isPresent()) {
                handover.awaitAll(before.get(), longest(Settings.Workers::startTimeout), stopAsked::isDone);
            }
            front.accept(listeners.all());
            if (before.isPresent() && !handover.take(before.get(), operations, orders)) {
                exit = ExitCode.UNFINISHED;
                askStop();
            }
            boolean serves = began();
            if (serves) {
                awaitLog(BEFORE_BANNER);
                Banner.print(
                        out,
                        settings,
                        options.read(),
                        listeners.shown(),
                        directory,
                        operators.map(one -> one.dashboard.place()));
                service.serving(operations::hangs, () -> Service.text(operations.status()));
            }
            Closeable watch = watchFiles(served);
            stopAsked.get();
            upgrades.close();
            watch.close();
            Duration rest = longest(Settings.Workers::drainTimeout).plus(longest(Settings.Workers::stopTimeout));
            StopDelay.await(front, service, serves ? front.stopDelay() : Duration.ZERO, rest);
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

    private static void lookAgainAndAgain(NioLoop loop, Applications served) {
        Repeated.on(
                loop,
                PROOF_NANOS,
                () -> served.running().forEach(one -> one.workers().lookAtProof()));
        Repeated.on(
                loop,
                Recycler.EVERY.toNanos(),
                () -> served.all().forEach(one -> one.workers().look()));
    }

    private Applications served(
            Front front, Listeners listeners, RunDirectory directory, Orders orders, Life life, RunningLogs logging) {
        SiteWorkers.Surroundings around = new SiteWorkers.Surroundings(
                orders, application -> application.development() ? recent : tracebacks, clock);
        return new Applications(
                front,
                listeners,
                directory,
                around,
                apart -> options.again().apply(apart),
                options.read(),
                logging,
                parts -> new ServedApplication(parts, one -> sights(life, front).of(one)));
    }

    private RunningOperations operations(
            Front front,
            Applications served,
            Orders orders,
            Upgrade upgrades,
            Supplier<Picture> pictures,
            RunningLogs logging,
            Service service) {
        return new RunningOperations(
                front, served, () -> state, this::askStop, orders, upgrades, pictures, logging.memory(), service);
    }

    private Sights sights(Life life, Front front) {
        return new Sights(
                new Pictures.Constants(Version.TEXT, ProcessHandle.current().pid(), started), life, front, clock);
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

    /** Waits for the first application that serves, or for an order to stop; only where none can be started the start has failed. */
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
        RunningLogs both = logs;
        if (both != null) {
            both.flush(most);
        }
    }

    @Override
    public void upgrade() {
        Logger log = LoggerFactory.getLogger(Serving.class);
        Upgrade upgrades = upgrade;
        CommandResult result =
                upgrades == null ? new CommandResult.Refused("Terpan starts") : upgrades.begin(Optional.empty());
        log.atLevel(result instanceof CommandResult.Accepted ? Level.INFO : Level.WARN)
                .addKeyValue("signal", "USR2")
                .log(result.message());
    }

    @Override
    public void reload() {
        Logger log = LoggerFactory.getLogger(Serving.class);
        RunningOperations running = operations;
        if (state != ServingState.SERVING || running == null) {
            log.atWarn().addKeyValue("signal", "HUP").log("signal not followed: only what serves can be reloaded");
            return;
        }
        log.atInfo().addKeyValue("signal", "HUP").log("signal received: settings and code are read anew");
        Thread.ofVirtual().name("terpan-reload").start(() -> running.reload("", false));
    }

    /** What is saved is served: in development code, and files of applications where that is asked for. */
    private Closeable watchFiles(Applications served) {
        for (ServedApplication one : served.all()) {
            one.watchFiles(several() ? Optional.empty() : options.read().file());
        }
        return served.watch();
    }

    private List<ServedApplication> all() {
        Applications served = applications;
        return served == null ? List.of() : served.all();
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
        RunningLogs both = logs;
        if (both != null) {
            both.reopen();
        }
    }
}
