package terpan.daemon;

import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.admin.CommandResult;
import terpan.config.Loaded;
import terpan.config.Problem;
import terpan.config.Settings;
import terpan.examine.FreeMemory;
import terpan.picture.Picture;
import terpan.sampler.ResidentMemory;
import terpan.worker.Census;
import terpan.worker.Generation;
import terpan.worker.Order;
import terpan.worker.Rollout;
import terpan.worker.RootSide;
import terpan.worker.Supervisor;
import terpan.worker.WorkerSnapshot;
import terpan.worker.WorkerState;

/**
 * Leads from what is served to what the settings say now, and back. Settings and code change together: the settings that clients meet take
 * effect as the new workers take over. Thread-safe; orders come one at a time.
 */
final class Reloads {
    private static final Logger LOG = LoggerFactory.getLogger(Reloads.class);
    private static final String UNDER_WAY = "running";

    /** What is served: settings as they were read, and the workers' generation; none where someone else runs all of them. */
    private record Served(Loaded.Ready read, Optional<Generation> generation) {}

    private final Optional<RootSide> root;
    private final Supplier<Loaded> reader;
    private final Loaded.Ready first;
    private final ClientSide clients;
    private final Consumer<String> fault;
    private final Consumer<Settings> serves;
    private final Optional<Supervisor> supervisor;
    private final Orders orders;
    private final InstantSource clock;

    /** The number of the last generation that there was; guarded by this. */
    private int numbers = Generation.FIRST;

    /** What was made ready for the last order; guarded by this. */
    private Optional<ClientSide.Prepared> pending = Optional.empty();

    // Guarded by lock, which nothing waits with.
    private final Object lock = new Object();
    private Served present;
    private Optional<Served> before = Optional.empty();
    private Optional<Picture.Reload> last = Optional.empty();

    /**
     * Reloads of what has been started.
     *
     * @param reader reads the settings anew
     * @param first what was read at the start
     * @param generation what was started of it; empty: someone else runs all workers
     * @param fault has clients told why what was saved last does not run; must not wait
     * @param serves is told of other settings once they are served; must not wait
     * @param root what starts workers, where this process has given root up
     */
    Reloads(
            Supplier<Loaded> reader,
            Loaded.Ready first,
            Optional<Generation> generation,
            ClientSide clients,
            Consumer<String> fault,
            Consumer<Settings> serves,
            Optional<Supervisor> supervisor,
            Optional<RootSide> root,
            Orders orders,
            InstantSource clock) {
        this.root = root;
        this.reader = reader;
        this.first = first;
        this.clients = clients;
        this.fault = fault;
        this.serves = serves;
        this.supervisor = supervisor;
        this.orders = orders;
        this.clock = clock;
        this.present = new Served(first, generation);
    }

    /** The settings that are served. */
    Settings settings() {
        return present().read().settings();
    }

    /** The number of the generation that serves. */
    int generation() {
        return present().generation().map(Generation::number).orElse(Generation.FIRST);
    }

    /** What became of the last reload, if there was one. */
    Optional<Picture.Reload> last() {
        synchronized (lock) {
            return last;
        }
    }

    /** Whether another generation is being led to. */
    boolean isUnderWay() {
        return last().filter(reload -> reload.outcome().equals(UNDER_WAY)).isPresent();
    }

    private Served present() {
        synchronized (lock) {
            return present;
        }
    }

    /**
     * Reads settings and code anew and begins to lead there; does not wait for it. May wait for a disk.
     *
     * @param inPlace whether workers go before others come, whatever memory there is
     */
    synchronized CommandResult reload(boolean inPlace) {
        return follow(reader.get(), inPlace);
    }

