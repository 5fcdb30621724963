package terpan.daemon;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Supplier;
import terpan.admin.CommandResult;
import terpan.admin.Health;
import terpan.admin.Operations;
import terpan.admin.StatusSnapshot;
import terpan.config.Settings;
import terpan.dispatch.DispatchSnapshot;
import terpan.metrics.Exposition;
import terpan.metrics.Readings;
import terpan.worker.Supervisor;
import terpan.worker.WorkerSnapshot;

/** What operators see and do, put together from the parts' snapshots. Thread-safe: holds nothing that changes. */
final class RunningOperations implements Operations {
    private static final long PAGE_BYTES = 4096;

    private final Settings settings;
    private final Front front;
    private final Optional<Supervisor> supervisor;
    private final List<String> addresses;
    private final Instant started;
    private final InstantSource clock;
    private final Supplier<ServingState> state;
    private final Runnable stop;
    private final Serving serving;
    private final Exposition exposition;

    RunningOperations(
            Settings settings,
            Front front,
            Optional<Supervisor> supervisor,
            List<String> addresses,
            Instant started,
            InstantSource clock,
            Supplier<ServingState> state,
            Runnable stop,
            Serving serving) {
        this.settings = settings;
        this.front = front;
        this.supervisor = supervisor;
        this.addresses = addresses;
        this.started = started;
        this.clock = clock;
        this.state = state;
        this.stop = stop;
        this.serving = serving;
        this.exposition = new Exposition(front.metrics, this::readings);
    }

    @Override
    public StatusSnapshot status() {
        DispatchSnapshot dispatch = front.dispatcher.snapshot();
        return new StatusSnapshot(
                Version.TEXT,
                ProcessHandle.current().pid(),
                state.get().label(),
                started,
                Duration.between(started, clock.instant()),
                addresses,
                settings.application().isPresent() ? settings.server().name() : "attached",
                settings.application().map(Settings.Application::name),
                1,
                dispatch.waiting(),
                dispatch.queueMost(),
                dispatch.inFlight(),
                requests(),
                workers(dispatch));
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

    private List<StatusSnapshot.Worker> workers(DispatchSnapshot dispatch) {
        Map<String, DispatchSnapshot.SlotSnapshot> slots = new HashMap<>();
        dispatch.slots().forEach(slot -> slots.put(slot.name(), slot));
        List<StatusSnapshot.Worker> workers = new ArrayList<>();
        for (WorkerSnapshot worker : supervisor.map(Supervisor::snapshots).orElse(List.of())) {
            workers.add(worker(worker, Optional.ofNullable(slots.remove(worker.name()))));
        }
        for (DispatchSnapshot.SlotSnapshot slot : slots.values()) {
            workers.add(attached(slot));
        }
        return workers;
    }

    private static StatusSnapshot.Worker worker(WorkerSnapshot worker, Optional<DispatchSnapshot.SlotSnapshot> slot) {
        return new StatusSnapshot.Worker(
                worker.name(),
                worker.pid() == 0 ? OptionalLong.empty() : OptionalLong.of(worker.pid()),
                worker.state().name().toLowerCase(java.util.Locale.ROOT),
                worker.reason(),
                worker.since(),
                worker.generation(),
                worker.restarts(),
                slot.map(DispatchSnapshot.SlotSnapshot::inFlight).orElse(0),
                slot.map(DispatchSnapshot.SlotSnapshot::window).orElse(0),
                slot.map(DispatchSnapshot.SlotSnapshot::capacity).orElse(0),
                slot.map(DispatchSnapshot.SlotSnapshot::settled).orElse(0L),
                slot.map(RunningOperations::service).orElse(OptionalDouble.empty()),
                resident(worker.pid()));
    }

    private StatusSnapshot.Worker attached(DispatchSnapshot.SlotSnapshot slot) {
        return new StatusSnapshot.Worker(
                slot.name(),
                OptionalLong.empty(),
                slot.state(),
                "run by someone else",
                started,
                1,
                0,
                slot.inFlight(),
                slot.window(),
                slot.capacity(),
                slot.settled(),
                service(slot),
                OptionalLong.empty());
    }

    private static OptionalDouble service(DispatchSnapshot.SlotSnapshot slot) {
        return slot.service() > 0 ? OptionalDouble.of(slot.service() / 1e9) : OptionalDouble.empty();
    }

    /** Linux tells it in pages; elsewhere it is not known. */
    private static OptionalLong resident(long pid) {
        Path statm = Path.of("/proc/" + pid + "/statm");
        if (pid == 0 || !Files.isReadable(statm)) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Long.parseLong(Files.readString(statm).split(" ", 3)[1]) * PAGE_BYTES);
        } catch (IOException gone) {
            return OptionalLong.empty();
        }
    }

    private Readings readings() {
        DispatchSnapshot dispatch = front.dispatcher.snapshot();
        List<Readings.Worker> workers = workers(dispatch).stream()
                .map(worker -> new Readings.Worker(
                        worker.name(),
                        worker.state(),
                        worker.inFlight(),
                        worker.window(),
                        worker.settled(),
                        worker.residentBytes()))
                .toList();
        return new Readings(
                dispatch.waiting(),
                dispatch.queueMost(),
                dispatch.inFlight(),
                1,
                front.spool.bytesOnDisk(),
                front.bounds.memory().held(),
                front.bounds.memory().most(),
                front.bounds.connectionsMost(),
                serving.logLinesDropped(),
                serving.accessLinesDropped(),
                started.toEpochMilli(),
                workers);
    }

    @Override
    public Health health() {
        if (state.get() == ServingState.STOPPING) {
            return new Health.NotServing("Terpan is stopping");
        }
        boolean ready = front.dispatcher.snapshot().slots().stream()
                .anyMatch(slot -> slot.state().equals("ready"));
        return ready ? new Health.Serving() : new Health.NotServing("no worker is ready");
    }

    @Override
    public CommandResult restart(String worker) {
        if (supervisor.isEmpty()) {
            return new CommandResult.Refused("the workers are run by someone else");
        }
        return supervisor.get().restart(worker)
                ? new CommandResult.Accepted(worker + " is drained and replaced")
                : new CommandResult.NotFound("there is no worker " + worker);
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
