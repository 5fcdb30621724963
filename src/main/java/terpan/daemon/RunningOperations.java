package terpan.daemon;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import terpan.admin.CommandResult;
import terpan.admin.Health;
import terpan.admin.OperationSnapshot;
import terpan.admin.Operations;
import terpan.admin.StatusSnapshot;
import terpan.attached.AttachedSnapshot;
import terpan.attached.AttachedState;
import terpan.attached.AttachedWatch;
import terpan.config.Settings;
import terpan.dispatch.DispatchSnapshot;
import terpan.metrics.Exposition;
import terpan.metrics.Readings;
import terpan.worker.Supervisor;

/** What operators see and do, put together from the parts' snapshots. Thread-safe: holds nothing that changes. */
final class RunningOperations implements Operations {
    private static final CommandResult STOPPING =
            new CommandResult.Refused("Terpan is stopping: no worker is replaced any more");

    private final Settings settings;
    private final Front front;
    private final Optional<Supervisor> supervisor;
    private final AttachedWatch attached;
    private final List<String> addresses;
    private final Instant started;
    private final InstantSource clock;
    private final Supplier<ServingState> state;
    private final Runnable stop;
    private final Serving serving;
    private final Exposition exposition;
    private final HealthCheck healthCheck;
    private final Restarts restarts = new Restarts();

    RunningOperations(
            Settings settings,
            Front front,
            Optional<Supervisor> supervisor,
            AttachedWatch attached,
            List<String> addresses,
            Instant started,
            InstantSource clock,
            Supplier<ServingState> state,
            Runnable stop,
            Serving serving) {
        this.settings = settings;
        this.front = front;
        this.supervisor = supervisor;
        this.attached = attached;
        this.addresses = addresses;
        this.started = started;
        this.clock = clock;
        this.state = state;
        this.stop = stop;
        this.serving = serving;
        this.exposition = new Exposition(front.metrics, this::readings);
        this.healthCheck = new HealthCheck(
                front.dispatcher,
                front.loops,
                supervisor.map(running -> running::execute),
                this::whyNone,
                HealthCheck.ANSWER_MOST);
    }

    @Override
    public StatusSnapshot status() {
        DispatchSnapshot dispatch = front.dispatcher.snapshot(System.nanoTime());
        WorkerFigures figures = figures(dispatch);
        return new StatusSnapshot(
                Version.TEXT,
                ProcessHandle.current().pid(),
                state.get().label(),
                started,
                Duration.between(started, clock.instant()),
                addresses,
                front.groups.servers(),
                settings.application().map(served -> StatusSnapshot.served(served.name(), served.chdir())),
                1,
                dispatch.waiting(),
                dispatch.queueMost(),
                dispatch.inFlight(),
                new StatusSnapshot.Spool(front.spool.bytesOnDisk(), front.spool.most(), front.spool.answersWaiting()),
                requests(),
                figures.groups(),
                figures.workers());
    }

    private WorkerFigures figures(DispatchSnapshot dispatch) {
        return new WorkerFigures(
                front.groups,
                dispatch.slots(),
                supervisor.map(Supervisor::snapshots).orElse(List.of()),
                attached.snapshots());
    }

    private StatusSnapshot.Requests requests() {
        return new StatusSnapshot.Requests(
                front.metrics.requests(1),
                front.metrics.requests(2),
                front.metrics.requests(3),
                front.metrics.requests(4),
                front.metrics.requests(5),
                front.metrics.requests(0));
    }

    private Readings readings() {
        DispatchSnapshot dispatch = front.dispatcher.snapshot(System.nanoTime());
        WorkerFigures figures = figures(dispatch);
        return new Readings(
                dispatch.waiting(),
                dispatch.queueMost(),
                dispatch.inFlight(),
                dispatch.counts().stuckBehind(),
                1,
                front.spool.bytesOnDisk(),
                front.spool.answersWaiting(),
                front.bounds.memory().held(),
                front.bounds.memory().most(),
                front.bounds.connectionsMost(),
                serving.logLinesDropped(),
                serving.accessLinesDropped(),
                started.toEpochMilli(),
                figures.groupReadings(),
                figures.workerReadings(),
                figures.slotReadings());
    }

    @Override
    public Health health() {
        if (state.get() == ServingState.STOPPING) {
            return new Health.NotServing("Terpan is stopping");
        }
        return healthCheck.health();
    }

    /** Of attached workers it is known what is wrong; of ours the log has it. */
    private String whyNone() {
        List<AttachedSnapshot> out = attached.snapshots().stream()
                .filter(worker -> worker.state() == AttachedState.EJECTED)
                .toList();
        String more = out.size() > 1 ? ", and " + (out.size() - 1) + " more are left out" : "";
        return out.isEmpty()
                ? ""
                : "; " + out.getFirst().name() + ": " + out.getFirst().reason() + more;
    }

    @Override
    public CommandResult restart(String worker) {
        if (state.get() == ServingState.STOPPING) {
            return STOPPING;
        }
        Optional<AttachedSnapshot> foreign = attached.snapshots().stream()
                .filter(known -> known.name().equals(worker))
                .findFirst();
        if (foreign.isPresent()) {
            return probe(foreign.get());
        }
        Optional<Supervisor> its = supervisor.filter(running -> running.knows(worker));
        if (its.isEmpty()) {
            return new CommandResult.NotFound("there is no worker " + worker);
        }
        return restart(its.get(), List.of(worker), worker + " is replaced");
    }

    @Override
    public CommandResult restartAll() {
        if (state.get() == ServingState.STOPPING) {
            return STOPPING;
        }
        if (supervisor.isEmpty()) {
            return new CommandResult.Refused(
                    "all workers are run by someone else: they have to be restarted where they run");
        }
        List<String> names = supervisor.get().names();
        return restart(
                supervisor.get(), names, "all workers are replaced, one after the other: " + String.join(", ", names));
    }

    private CommandResult restart(Supervisor its, List<String> workers, String message) {
        return its.restart(workers)
                .<CommandResult>map(order -> new CommandResult.Accepted(message, restarts.keep(order)))
                .orElseGet(() -> new CommandResult.Refused("the supervisor of the workers takes no orders"));
    }

    @Override
    public Optional<OperationSnapshot> operation(String id) {
        return restarts.operation(id);
    }

    /** Someone else's worker is theirs to restart; whether it is well again can be looked at. */
    private CommandResult probe(AttachedSnapshot worker) {
        if (worker.state() != AttachedState.EJECTED) {
            return new CommandResult.Refused(
                    worker.name() + " is run by someone else: it has to be restarted where it runs");
        }
        attached.probe(worker.name());
        return new CommandResult.Accepted(
                worker.name() + " is run by someone else; it is left out, and is looked at once more now");
    }

    @Override
    public CommandResult stop() {
        stop.run();
        return new CommandResult.Accepted("Terpan answers what it has accepted, then stops");
    }

    @Override
    public void writeMetrics(OutputStream out) throws IOException {
        exposition.write(out);
    }
}