    /** The same with what was read. */
    synchronized CommandResult follow(Loaded loaded, boolean inPlace) {
        List<Problem> problems = new ArrayList<>(loaded.problems());
        if (loaded instanceof Loaded.Ready ready) {
            problems.addAll(ready.fixedSince(first));
            problems.addAll(fixed(ready.settings()));
            if (problems.isEmpty()) {
                ready.warnings().forEach(warning -> LOG.atWarn().log(warning));
                Optional<Generation> next = ready.settings().application().map(application -> {
                    numbers++;
                    return Generation.of(
                                    numbers,
                                    application,
                                    ready.settings().groups(),
                                    ready.settings().forwarding().requestIds())
                            .beginningWith(workersNow());
                });
                Optional<String> refusal = next.flatMap(this::refusal);
                if (refusal.isEmpty()) {
                    return lead(ready, next, inPlace);
                }
                problems.add(Problem.together(refusal.get()));
            }
        }
        return refused(problems);
    }

    /** What root's helper was told at the start is what it starts. */
    private Optional<String> refusal(Generation next) {
        return root.flatMap(helper -> helper.refuses(next.plans())).map(terpan.worker.StartFailure::message);
    }

    /** As many workers as there are, so that nothing is taken away that the load asks for. */
    private Map<String, Integer> workersNow() {
        return supervisor.flatMap(Supervisor::census).map(Census::present).orElse(Map.of());
    }

    /** Nothing has changed; log, status and command say why. */
    private CommandResult refused(List<Problem> problems) {
        problems.forEach(
                problem -> LOG.atError().addKeyValue("problem", problem).log("reload refused"));
        String text = String.join("\n", problems.stream().map(Problem::toString).toList());
        keep("refused", generation(), text);
        showFault(text);
        return new CommandResult.Mistaken(text, Problem.kindOf(problems));
    }

    /** Begins to lead back to what was served before the present generation; does not wait for it. */
    synchronized CommandResult rollback() {
        Optional<Served> back;
        synchronized (lock) {
            back = before;
        }
        Optional<Generation> generation = back.flatMap(Served::generation);
        if (back.isEmpty() || generation.isEmpty()) {
            return new CommandResult.Refused("there was no generation before the one that serves");
        }
        boolean kept = supervisor.filter(one -> one.keeps(generation.get())).isPresent();
        numbers += kept ? 0 : 1;
        Generation there =
                kept ? generation.get() : generation.get().again(numbers).beginningWith(workersNow());
        return lead(back.get().read(), Optional.of(there), false);
    }

    /** What can not change as long as Terpan runs, and is no single setting. */
    private List<Problem> fixed(Settings is) {
        Settings was = first.settings();
        List<Problem> problems = new ArrayList<>();
        if (was.application().isPresent() != is.application().isPresent()) {
            problems.add(fixed("whether there is an application whose workers Terpan starts"));
        } else if (was.application().isPresent()
                && otherUser(was.application().get())
                        != otherUser(is.application().get())) {
            // It decides where our Python files lie, and who the guard is.
            problems.add(fixed("whether application.user or application.group make the workers another user"));
        }
        return problems;
    }

    private static Problem fixed(String what) {
        return Problem.together(what + " can not change while Terpan runs: stop it and start it again");
    }

    private static boolean otherUser(Settings.Application application) {
        return application.user().isPresent() || application.group().isPresent();
    }

    private CommandResult lead(Loaded.Ready ready, Optional<Generation> generation, boolean inPlace) {
        ClientSide.Prepared change;
        try {
            change = clients.prepare(ready, () -> pending.ifPresent(ClientSide.Prepared::makeWay));
        } catch (IOException | StartFailure unusable) {
            return refused(List.of(Problem.together(String.valueOf(unusable.getMessage()))));
        }
        pending = Optional.of(change);
        Served next = new Served(ready, generation);
        if (supervisor.isEmpty() || generation.isEmpty()) {
            change.takesOver();
            took(next);
            return new CommandResult.Accepted("the settings were read anew and are in effect");
        }
        int number = generation.get().number();
        keep(UNDER_WAY, number, "");
        List<Long> sizes = sizes(supervisor.get(), WorkerState.READY, sharesMemory(generation.get()));
        OptionalLong free = FreeMemory.read();
        Optional<String> shortage = shortage(generation.get(), inPlace, sizes, free);
        shortage.ifPresent(why -> LOG.atWarn().addKeyValue("reason", why).log("workers are replaced in place"));
        Rollout.Observer outcome = new Outcome(next, number, change);
        Optional<Order> order = shortage.isPresent()
                ? supervisor
                        .get()
                        .rollOutInPlace(
                                generation.get(),
                                Shortage.of(largest(sizes), 1, free).isEmpty(),
                                outcome)
                : supervisor.get().rollOut(generation.get(), outcome);
        if (order.isEmpty()) {
            change.abandon();
            keep("refused", number, "the supervisor of the workers takes no orders");
        }
        return orders.given(
                order,
                "generation %d is led to from generation %d%s"
                        .formatted(
                                number,
                                generation(),
                                shortage.map(why -> ", in place: " + why).orElse("")));
    }

