package terpan.worker;

import java.io.FileInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker's process that a {@link ForkParent} forks: asked for at first, there once it greets. Its parent tells its end; where that one
 * ended before, the kernel does, without a status. What it writes goes into a pipe that it has made itself, and that we open by its name
 * in {@code /proc}. Rejected: a socket, which a program can not open as {@code /dev/stdout}; a named pipe, whose name could be left behind.
 */
final class ForkedProcess implements WorkerProcess {
    /** As Java tells of a process that a signal has killed. */
    private static final int TERM = 15;

    private static final int KILL = 9;
    private static final int TERMINATED = 128 + TERM;

    static final int KILLED = 128 + KILL;
    /** A parent is waited for that long with a worker's end. */
    private static final long TOLD_MOST = TimeUnit.MILLISECONDS.toNanos(500);

    /** One that is at hooks of its application, or was paused, may take a while; one that takes longer hangs. */
    private static final long OWED_MOST = TimeUnit.SECONDS.toNanos(10);

    private static final Logger LOG = LoggerFactory.getLogger(ForkedProcess.class);

    /**
     * What a parent has left so far, and at its end.
     *
     * @param spoken whether it was a Python of ours, which has spoken
     */
    record Last(List<String> lines, List<String> late, boolean spoken) {
        static final Last NOTHING = new Last(List.of(), List.of(), false);
    }

    /** What one writes, and the pipe's name in {@code /proc}. */
    record Written(FileInputStream stream, String pipe) {}

    private final String name;
    private final String token;
    private final Map<String, String> orders;
    private final ForkParent parent;
    private final LineObserver lines;
    private final Observer observer;
    private final AtomicBoolean outputEnded = new AtomicBoolean();

    // Changed by the supervisor's thread, and by the process's end.
    private volatile Optional<ProcessHandle> handle = Optional.empty();
    private volatile OptionalInt status = OptionalInt.empty();
    private volatile Optional<WorkerOutput> output = Optional.empty();
    private volatile String pipe = "";
    private volatile Last last = Last.NOTHING;
    private volatile boolean orphan;
    private boolean terminated;
    private long seenEnded;
    private boolean givenUp;
    private int asked;

    /**
     * One that nobody was asked for yet.
     *
     * @param orders what is its own of a launcher's orders
     */
    ForkedProcess(
            String name,
            String token,
            Map<String, String> orders,
            ForkParent parent,
            LineObserver lines,
            Observer observer) {
        this.name = name;
        this.token = token;
        this.orders = orders;
        this.parent = parent;
        this.lines = lines;
        this.observer = observer;
    }

    String token() {
        return token;
    }

    Map<String, String> orders() {
        return orders;
    }

    /** A parent was told to fork it. */
    void asked() {
        asked++;
        orphan = false;
    }

    /** Whether a parent was told before, which is gone. */
    boolean wasAsked() {
        return asked > 0;
    }

    /** It shall not come any more. */
    void givenUp() {
        givenUp = true;
    }

    /** Whether another parent may be told when this one ends: once, for it may be what ends it. */
    boolean mayBeAskedAgain() {
        return asked < 2 && !givenUp && !terminated;
    }

    /** Whether it has said which process it is. */
    boolean hasGreeted() {
        return handle.isPresent();
    }

    @Override
    public long pid() {
        return handle.map(ProcessHandle::pid).orElse(0L);
    }

    @Override
    public long origin() {
        return parent.pid();
    }

    @Override
    public boolean hasSpoken() {
        return isAlive() ? parent.left().spoken() : last.spoken();
    }

    @Override
    public Optional<String> greeted(long pid, String named) {
        handle = ProcessHandle.of(pid);
        if (handle.isEmpty() || !SessionLeader.isRunning(pid)) {
            return Optional.empty(); // it has ended meanwhile, and its parent says so
        }
        Optional<String> unread = open(named);
        if (terminated) {
            terminate();
        }
        return unread;
    }

