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
import terpan.attached.AttachedSnapshot;
import terpan.attached.AttachedState;
import terpan.attached.AttachedWatch;
import terpan.config.Settings;
import terpan.config.Units;
import terpan.edge.Maintenance;
import terpan.metrics.Exposition;
import terpan.picture.Picture;
import terpan.sampler.Pictures;
import terpan.sampler.Sampler;
import terpan.worker.Supervisor;

/** What operators see and do, put together from the parts' snapshots. Thread-safe: holds nothing that changes. */
final class RunningOperations implements Operations {
    private static final CommandResult STOPPING =
            new CommandResult.Refused("Terpan is stopping: no worker is replaced any more");

    private static final CommandResult NOT_SERVING =
            new CommandResult.Refused("Terpan starts or stops: this can only be done while it serves");

    private final Optional<Supervisor> supervisor;
    private final AttachedWatch attached;
    private final Supplier<ServingState> state;
    private final Runnable stop;
    private final Sampler sampler;
    private final Exposition exposition;
    private final HealthCheck healthCheck;
    private final Front front;
    private final Reloads reloads;
    private final Orders orders;

    RunningOperations(
            Front front,
            Optional<Supervisor> supervisor,
            AttachedWatch attached,
            Instant started,
            InstantSource clock,
            Supplier<ServingState> state,
            Runnable stop,
            Reloads reloads,
            Orders orders,
            Pictures.Life life) {
        this.supervisor = supervisor;
        this.attached = attached;
        this.state = state;
        this.stop = stop;
        this.front = front;
        this.reloads = reloads;
        this.orders = orders;
        this.sampler = new Sampler(new Pictures(
                new Pictures.Constants(Version.TEXT, ProcessHandle.current().pid(), started),
                life,
                front.dispatcher,
                front.groups,
                front.metrics,
                front.spool,
                () -> supervisor.map(Supervisor::snapshots).orElse(List.of()),
                attached::snapshots,
                System::nanoTime,
                clock));
        this.exposition = new Exposition(front.metrics, sampler);
        this.healthCheck = new HealthCheck(
                front.dispatcher,
                front.loops,
                supervisor.map(running -> running::execute),
                this::whyNone,
                HealthCheck.ANSWER_MOST);
    }

    @Override
    public Picture status() {
        return sampler.get();
    }

    @Override
    public Health health() {
        if (state.get() == ServingState.STOPPING) {
            return new Health.NotServing("Terpan is stopping");
        }
        return healthCheck.health();
    }

    /** What of Terpan's own threads does not do what it is told: a sentence; empty: all of them do. */
    Optional<String> hangs() {
        return healthCheck.hangs();
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
        return orders.given(its.get().restart(List.of(worker)), worker + " is replaced");
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
        return orders.given(
                supervisor.get().restart(names),
                "all workers are replaced, one after the other: " + String.join(", ", names));
    }

    @Override
    public CommandResult reload(boolean inPlace) {
        return state.get() == ServingState.SERVING ? reloads.reload(inPlace) : NOT_SERVING;
    }

    @Override
    public CommandResult rollback() {
        return state.get() == ServingState.SERVING ? reloads.rollback() : NOT_SERVING;
    }

    @Override
    public CommandResult scale(Optional<String> group, int count) {
        if (state.get() != ServingState.SERVING) {
            return NOT_SERVING;
        }
        List<String> groups = supervisor.map(Supervisor::groups).orElse(List.of());
        if (groups.isEmpty()) {
            return new CommandResult.Refused("all workers are run by someone else: there is nothing to scale here");
        }
        if (group.isEmpty() && groups.size() > 1) {
            return new CommandResult.Refused(
                    "there are several groups; name one with --group: " + String.join(", ", groups));
        }
        String name = group.orElse(groups.getFirst());
        if (!groups.contains(name)) {
            return new CommandResult.NotFound("there is no group " + name + "; there is " + String.join(", ", groups));
        }
        if (count < 1 || count > Settings.WORKERS_MOST) {
            return new CommandResult.Refused("a group has 1 to 1,024 workers, not " + count);
        }
        return orders.given(
                supervisor.flatMap(running -> running.scale(name, count)), name + " is to have " + count + " workers");
    }

    @Override
    public CommandResult pause(Duration most) {
        if (state.get() != ServingState.SERVING) {
            return NOT_SERVING;
        }
        long now = System.nanoTime();
        front.dispatcher.pause(now, now + most.toNanos());
        return new CommandResult.Accepted(
                "new requests wait in the queue, for " + Units.show(most) + " at most; terpan resume ends it");
    }

    @Override
    public CommandResult maintenance(List<String> through) {
        if (state.get() != ServingState.SERVING) {
            return NOT_SERVING;
        }
        if (through.size() > Maintenance.MOST) {
            return new CommandResult.Refused("at most " + Maintenance.MOST + " addresses can be let through");
        }
        try {
            front.maintenance(Optional.of(Maintenance.of(through)));
        } catch (IllegalArgumentException mistaken) {
            return new CommandResult.Refused(String.valueOf(mistaken.getMessage()));
        }
        return new CommandResult.Accepted("clients get the page for 503"
                + (through.isEmpty() ? "" : ", but for " + String.join(", ", through))
                + "; terpan maintenance off ends it");
    }

    @Override
    public CommandResult endMaintenance() {
        if (!front.isUnderMaintenance()) {
            return new CommandResult.Refused("there was no maintenance");
        }
        front.maintenance(Optional.empty());
        return new CommandResult.Accepted("clients are served again");
    }

    @Override
    public CommandResult resume() {
        return front.dispatcher.resume(System.nanoTime())
                ? new CommandResult.Accepted("requests go to workers again")
                : new CommandResult.Refused("there was no pause");
    }

    @Override
    public Optional<OperationSnapshot> operation(String id) {
        return orders.operation(id);
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