    /** What follows from how a rollout turns out. */
    private final class Outcome implements Rollout.Observer {
        private final Served next;
        private final int number;
        private final ClientSide.Prepared change;

        Outcome(Served next, int number, ClientSide.Prepared change) {
            this.next = next;
            this.number = number;
            this.change = change;
        }

        @Override
        public void tookOver() {
            change.takesOver();
            took(next);
        }

        @Override
        public void rolledBack(String why) {
            change.abandon();
            keep("rolled back", number, why);
            showFault(why);
        }

        @Override
        public void superseded() {
            change.abandon();
            keep("superseded", number, "");
        }
    }

    /** Why workers are replaced in place. What is kept for a rollback makes room first. */
    private Optional<String> shortage(Generation next, boolean inPlace, List<Long> sizes, OptionalLong free) {
        Supervisor workers = supervisor.orElseThrow();
        if (inPlace) {
            return Optional.of("as was asked");
        }
        if (workers.keeps(next)) {
            return Optional.empty(); // its workers are there
        }
        Optional<String> shortage = Shortage.of(sizes, next.processes(), free);
        List<Long> kept = sizes(workers, WorkerState.PARKED, sharesMemory(next));
        if (shortage.isPresent() && free.isPresent() && !kept.isEmpty()) {
            LOG.atWarn().addKeyValue("reason", shortage.get()).log("what was kept for a rollback makes room");
            workers.endKept();
            long freed = kept.stream().mapToLong(Long::longValue).sum();
            return Shortage.of(sizes, next.processes(), OptionalLong.of(free.getAsLong() + freed));
        }
        return shortage;
    }

    /** Whether workers share what was imported, in the generation before and in this one. */
    private boolean sharesMemory(Generation next) {
        return next.isPreloaded()
                && settings().groups().stream()
                        .allMatch(group -> group.workers().preload());
    }

    /** One more comes alone: where memory is shared, with all that the others would share with it. */
    private static List<Long> largest(List<Long> sizes) {
        return sizes.isEmpty() ? sizes : List.of(Collections.max(sizes));
    }

    /**
     * Bytes of each worker in this state.
     *
     * @param shared whether they share what was imported: then it counts whole for one of them, for the parent has its part too, and the
     *     others count with their parts
     */
    private static List<Long> sizes(Supervisor supervisor, WorkerState state, boolean shared) {
        List<Long> sizes = new ArrayList<>();
        for (WorkerSnapshot worker : supervisor.snapshots()) {
            if (worker.state() == state) {
                boolean part = shared && !sizes.isEmpty();
                ResidentMemory.of(worker.pid(), part).ifPresent(sizes::add);
            }
        }
        return sizes;
    }

    /** Who saves files sees in the browser why they do not run. */
    private void showFault(String why) {
        if (settings().application().filter(Settings.Application::reload).isPresent()) {
            fault.accept(why);
        }
    }

    private void took(Served next) {
        synchronized (lock) {
            before = Optional.of(present);
            present = next;
        }
        serves.accept(next.read().settings());
        keep("done", generation(), "");
    }

    private void keep(String outcome, int generation, String failure) {
        Instant now = clock.instant();
        synchronized (lock) {
            last = Optional.of(new Picture.Reload(generation, outcome, now, failure));
        }
    }
}
