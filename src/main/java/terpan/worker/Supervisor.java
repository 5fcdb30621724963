package terpan.worker;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
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
    private static final Logger OUTPUT = LoggerFactory.getLogger("terpan.worker.output");
    private static final int MAILBOX_ROOM = 1024;
    private static final int MESSAGES_A_WORKER = 64;
    private static final Duration GUARD_PAUSE = Duration.ofSeconds(1);

    private final WorkerPlan plan;
    private final RunDirectory directory;
    private final PythonFiles python;
    private final WorkerObserver observer;
    private final LineObserver lines;
    private final LongSupplier nanoTime;
    private final InstantSource clock;
    private final BlockingQueue<Message> mailbox;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final Thread thread;

    // Set once by the supervisor's thread before the first message; read by others only through what is thread-safe in
    // them.
    private volatile List<WorkerHandle> handles = List.of();
    private volatile @Nullable Spawner spawner;

    // Owned by the supervisor's thread.
    private @Nullable Guard guard;
    private long guardDue = Long.MAX_VALUE;
    private boolean everReady;
    private boolean hope = true;
    private boolean stopping;

    public Supervisor(
            WorkerPlan plan,
            RunDirectory directory,
            PythonFiles python,
            WorkerObserver observer,
            LineObserver lines,
            LongSupplier nanoTime,
            InstantSource clock) {
        this.plan = plan;
        this.directory = directory;
        this.python = python;
        this.observer = observer;
        this.lines = lines;
        this.nanoTime = nanoTime;
        this.clock = clock;
        this.mailbox = new ArrayBlockingQueue<>(
                MAILBOX_ROOM + MESSAGES_A_WORKER * plan.workers().count());
        this.thread = new Thread(this::run, "terpan-supervisor");
    }

    /** Writes each line of a worker to the logger {@code terpan.worker.output}, with the worker's name. */
    public static LineObserver logLines() {
        return (worker, line) -> OUTPUT.atInfo().addKeyValue("worker", worker).log(line);
    }

    /** Begins; what becomes of it is told to the observer. */
    public void start() {
        thread.start();
    }

    /** Drains all workers, for at most the given time each, then ends them. Completed when no process of ours is left. */
    public CompletableFuture<Void> stop(Duration drain) {
        put(new Message.Stop(drain));
        return ended;
    }

    /** Ends all workers at once. Completed when no process of ours is left. */
    public CompletableFuture<Void> stopNow() {
        put(new Message.StopNow());
        return ended;
    }

    /** Drains a worker, ends its process and starts another. False: there is none of that name. */
    public boolean restart(String worker) {
        boolean known = handles.stream().anyMatch(handle -> handle.name().equals(worker));
        if (known) {
            put(new Message.Restart(worker));
        }
        return known;
    }

    /** Completed when no process of ours is left. */
    public CompletableFuture<Void> ended() {
        return ended;
    }

    /** All workers as they are now, in the order of their names; from any thread. */
    public List<WorkerSnapshot> snapshots() {
        return handles.stream().map(WorkerHandle::snapshot).toList();
    }

    /** Whether a worker's process is known to be alive; cheap, from any thread. */
    public boolean isAlive(long pid) {
        Spawner known = spawner;
        return known != null && known.isAlive(pid);
    }

    /** Sends a worker's process a signal, such as {@link ServerProfile#STACK_SIGNAL}; never blocks. False: too busy to. */
    public boolean signal(long pid, int number) {
        return mailbox.offer(new Message.Signal(pid, number));
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
        try (ControlServer control = ControlServer.open(
                directory.controlSocket(),
                (token, fields, connection) -> put(new Message.Said(token, fields, connection)))) {
            begin(control);
            while (!isOver()) {
                turn();
            }
            closeGuard();
        } catch (IOException error) {
            observer.onStartFailed(
                    new StartFailure.DirectoryUnusable(directory.controlSocket(), RunDirectory.describe(error)));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            ended.complete(null);
        }
    }

    private void begin(ControlServer control) {
        SecureRandom random = new SecureRandom();
        Spawner fresh = new Spawner(plan, directory, python, control, lines, this::put, () -> {
            byte[] token = new byte[16];
            random.nextBytes(token);
            return HexFormat.of().formatHex(token);
        });
        spawner = fresh;
        try {
            Guard started = fresh.guard();
            guard = started;
            Backoff backoff =
                    new Backoff(plan.workers().backoffFirst(), plan.workers().backoffMost());
            Crew crew =
                    new Crew(plan, fresh, started, observer, this::put, nanoTime, clock, backoff, 1, this::failedFirst);
            List<WorkerHandle> all = new ArrayList<>();
            for (int index = 1; index <= plan.workers().count(); index++) {
                all.add(new WorkerHandle(index, crew));
            }
            handles = List.copyOf(all);
            handles.forEach(handle -> handle.start("the first start"));
        } catch (IOException error) {
            failedFirst(new StartFailure.InterpreterMissing(plan.interpreter(), RunDirectory.describe(error)));
        }
    }

    private boolean isOver() {
        return stopping && handles.stream().allMatch(WorkerHandle::isEnded);
    }

    private void turn() throws InterruptedException {
        long now = nanoTime.getAsLong();
        long due = guardDue;
        for (WorkerHandle handle : handles) {
            due = Math.min(due, handle.deadline());
        }
        Message message =
                due == Long.MAX_VALUE ? mailbox.take() : mailbox.poll(Math.max(0, due - now), TimeUnit.NANOSECONDS);
        try {
            if (message != null) {
                handle(message);
            }
            passDeadlines();
            tellHope();
        } catch (RuntimeException bug) {
            // A broken invariant of one worker must not leave the others without a supervisor.
            LOG.atError().setCause(bug).addKeyValue("message", message).log("supervisor failed on a message");
        }
    }

    private void handle(Message message) {
        switch (message) {
            case Message.Said(String token, Map<String, String> fields, ControlServer.Connection connection) ->
                of(token, handle -> handle.said(fields, connection));
            case Message.Exited(String token, int status) -> of(token, handle -> handle.exited(status));
            case Message.OutputEnded(String token) -> of(token, WorkerHandle::outputEnded);
            case Message.Idle(String token) -> of(token, WorkerHandle::idle);
            case Message.Probed(String token) -> of(token, WorkerHandle::probed);
            case Message.GuardExited() -> guardDue = nanoTime.getAsLong() + GUARD_PAUSE.toNanos();
            case Message.Restart(String worker) -> {
                if (!stopping) {
                    handles.stream()
                            .filter(handle -> handle.name().equals(worker))
                            .forEach(handle -> handle.restart("restart was asked"));
                }
            }
            case Message.Signal(long pid, int number) -> send(pid, number);
            case Message.Stop(Duration drain) -> {
                stopping = true;
                handles.forEach(handle -> handle.stop(drain));
            }
            case Message.StopNow() -> endAll();
        }
    }

    private void of(String token, java.util.function.Consumer<WorkerHandle> act) {
        for (WorkerHandle handle : handles) {
            if (handle.holds(token)) {
                act.accept(handle);
                everReady |= handle.snapshot().state() == WorkerState.READY;
                return;
            }
        }
    }

    private void send(long pid, int number) {
        if (guard != null && isAlive(pid)) {
            guard.signal(pid, number);
        }
    }

    private void passDeadlines() {
        long now = nanoTime.getAsLong();
        for (WorkerHandle handle : handles) {
            if (handle.deadline() <= now) {
                handle.deadlinePassed();
            }
        }
        if (guardDue <= now && guard != null) {
            guardDue = Long.MAX_VALUE;
            LOG.atWarn().log("guard ended and is replaced");
            try {
                guard.replace();
            } catch (IOException error) {
                LOG.atError().addKeyValue("error", error).log("guard could not be replaced");
                guardDue = now + GUARD_PAUSE.toNanos();
            }
        }
    }

    private void tellHope() {
        boolean now = !stopping && handles.stream().anyMatch(WorkerHandle::hasHope);
        if (now != hope) {
            hope = now;
            observer.onHope(now);
        }
    }

    /** A worker failed for a reason that starting again can not mend: only fatal while none was ever ready. */
    private void failedFirst(StartFailure failure) {
        if (everReady || stopping) {
            return;
        }
        observer.onStartFailed(failure);
        endAll();
    }

    private void endAll() {
        stopping = true;
        handles.forEach(WorkerHandle::stopNow);
    }

    private void closeGuard() {
        if (guard != null) {
            guard.close();
        }
    }
}
