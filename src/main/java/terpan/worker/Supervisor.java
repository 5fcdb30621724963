package terpan.worker;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.server.ServerProfile;

/**
 * Keeps the workers alive, and ends them. One thread owns every handle; everything else only puts messages into its bounded
 * mailbox. The launchers' control socket, the guard and the workers' processes belong to it; the run directory is its
 * caller's, which closes it after the end.
 */
public final class Supervisor {
    private static final Logger LOG = LoggerFactory.getLogger(Supervisor.class);
    private static final int MAILBOX_ROOM = 1024;
    private static final int MESSAGES_A_WORKER = 64;
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
    private static final Duration PUT_MOST = Duration.ofSeconds(2);
    private static final String STOPS = "Terpan is stopping";

    private final Generation first;
    private final RunDirectory directory;
    private final PythonFiles python;
    private final WorkerObserver observer;
    private final LineObserver lines;
    private final LongSupplier nanoTime;
    private final InstantSource clock;
    private final BlockingQueue<Message> mailbox;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final Thread thread;

    // Changed by the supervisor's thread; others read only what is thread-safe in them.
    private final Generations generations;
    private volatile @Nullable Spawner spawner;
    private boolean lasts; // before it begins

    // Owned by the supervisor's thread.
    private final OrderQueue orders = new OrderQueue();
    private @Nullable GuardWatch guardWatch;
    private long lookAt;
    private boolean expected = true;
    private boolean stopping;

    /**
     * A supervisor that has not begun.
     *
     * @param first what it starts with
     */
    public Supervisor(
            Generation first,
            RunDirectory directory,
            PythonFiles python,
            WorkerObserver observer,
            LineObserver lines,
            LongSupplier nanoTime,
            InstantSource clock) {
        this.first = first;
        this.directory = directory;
        this.python = python;
        this.observer = observer;
        this.lines = lines;
        this.nanoTime = nanoTime;
        this.clock = clock;
        this.mailbox = new ArrayBlockingQueue<>(MAILBOX_ROOM + MESSAGES_A_WORKER * first.workers());
        this.generations = new Generations(observer, this::failed);
        this.thread = new Thread(this::run, "terpan-supervisor");
        this.lookAt = nanoTime.getAsLong();
    }

    /** It stays when its first generation can not be started, for another to be led to; told before it begins. */
    public void lasts() {
        lasts = true;
    }

    /** Begins; what becomes of it is told to the observer. */
    public void start() {
        thread.start();
    }

    /** Drains all workers, for at most the given time each, then ends them. Completed when no process of ours is left. */
    public CompletableFuture<Void> stop(Duration drain) {
        return stop(drain, drain);
    }

    /**
     * The same.
     *
     * @param tasks how long what ASGI applications do behind their answers, and at their end, may take at least
     */
    public CompletableFuture<Void> stop(Duration drain, Duration tasks) {
        put(new Message.Stop(drain, tasks));
        return ended;
    }

    /** Ends all workers at once. Completed when no process of ours is left. */
    public CompletableFuture<Void> stopNow() {
        put(new Message.StopNow());
        return ended;
    }

    /** Whether there is a worker of that name in the generation that serves. */
    public boolean knows(String worker) {
        return names().contains(worker);
    }

    /** The names of the groups of the generation that serves, in their order. */
    public List<String> groups() {
        return generations.present().stream()
                .flatMap(present -> present.generation().plans().stream())
                .map(plan -> plan.group().name())
                .toList();
    }

    /** The names of all workers of the generation that serves, in their order. */
    public List<String> names() {
        return generations.present().stream()
                .flatMap(present -> present.handles().stream())
                .map(WorkerHandle::name)
                .distinct()
                .toList();
    }

    /**
     * Replaces workers one after the other, each by a process that is ready before the old one drains. Orders are carried out one after the
     * other.
     *
     * @return empty: the supervisor takes no orders, or has too many already
     */
    public Optional<Order> restart(List<String> workers) {
        return give(new Restart(workers, () -> generations.serving().roster()));
    }

