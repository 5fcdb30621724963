package terpan.worker;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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
    private static final int ORDERS_MOST = 16;

    private final List<WorkerPlan> plans;
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
    private final Roster roster = new Roster();
    private volatile @Nullable Spawner spawner;

    // Owned by the supervisor's thread.
    private final Set<String> groupsEverReady = new HashSet<>();
    private final Queue<Restart> orders = new ArrayDeque<>();
    private @Nullable GuardWatch guardWatch;
    private long lookAt;
    private boolean expected = true;
    private boolean stopping;

    /**
     * A supervisor that has not begun.
     *
     * @param plans one for each group of workers, at least one
     */
    public Supervisor(
            List<WorkerPlan> plans,
            RunDirectory directory,
            PythonFiles python,
            WorkerObserver observer,
            LineObserver lines,
            LongSupplier nanoTime,
            InstantSource clock) {
        this.plans = plans;
        this.directory = directory;
        this.python = python;
        this.observer = observer;
        this.lines = lines;
        this.nanoTime = nanoTime;
        this.clock = clock;
        int workers = plans.stream().mapToInt(plan -> plan.workers().count()).sum();
        this.mailbox = new ArrayBlockingQueue<>(MAILBOX_ROOM + MESSAGES_A_WORKER * workers);
        this.thread = new Thread(this::run, "terpan-supervisor");
        this.lookAt = nanoTime.getAsLong();
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

    /** Whether there is a worker of that name. */
    public boolean knows(String worker) {
        return roster.knows(worker);
    }

    /** The names of all workers, in their order. */
    public List<String> names() {
        return roster.all().stream().map(WorkerHandle::name).distinct().toList();
    }

    /**
     * Replaces workers one after the other, each by a process that is ready before the old one drains. Orders are carried out one after the
     * other.
     *
     * @return empty: the supervisor takes no orders, or has too many already
     */
    public Optional<Restart> restart(List<String> workers) {
        Restart order = new Restart(workers);
        try {
            boolean taken = thread.isAlive()
                    && mailbox.offer(new Message.Replace(order), PUT_MOST.toMillis(), TimeUnit.MILLISECONDS);
            return taken ? Optional.of(order) : Optional.empty();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** Drains a worker, ends its process, and only then starts another. */
    public void restartInPlace(String worker) {
        execute(() -> roster.present(worker).ifPresent(handle -> handle.restart("restart was asked")));
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
        return roster.all().stream().map(WorkerHandle::snapshot).toList();
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
        try (ControlServer control = ControlServer.open(directory.controlSocket(), new Listener())) {
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
        String interpreter = plans.getFirst().interpreter();
        try {
            Spawner fresh = new Spawner(
                    OtherUser.starter(plans.getFirst().application(), interpreter),
                    directory,
                    python,
                    control,
                    lines,
                    this::put);
            spawner = fresh;
            GuardWatch post = new GuardWatch(fresh.guard(), directory, nanoTime);
            guardWatch = post;
            List<WorkerHandle> all = new ArrayList<>();
            for (WorkerPlan plan : plans) {
                RunningGroup group = RunningGroup.of(
                        plan, fresh, post, observer, this::put, nanoTime, clock, failure -> failedFirst(plan, failure));
                for (int number = 1; number <= plan.workers().count(); number++) {
                    all.add(new WorkerHandle(all.size() + 1, number, group));
                }
            }
            roster.begin(all);
            all.forEach(handle -> handle.start("the first start"));
        } catch (IOException error) {
            observer.onStartFailed(new StartFailure.InterpreterMissing(interpreter, RunDirectory.describe(error)));
            endAll();
        } catch (StartException refused) {
            observer.onStartFailed(refused.failure());
            endAll();
        }
    }

    private boolean isOver() {
        return stopping && roster.all().stream().allMatch(WorkerHandle::isEnded);
    }

    private void turn() throws InterruptedException {
        long now = nanoTime.getAsLong();
        long due = guardWatch == null ? lookAt : Math.min(lookAt, guardWatch.due());
        for (WorkerHandle handle : roster.all()) {
            due = Math.min(due, handle.deadline());
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
            roster.all().forEach(WorkerHandle::look);
            if (guardWatch != null) {
                guardWatch.look();
            }
        }
    }

    private void handle(Message message) {
        switch (message) {
            case Message.Said(String token, Map<String, String> fields, ControlServer.Connection connection) ->
                of(token, handle -> handle.said(fields, connection));
            case Message.Broke(String token, String why) -> of(token, handle -> handle.broke(why));
            case Message.SaidAll(String token) -> of(token, WorkerHandle::saidAll);
            case Message.Exited(String token, int status) -> of(token, handle -> handle.exited(status));
            case Message.OutputEnded(String token) -> of(token, WorkerHandle::outputEnded);
            case Message.Idle(String token) -> of(token, WorkerHandle::idle);
            case Message.Probed(String token) -> of(token, WorkerHandle::probed);
            case Message.GuardExited() -> {
                if (guardWatch != null) {
                    guardWatch.look();
                }
            }
            case Message.Replace(Restart order) -> take(order);
            case Message.Run(Runnable task) -> task.run();
            case Message.Hangs(long pid, String why) ->
                roster.all().stream().filter(handle -> handle.leads(pid)).forEach(handle -> handle.hangs(why));
            case Message.Signal(long pid, int number) -> send(pid, number);
            case Message.Stop(Duration drain, Duration tasks) -> {
                stopping = true;
                cancelOrders();
                roster.all().forEach(handle -> handle.stop(drain, tasks, "stop was asked"));
            }
            case Message.StopNow() -> endAll();
        }
    }

    private void take(Restart order) {
        if (stopping || orders.size() == ORDERS_MOST) {
            order.cancel(stopping ? "Terpan is stopping" : "too many restarts wait already");
        } else {
            orders.add(order);
        }
    }

    private void cancelOrders() {
        orders.forEach(order -> order.cancel("Terpan is stopping"));
        orders.clear();
    }

    /** Orders go on, one at a time; what others have taken the place of is forgotten. */
    private void advanceOrders() {
        Restart order = orders.peek();
        try {
            if (order != null && order.advance(roster)) {
                orders.remove();
            }
        } catch (RuntimeException bug) {
            orders.remove().cancel("a fault in Terpan itself: " + bug);
            throw bug;
        }
        roster.forgetReplaced();
    }

    private void of(String token, java.util.function.Consumer<WorkerHandle> act) {
        for (WorkerHandle handle : roster.all()) {
            if (handle.holds(token)) {
                act.accept(handle);
                if (handle.snapshot().state() == WorkerState.READY) {
                    groupsEverReady.add(handle.plan().group().name());
                }
                return;
            }
        }
    }

    private void send(long pid, int number) {
        GuardWatch post = guardWatch;
        Spawner known = spawner;
        if (post != null && known != null && known.isAlive(pid)) {
            post.guard().signal(known.target(pid, number), number);
        }
    }

    private void passDeadlines() {
        long now = nanoTime.getAsLong();
        for (WorkerHandle handle : roster.all()) {
            if (handle.deadline() <= now) {
                handle.deadlinePassed();
            }
        }
        if (guardWatch != null && guardWatch.replaced() && !stopping) {
            roster.all().stream()
                    .filter(handle -> handle.plan().shared())
                    .forEach(handle -> handle.restart("its socket went with the guard"));
        }
    }

    private void tellExpected() {
        boolean now = !stopping && roster.all().stream().anyMatch(WorkerHandle::isExpected);
        if (now != expected) {
            expected = now;
            observer.onExpected(now);
        }
    }

    /** A worker failed for a reason that starting again can not mend: only fatal while none of its group was ever ready. */
    private void failedFirst(WorkerPlan plan, StartFailure failure) {
        if (groupsEverReady.contains(plan.group().name()) || stopping) {
            return;
        }
        observer.onStartFailed(failure);
        endAll();
    }

    private void endAll() {
        stopping = true;
        cancelOrders();
        roster.all().forEach(WorkerHandle::stopNow);
    }
}
