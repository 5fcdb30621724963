package terpan.daemon;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;
import terpan.admin.CommandResult;
import terpan.admin.Health;
import terpan.admin.LogLine;
import terpan.admin.OperationSnapshot;
import terpan.admin.Operations;
import terpan.attached.AttachedSnapshot;
import terpan.attached.AttachedState;
import terpan.config.Settings;
import terpan.config.Units;
import terpan.edge.Maintenance;
import terpan.log.LogMemory;
import terpan.metrics.Exposition;
import terpan.metrics.MetricsFormat;
import terpan.picture.Picture;
import terpan.worker.Order;
import terpan.worker.Supervisor;

/** What operators see and do, put together from the parts' snapshots. Thread-safe: holds nothing that changes. */
final class RunningOperations implements Operations {
    private static final CommandResult STOPPING =
            new CommandResult.Refused("Terpan is stopping: no worker is replaced any more");

    private static final CommandResult NOT_SERVING =
            new CommandResult.Refused("Terpan starts or stops: this can only be done while it serves");

    private final Front front;
    private final Applications applications;
    private final Supplier<ServingState> state;
    private final Runnable stop;
    private final Orders orders;
    private final Upgrade upgrade;
    private final Supplier<Picture> pictures;
    private final Exposition exposition;
    private final LogMemory memory;
    private final Service service;

    RunningOperations(
            Front front,
            Applications applications,
            Supplier<ServingState> state,
            Runnable stop,
            Orders orders,
            Upgrade upgrade,
            Supplier<Picture> pictures,
            LogMemory memory,
            Service service) {
        this.memory = memory;
        this.service = service;
        this.front = front;
        this.applications = applications;
        this.state = state;
        this.stop = stop;
        this.orders = orders;
        this.upgrade = upgrade;
        this.pictures = pictures;
        this.exposition = new Exposition(front.metrics, pictures, this::figures);
    }

    private List<Exposition.Figures> figures(Picture now) {
        if (now.applications().isEmpty() && !applications.areSeveral()) {
            return List.of(new Exposition.Figures("", front.metrics, Optional.of(now)));
        }
        List<Exposition.Figures> all = new ArrayList<>();
        all.add(new Exposition.Figures("", front.metrics, Optional.empty()));
        for (Picture.Application one : now.applications()) {
            applications
                    .named(one.name())
                    .ifPresent(known -> all.add(
                            new Exposition.Figures(one.name(), known.site().metrics, Optional.of(one.picture()))));
        }
        return all;
    }

    @Override
    public Picture status() {
        return pictures.get();
    }

    @Override
    public Optional<Picture> status(String application) {
        return applications.named(application).map(ServedApplication::picture);
    }

    @Override
    public Health health() {
        if (state.get() == ServingState.STOPPING) {
            return new Health.NotServing("Terpan is stopping");
        }
        Health health = new Health.NotServing("there is no application");
        for (ServedApplication one : applications.all()) {
            health = one.health();
            if (health instanceof Health.Serving) {
                return health;
            }
        }
        return health;
    }

    @Override
    public Optional<Health> health(String application) {
        return applications.named(application).map(ServedApplication::health);
    }

    @Override
    public Optional<String> hangs() {
        return applications.all().stream().flatMap(one -> one.hangs().stream()).findFirst();
    }

    /** The applications that are meant. */
    private List<ServedApplication> meant(String application) {
        return application.isEmpty()
                ? applications.all()
                : applications.named(application).stream().toList();
    }

    private CommandResult unknown(String application) {
        return new CommandResult.NotFound(
                applications.areSeveral()
                        ? "there is no application " + application + "; there is " + applications.names()
                        : "there is no application " + application + ": there is one alone, which needs no name");
    }

    /** One result for what was done with each that is meant. */
    private CommandResult each(String application, Function<ServedApplication, CommandResult> what) {
        List<ServedApplication> meant = meant(application);
        if (meant.isEmpty()) {
            return application.isEmpty() ? new CommandResult.Refused("there is no application") : unknown(application);
        }
        return orders.together(meant.stream().map(what).toList());
    }