    /**
     * Leads to another generation: its workers take the place of those that serve once all of them are ready and warmed. A newer such order
     * takes the place of an older one, which is taken back unless its workers serve already.
     *
     * @param next its number is higher than that of any before
     * @return empty: the supervisor takes no orders, or has too many already
     */
    public Optional<Order> rollOut(Generation next, Rollout.Observer outcome) {
        return give(new Rollout(next, generations, outcome));
    }

    /** Whether the workers of this very generation are there, kept for a rollback. From any thread. */
    public boolean keeps(Generation generation) {
        return generations.keeps(generation);
    }

    /** Whatever is kept for a rollback makes room. Never waits. */
    public void endKept() {
        execute(generations::endKept);
    }

    /**
     * Gives a group of the generation that serves another number of workers, until the next generation.
     *
     * @param count at least 1
     * @return empty: the supervisor takes no orders, or has too many already
     */
    public Optional<Order> scale(String group, int count) {
        return give(new Scale(group, count, Optional.empty(), generations::serving));
    }

    /**
     * The same where nobody asked for it but the load: unless another generation serves by then, and without waiting for workers that drain.
     *
     * @param generation the number of the one that was read
     * @param why the figure that was the reason
     */
    public Optional<Scale> scale(String group, int count, int generation, String why) {
        Scale scale = new Scale(group, count, Optional.of(new Scale.Unasked(generation, why)), generations::serving);
        return give(scale).map(given -> scale);
    }

