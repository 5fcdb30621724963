package terpan.daemon;

import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;
import terpan.attached.AttachedSnapshot;
import terpan.attached.AttachedState;
import terpan.attached.AttachedWatch;
import terpan.config.Loaded;
import terpan.config.Settings;
import terpan.picture.Picture;
import terpan.pool.AttachedWorkers;
import terpan.pool.StartedWorkers;
import terpan.pool.WorkerProcesses;
import terpan.server.ServerProfile;
import terpan.worker.Generation;
import terpan.worker.LineObserver;
import terpan.worker.PythonFiles;
import terpan.worker.RunDirectory;
import terpan.worker.StartException;
import terpan.worker.Supervisor;
import terpan.worker.WorkerSnapshot;

/** The workers of one application: those that its supervisor starts, those that someone else runs, and how one generation follows another. Thread-safe. */
final class SiteWorkers implements AutoCloseable {
    final Optional<Supervisor> supervisor;
    final AttachedWatch attached;
    final Reloads reloads;
    private final StartedWorkers started;
    private final Recycler recycler;
    final Optional<Scaler> scaler;

    /**
     * What workers of all applications share.
     *
     * @param lines what workers write, in development and else
     */
    record Surroundings(Orders orders, Function<Settings.Application, LineObserver> lines, InstantSource clock) {}

    /**
     * Begins to start them.
     *
     * @param read the application's settings as they were read
     * @param settings the same with what was installed
     * @param reader reads them anew
     * @param lasting whether it is to be led on from a start that failed
     * @param serves is told of other settings once they are served; must not wait
     */
    SiteWorkers(
            Site site,
            ClientSide clients,
            Loaded.Ready read,
            Settings settings,
            Supplier<Loaded> reader,
            RunDirectory directory,
            Surroundings around,
            boolean lasting,
            Supplier<Picture> pictures,
            Consumer<Settings> serves)
            throws StartException {
        started = new StartedWorkers(site.pool, site.disk());
        Optional<Generation> generation = settings.application()
                .map(application -> Generation.of(
                        Generation.FIRST,
                        application,
                        settings.groups(),
                        settings.forwarding().requestIds()));
        supervisor = generation.isPresent()
                ? Optional.of(start(generation.get(), directory, around, lasting))
                : Optional.empty();
        if (lasting) {
            var _ = started.firstReady().whenComplete((ready, why) -> {
                if (why != null) {
                    LoggerFactory.getLogger(SiteWorkers.class)
                            .atError()
                            .addKeyValue(
                                    "application", site.mount().application().name())
                            .addKeyValue("failure", why.getMessage())
                            .log("application could not be started; a reload of it tries again");
                }
            });
        }
        AttachedWorkers others = AttachedWorkers.start(settings.attach(), site.pool, around.clock());
        attached = others.watch();
        scaler = supervisor.map(running -> new Scaler(
                this::settings,
                running,
                site.dispatcher::snapshot,
                () -> site.dispatcher.paused() || site.isUnderMaintenance(),
                around.clock()));
        reloads = new Reloads(
                reader,
                read,
                generation,
                clients,
                site::fault,
                now -> {
                    others.change(now.attach());
                    serves.accept(now);
                },
                supervisor,
                directory.root(),
                around.orders(),
                around.clock());
        recycler = new Recycler(
                () -> reloads.settings().groups(),
                pictures,
                worker -> supervisor.flatMap(running -> running.restart(List.of(worker))),
                () -> ThreadLocalRandom.current().nextDouble());
    }

    private Supervisor start(Generation generation, RunDirectory directory, Surroundings around, boolean lasting)
            throws StartException {
        Optional<terpan.worker.StartFailure> refusal =
                directory.root().flatMap(helper -> helper.refuses(generation.plans()));
        if (refusal.isPresent()) {
            throw new StartException(refusal.get()); // an application that has come since the start
        }
        Supervisor starting = new Supervisor(
                generation,
                directory,
                directory.root().isPresent()
                        ? directory.root().get().python()
                        : PythonFiles.extract(Optional.of(generation.application()), System.getenv(), directory.path()),
                started,
                around.lines().apply(generation.application()),
                System::nanoTime,
                around.clock());
        started.processes(new WorkerProcesses() {
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
                LoggerFactory.getLogger(SiteWorkers.class)
                        .atDebug()
                        .addKeyValue("pid", pid)
                        .addKeyValue("taken", taken)
                        .log("stacks asked for");
            }
        });
        if (lasting) {
            starting.lasts();
        }
        starting.start();
        return starting;
    }

    /** Completed once each group has had a worker that was ready, or with the failure of the start. */
    CompletableFuture<Void> firstReady() {
        return supervisor.isPresent() ? started.firstReady() : attached.tried();
    }

    /** Looks how workers do that prove themselves; on the first loop. */
    void lookAtProof() {
        started.proof().look(System.nanoTime());
    }

    private Settings settings() {
        return reloads.settings();
    }

    /** Has workers replaced that are due, and others started or ended as the load asks for; never waits. */
    void look() {
        recycler.lookSoon();
        scaler.ifPresent(Scaler::lookSoon);
    }

    /** How the number of workers of this group follows the load; empty: it does not. */
    Optional<Picture.Scaling> scaling(String group) {
        return scaler.flatMap(one -> one.picture(group));
    }

    /** Has the worker that is this process write what its threads are at; false: it cannot. */
    boolean tellStacks(long pid) {
        return started.tellStacks(pid);
    }

    List<WorkerSnapshot> snapshots() {
        return supervisor.map(Supervisor::snapshots).orElse(List.of());
    }

    /** Of attached workers it is known what is wrong; of ours the log has it. */
    String whyNone() {
        List<AttachedSnapshot> out = attached.snapshots().stream()
                .filter(worker -> worker.state() == AttachedState.EJECTED)
                .toList();
        String more = out.size() > 1 ? ", and " + (out.size() - 1) + " more are left out" : "";
        return out.isEmpty()
                ? ""
                : "; " + out.getFirst().name() + ": " + out.getFirst().reason() + more;
    }

    /** Looks at attached workers no more; those that it started are its supervisor's to end. */
    @Override
    public void close() {
        attached.close();
    }
}