    /** Why nobody would read what it writes, which would make it wait or fail some day; empty: it is read. */
    private Optional<String> open(String named) {
        Optional<Written> found;
        try {
            found = named.matches("\\d{1,9}") ? parent.written(pid(), named) : Optional.empty();
        } catch (IOException refused) {
            return SessionLeader.isRunning(pid())
                    ? Optional.of("its output can not be opened: " + refused.getMessage())
                    : Optional.empty(); // its end is told
        }
        if (found.isEmpty()) {
            return Optional.of("it names its output \"" + ControlOrder.shown(named) + "\", which is no pipe of it");
        }
        try {
            pipe = found.get().pipe();
            output = Optional.of(WorkerOutput.read(
                    name, orders.getOrDefault(Spawner.MARK, ""), found.get().stream(), lines, this::tellOutputEnded));
            return Optional.empty();
        } catch (OutOfMemoryError noThread) {
            close(found.get().stream());
            return Optional.of("there is no thread to read its output: " + noThread.getMessage());
        }
    }

    private static void close(FileInputStream stream) {
        try {
            stream.close();
        } catch (IOException closed) {
            LOG.atDebug().setCause(closed).log("closing a worker's output failed");
        }
    }

    /** It has ended, whoever says so. */
    void ended(int itsStatus) {
        synchronized (this) {
            if (status.isPresent()) {
                return;
            }
            status = OptionalInt.of(itsStatus);
        }
        observer.exited(itsStatus);
        if (output.isEmpty()) {
            tellOutputEnded();
        }
    }

    /** It ends before it was there, and this is what its parent wrote at last. */
    void neverBegan(int itsStatus, Last left) {
        last = left;
        ended(itsStatus);
    }

    private void tellOutputEnded() {
        if (!outputEnded.getAndSet(true)) {
            observer.outputEnded();
        }
    }

    /** Its parent is gone: the kernel tells its end from now on, to who looks. */
    void orphaned() {
        orphan = true;
        if (handle.isPresent() && exitStatus().isEmpty()) {
            try {
                var _ = handle.get().onExit().thenRun(() -> ended(parent.endOf(pid())));
            } catch (OutOfMemoryError noThread) {
                // Who looks once a second sees it too.
                LOG.atDebug().setCause(noThread).log("nobody waits for a worker's end");
            }
        }
    }

    @Override
    public boolean isAlive() {
        return status.isEmpty();
    }

    /**
     * One that has ended is there until somebody has waited for it: whoever took it over, which may take a while; or its parent, which has a
     * moment to say so.
     */
    @Override
    public OptionalInt exitStatus() {
        if (status.isEmpty() && handle.isPresent() && !SessionLeader.isRunning(pid())) {
            if (orphan) {
                ended(parent.endOf(pid()));
            } else if (seenEnded == 0) {
                seenEnded = Math.max(1, parent.now());
            } else if (parent.now() - seenEnded > TOLD_MOST) {
                ended(parent.endOf(pid()));
            }
        }
        return status;
    }

    /** Whether its end was seen so long ago that a parent that does its work would have told it. */
    boolean isOwed(long now) {
        return seenEnded != 0 && now - seenEnded > OWED_MOST;
    }

    @Override
    public List<String> lastLines() {
        return output.map(WorkerOutput::lastLines).orElseGet(() -> last.lines());
    }

    @Override
    public List<String> lateLines() {
        return output.map(WorkerOutput::lateLines)
                .orElseGet(() -> isAlive() ? parent.left().late() : last.late());
    }

    @Override
    public void abandonOutput() {
        output.ifPresent(read -> read.abandon(pipe));
    }

    @Override
    public void terminate() {
        terminated = true;
        if (handle.isPresent() && parent.isOutOfReach()) {
            parent.signal(pid(), TERM);
        } else if (handle.isPresent()) {
            handle.get().destroy();
        } else if (parent.withdraw(this)) {
            ended(TERMINATED);
        }
    }

    @Override
    public void kill() {
        if (handle.isEmpty()) {
            parent.giveUp(this);
            return;
        }
        if (parent.isOutOfReach()) {
            parent.signal(pid(), KILL); // what descends from it is in its session, which its guard ends
            return;
        }
        List<ProcessHandle> descendants = handle.get().descendants().toList();
        handle.get().destroyForcibly();
        descendants.forEach(ProcessHandle::destroyForcibly);
    }
}