    /** Only while it serves. */
    private CommandResult serving(Supplier<CommandResult> what) {
        return state.get() == ServingState.SERVING ? what.get() : NOT_SERVING;
    }

    /** A name in front of what is said of one of several. */
    private static String of(ServedApplication one, String sentence) {
        return one.name().isEmpty() ? sentence : one.name() + ": " + sentence;
    }

    @Override
    public CommandResult restart(String worker) {
        if (state.get() == ServingState.STOPPING) {
            return STOPPING;
        }
        for (ServedApplication one : applications.all()) {
            Optional<AttachedSnapshot> foreign = one.workers().attached.snapshots().stream()
                    .filter(known -> known.name().equals(worker))
                    .findFirst();
            if (foreign.isPresent()) {
                return probe(one, foreign.get());
            }
            Optional<Supervisor> its = one.supervisor().filter(running -> running.knows(worker));
            if (its.isPresent()) {
                return orders.given(its.get().restart(List.of(worker)), worker + " is replaced");
            }
        }
        return applications.named(worker).isPresent() && !worker.isEmpty()
                ? restartAll(worker)
                : new CommandResult.NotFound("there is no worker " + worker);
    }

    @Override
    public CommandResult restartAll(String application) {
        return state.get() == ServingState.STOPPING ? STOPPING : each(application, this::restart);
    }

    private CommandResult restart(ServedApplication one) {
        if (one.supervisor().isEmpty()) {
            return new CommandResult.Refused(
                    of(one, "all workers are run by someone else: they have to be restarted where they run"));
        }
        List<String> names = one.supervisor().get().names();
        return orders.given(
                one.supervisor().get().restart(names),
                of(one, "all workers are replaced, one after the other: " + String.join(", ", names)));
    }

    @Override
    public CommandResult reload(String application, boolean inPlace) {
        return serving(() -> service.reloading(() -> begin(application, inPlace), this::isReloading));
    }

    private CommandResult begin(String application, boolean inPlace) {
        if (application.isEmpty()) {
            return applications.reload(inPlace);
        }
        return applications.areSeveral() ? applications.reload(application, inPlace) : unknown(application);
    }

    private boolean isReloading() {
        return applications.all().stream().anyMatch(one -> one.workers().reloads.isUnderWay());
    }

    @Override
    public CommandResult rollback(String application) {
        return serving(() -> {
            if (application.isEmpty() && applications.all().size() > 1) {
                return new CommandResult.Refused("there are several applications; name one: " + applications.names());
            }
            return each(application, one -> one.workers().reloads.rollback());
        });
    }

    @Override
    public CommandResult scale(String application, Optional<String> group, OptionalInt count) {
        return serving(() -> scaled(application, group, count));
    }

    private CommandResult scaled(String application, Optional<String> group, OptionalInt count) {
        List<ServedApplication> meant = meant(application);
        if (meant.isEmpty()) {
            return unknown(application);
        }
        // A group of one of several has its application's name in its own.
        List<ServedApplication> possible = group.isPresent() && meant.size() > 1
                ? meant.stream()
                        .filter(one -> group.get().startsWith(one.name() + "/"))
                        .toList()
                : meant;
        if (possible.size() != 1) {
            return new CommandResult.Refused("there are several applications; name one: " + applications.names());
        }
        ServedApplication one = possible.getFirst();
        List<String> groups = one.supervisor().map(Supervisor::groups).orElse(List.of());
        if (groups.isEmpty()) {
            return new CommandResult.Refused(
                    of(one, "all workers are run by someone else: there is nothing to scale here"));
        }
        if (group.isEmpty() && groups.size() > 1) {
            return new CommandResult.Refused(
                    of(one, "there are several groups; name one with --group: " + String.join(", ", groups)));
        }
        String asked = group.orElse(groups.getFirst());
        String name = groups.contains(asked) ? asked : one.name() + "/" + asked;
        if (!groups.contains(name)) {
            return new CommandResult.NotFound("there is no group " + asked + "; there is " + String.join(", ", groups));
        }
        return count.isPresent() ? scaled(one, name, count.getAsInt()) : byLoad(one, name);
    }