    /** Counts the workers; waits for it, for a moment. Empty: it starts or stops, or is too busy. */
    public Optional<Census> census() {
        CompletableFuture<Census> counted = new CompletableFuture<>();
        if (!thread.isAlive() || generations.present().isEmpty()) {
            return Optional.empty();
        }
        execute(() -> counted.complete(Census.of(generations.serving(), orders.changesNumber())));
        try {
            return Optional.of(counted.get(PUT_MOST.toMillis(), TimeUnit.MILLISECONDS));
        } catch (ExecutionException | TimeoutException busy) {
            return Optional.empty();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /**
     * The same where there is no memory for both: one worker after the other goes before the next comes.
     *
     * @param roomForOne whether one worker may start before one goes
     */
    public Optional<Order> rollOutInPlace(Generation next, boolean roomForOne, Rollout.Observer outcome) {
        return give(new InPlaceRollout(next, roomForOne, generations, outcome));
    }

    private Optional<Order> give(Order order) {
        try {
            boolean taken = thread.isAlive()
                    && mailbox.offer(new Message.Ordered(order), PUT_MOST.toMillis(), TimeUnit.MILLISECONDS);
            return taken ? Optional.of(order) : Optional.empty();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** Drains a worker, ends its process, and only then starts another. */
    public void restartInPlace(String worker) {
        execute(() -> generations
                .serving()
                .roster()
                .present(worker)
                .ifPresent(handle -> handle.restart("restart was asked")));
    }

    /** Runs a task on the supervisor's thread; never blocks. Without room for it, it is not run. */
    public void execute(Runnable task) {
        var _ = mailbox.offer(new Message.Run(task));
    }

    /** Completed when no process of ours is left. */
    public CompletableFuture<Void> ended() {
        return ended;
    }

    /** All workers as they are now, in the order of their names; from any thread. */
    public List<WorkerSnapshot> snapshots() {
        return generations.handles().map(WorkerHandle::snapshot).toList();
    }

    /** Whether a worker's process is known to be alive; cheap, from any thread. */
    public boolean isAlive(long pid) {
        Spawner known = spawner;
        return known != null && known.isAlive(pid);
    }

    /** Sends a worker a signal, {@link ServerProfile#STACK_SIGNAL} to its process that accepts; never blocks. False: too busy to. */
    public boolean signal(long pid, int number) {
        return mailbox.offer(new Message.Signal(pid, number));
    }

    /** A worker hangs: it writes its stacks, is ended, and another is started. Never blocks; may be told again and again. */
    public void hangs(long pid, String why) {
        var _ = mailbox.offer(new Message.Hangs(pid, why));
    }

    private void put(Message message) {
        if (ended.isDone()) {
            return;
        }
        if (Thread.currentThread() == thread) {
            mailbox.add(message);
            return;
        }
        try {
            mailbox.put(message);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        boolean well = false;
        try (ControlServer control = ControlServer.open(directory.door(directory.controlSocket()), new Listener())) {
            begin(control);
            while (!isOver()) {
                turn();
            }
            if (guardWatch != null) {
                guardWatch.guard().close();
            }
            well = true;
        } catch (IOException error) {
            observer.onStartFailed(
                    new StartFailure.DirectoryUnusable(directory.controlSocket(), RunDirectory.describe(error)));
            well = true;
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException("nobody interrupts the supervisor", interrupted);
        } finally {
            if (well) {
                ended.complete(null);
            } else {
                ended.completeExceptionally(new IllegalStateException("the supervisor's thread has ended"));
            }
        }
    }

    /** Puts what launchers say into the mailbox. */
    private final class Listener implements ControlServer.Observer {
        @Override
        public void said(String token, Map<String, String> message, ControlServer.Connection connection) {
            put(new Message.Said(token, message, connection));
        }

        @Override
        public void broke(String token, String why) {
            put(new Message.Broke(token, why));
        }

        @Override
        public void saidAll(String token) {
            put(new Message.SaidAll(token));
        }
    }

    private void begin(ControlServer control) {
        String interpreter = first.interpreter();
        try {
            Spawner fresh = new Spawner(
                    directory.root().isPresent() ? "" : OtherUser.starter(first.application(), interpreter),
                    directory,
                    python,
                    control,
                    lines,
                    this::put);
            spawner = fresh;
            GuardWatch guards = new GuardWatch(fresh.guard(), directory, nanoTime);
            guardWatch = guards;
            generations.begin(first, new WorkerServices(fresh, guards, observer, this::put, nanoTime, clock));
        } catch (IOException error) {
            observer.onStartFailed(new StartFailure.InterpreterMissing(interpreter, RunDirectory.describe(error)));
            endAll();
        } catch (StartException refused) {
            observer.onStartFailed(refused.failure());
            endAll();
        }
    }

    private boolean isOver() {
        return stopping
                && generations.handles().allMatch(WorkerHandle::isEnded)
                && generations.all().stream().map(RunningGeneration::endParents).reduce(true, Boolean::logicalAnd);
    }

    private void turn() throws InterruptedException {
        long now = nanoTime.getAsLong();
        long due = Math.min(lookAt, generations.keptUntil());
        due = guardWatch == null ? due : Math.min(due, guardWatch.due());
        for (RunningGeneration generation : generations.all()) {
            for (WorkerHandle handle : generation.handles()) {
                due = Math.min(due, handle.deadline());
            }
        }
        Message message = mailbox.poll(Math.max(0, due - now), TimeUnit.NANOSECONDS);
        try {
            if (message != null) {
                handle(message);
            }
            look();
            passDeadlines();
            advanceOrders();
            tellExpected();
        } catch (RuntimeException bug) {
            // A broken invariant of one worker must not leave the others without a supervisor.
            LOG.atError().setCause(bug).addKeyValue("message", message).log("supervisor failed on a message");
        }
    }

    private void look() {
        long now = nanoTime.getAsLong();
        if (now >= lookAt) {
            lookAt = now + LOOK_EVERY.toNanos();
            generations.handles().forEach(WorkerHandle::look);
            generations.all().forEach(each -> each.parents().forEach(ForkParent::look));
            if (guardWatch != null) {
                guardWatch.look();
            }
        }
    }

    private void handle(Message message) {
        switch (message) {
            case Message.Said(String token, Map<String, String> fields, ControlServer.Connection connection) ->
                ofEither(token, speaker -> speaker.said(fields, connection));
            case Message.Broke(String token, String why) -> ofEither(token, speaker -> speaker.broke(why));
            case Message.SaidAll(String token) -> ofEither(token, Speaker::saidAll);
            case Message.Exited(String token, int status) -> ofEither(token, speaker -> speaker.exited(status));
            case Message.OutputEnded(String token) -> ofEither(token, Speaker::outputEnded);
            case Message.Idle(String token) -> of(token, WorkerHandle::idle);
            case Message.Probed(String token) -> of(token, WorkerHandle::probed);
            case Message.GuardExited() -> {
                if (guardWatch != null) {
                    guardWatch.look();
                }
            }
            case Message.Ordered(Order order) -> take(order);
            case Message.Run(Runnable task) -> task.run();
            case Message.Hangs(long pid, String why) ->
                generations.handles().filter(handle -> handle.leads(pid)).forEach(handle -> handle.hangs(why));
            case Message.Signal(long pid, int number) -> send(pid, number);
            case Message.Stop(Duration drain, Duration tasks) -> {
                startNothing();
                generations.handles().forEach(handle -> handle.stop(drain, tasks, "stop was asked"));
            }
            case Message.StopNow() -> endAll();
        }
    }

    private void take(Order order) {
        if (stopping) {
            order.cancel(STOPS);
        } else {
            orders.take(order);
        }
    }

    /** Orders go on; what others have taken the place of is forgotten. */
    private void advanceOrders() {
        orders.advance();
        generations.forgetGone();
    }

    private void ofEither(String token, Consumer<Speaker> act) {
        generations.all().stream()
                .flatMap(each -> each.parents().stream())
                .filter(parent -> parent.holds(token))
                .findFirst()
                .ifPresentOrElse(act, () -> of(token, act::accept));
    }

    private void of(String token, Consumer<WorkerHandle> act) {
        for (RunningGeneration generation : generations.all()) {
            for (WorkerHandle handle : generation.handles()) {
                if (handle.holds(token)) {
                    act.accept(handle);
                    if (handle.isReady()) {
                        generation.ready(handle);
                    }
                    return;
                }
            }
        }
    }

    private void send(long pid, int number) {
        GuardWatch guards = guardWatch;
        Spawner known = spawner;
        if (guards != null && known != null && known.isAlive(pid)) {
            guards.guard().signal(known.target(pid, number), number);
        }
    }

    private void passDeadlines() {
        long now = nanoTime.getAsLong();
        for (RunningGeneration generation : generations.all()) {
            for (WorkerHandle handle : generation.handles()) {
                if (handle.deadline() <= now) {
                    handle.deadlinePassed();
                }
            }
        }
        if (generations.keptUntil() <= now) {
            generations.endKept();
        }
        if (guardWatch != null && guardWatch.replaced() && !stopping) {
            generations
                    .handles()
                    .filter(handle -> handle.plan().shared())
                    .forEach(handle -> handle.restart("its socket went with the guard"));
        }
    }

    private void tellExpected() {
        boolean now = !stopping && generations.handles().anyMatch(WorkerHandle::isExpected);
        if (now != expected) {
            expected = now;
            observer.onExpected(now);
        }
    }

    /** A generation cannot be started at all, which its observer knows: its workers end, and with the last generation everything. */
    private void failed(RunningGeneration generation) {
        generation.ends();
        if (!lasts && generations.all().stream().allMatch(RunningGeneration::isEnding)) {
            endAll();
        } else {
            generation.stopNow();
        }
    }

    private void endAll() {
        startNothing();
        generations.all().forEach(RunningGeneration::stopNow);
    }

    private void startNothing() {
        stopping = true;
        orders.cancel(STOPS);
        generations.all().forEach(RunningGeneration::ends);
    }
}