    private CommandResult scaled(ServedApplication one, String group, int count) {
        if (count < 1 || count > Settings.WORKERS_MOST) {
            return new CommandResult.Refused("a group has 1 to 1,024 workers, not " + count);
        }
        Optional<Order> order = one.supervisor().flatMap(running -> running.scale(group, count));
        boolean hasRange = order.isPresent()
                && one.workers()
                        .scaler
                        .filter(scaler -> scaler.hold(group, count))
                        .isPresent();
        return orders.given(
                order,
                group + " is to have " + count + " workers"
                        + (hasRange ? ", whatever the load: until the next reload, or terpan scale auto" : ""));
    }

    private static CommandResult byLoad(ServedApplication one, String group) {
        return one.workers().scaler.filter(scaler -> scaler.release(group)).isPresent()
                ? new CommandResult.Accepted(group + " has as many workers as the load asks for")
                : new CommandResult.Refused("the number of workers of " + group
                        + " is fixed: set workers.count to a range, such as \"2..8\"");
    }

    @Override
    public CommandResult pause(String application, Duration most) {
        long now = System.nanoTime();
        return serving(() -> each(application, one -> {
            one.site().dispatcher.pause(now, now + most.toNanos());
            return new CommandResult.Accepted(of(
                    one,
                    "new requests wait in the queue, for " + Units.show(most) + " at most; terpan resume ends it"));
        }));
    }

    @Override
    public CommandResult maintenance(String application, List<String> through) {
        return serving(() -> {
            if (through.size() > Maintenance.MOST) {
                return new CommandResult.Refused("at most " + Maintenance.MOST + " addresses can be let through");
            }
            Maintenance work;
            try {
                work = Maintenance.of(through);
            } catch (IllegalArgumentException mistaken) {
                return new CommandResult.Refused(String.valueOf(mistaken.getMessage()));
            }
            return each(application, one -> {
                one.site().maintenance(Optional.of(work));
                return new CommandResult.Accepted(of(
                        one,
                        "clients get the page for 503"
                                + (through.isEmpty() ? "" : ", but for " + String.join(", ", through))
                                + "; terpan maintenance off ends it"));
            });
        });
    }

    @Override
    public CommandResult endMaintenance(String application) {
        return each(application, one -> {
            if (!one.site().isUnderMaintenance()) {
                return new CommandResult.Refused(of(one, "there was no maintenance"));
            }
            one.site().maintenance(Optional.empty());
            return new CommandResult.Accepted(of(one, "clients are served again"));
        });
    }

    @Override
    public CommandResult resume(String application) {
        return each(
                application,
                one -> one.site().dispatcher.resume(System.nanoTime())
                        ? new CommandResult.Accepted(of(one, "requests go to workers again"))
                        : new CommandResult.Refused(of(one, "there was no pause")));
    }

    @Override
    public Optional<OperationSnapshot> operation(String id) {
        return orders.operation(id);
    }

    /** Someone else's worker is theirs to restart; whether it is well again can be looked at. */
    private static CommandResult probe(ServedApplication one, AttachedSnapshot worker) {
        if (worker.state() != AttachedState.EJECTED) {
            return new CommandResult.Refused(
                    worker.name() + " is run by someone else: it has to be restarted where it runs");
        }
        one.workers().attached.probe(worker.name());
        return new CommandResult.Accepted(
                worker.name() + " is run by someone else; it is left out, and is looked at once more now");
    }

    @Override
    public CommandResult upgrade(Optional<Path> program) {
        return upgrade.begin(program);
    }

    @Override
    public Stack stack(String worker) {
        return new PythonStacks(memory)
                .of(applications.all().stream().map(ServedApplication::workers).toList(), worker);
    }

    @Override
    public List<LogLine> lines(long since) {
        return memory.since(since).stream().map(PythonStacks::line).toList();
    }

    @Override
    public CommandResult stop() {
        LoggerFactory.getLogger(RunningOperations.class).atInfo().log("an operator asks Terpan to stop");
        stop.run();
        return new CommandResult.Accepted("Terpan answers what it has accepted, then stops");
    }

    @Override
    public void writeMetrics(OutputStream out, MetricsFormat format) throws IOException {
        exposition.write(out, format);
    }
}
