package terpan.attached;

import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import terpan.config.Attach;

/**
 * Watches the workers that someone else runs: looks their names up, probes what is not known to be well, and tells an observer who gets
 * requests. One thread owns all of it; loops, lookups and probes only put messages into its mailbox, each at most one until it is read.
 */
public final class AttachedWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AttachedWatch.class);
    private static final Duration END_MOST = Duration.ofSeconds(5);
    private static final Duration KNOWN_MOST = Duration.ofSeconds(5);

    private final Supplier<Duration> connectTimeout;
    private final AttachedObserver observer;
    private final LongSupplier nanoTime;
    private final InstantSource clock;
    private final LongUnaryOperator random;
    private final LinkedBlockingQueue<Runnable> mailbox = new LinkedBlockingQueue<>();
    private final Lookups lookups = new Lookups();
    private final CompletableFuture<Void> tried = new CompletableFuture<>();
    private final Thread thread;

    // Owned by the thread; others read the list, and of each worker what is told of it.
    private volatile List<Watched> all = List.of();
    private final Map<AttachedAddress, Probe> probes = new HashMap<>();
    private Optional<Boolean> expected = Optional.empty();
    private final List<Pending> pending = new ArrayList<>();
    private boolean stopping;

    /** What is to be done once something is known of workers. */
    private record Pending(Set<Attach> workers, long until, Runnable what) {}

    /** A worker and what was told of it last. */
    private static final class Watched {
        private final AttachedWorker worker;
        private AttachedState state = AttachedState.STARTING;
        private int room;
        private int up;
        private boolean nameTrouble;
        private long probeTold = AttachedAddress.NEVER;
        private Instant since;
        private volatile AttachedSnapshot snapshot;

        Watched(AttachedWorker worker, Instant since) {
            this.worker = worker;
            this.since = since;
            this.snapshot = new AttachedSnapshot(
                    worker.attach.name(), worker.attach.group(), state, worker.reason(), since, Optional.empty());
        }

        String name() {
            return worker.attach.name();
        }
    }

    /**
     * A watch that has not begun.
     *
     * @param connectTimeout how long a connect may take, as it is now
     * @param random a value in [0, bound) for a bound
     */
    public AttachedWatch(
            Supplier<Duration> connectTimeout,
            AttachedObserver observer,
            LongSupplier nanoTime,
            InstantSource clock,
            LongUnaryOperator random) {
        this.connectTimeout = connectTimeout;
        this.observer = observer;
        this.nanoTime = nanoTime;
        this.clock = clock;
        this.random = random;
        this.thread = Thread.ofPlatform().name("terpan-attached").daemon().unstarted(this::run);
    }

    /** Names that workers have are to be looked up anew each time; those that somebody has looked up before may be remembered for half a minute. */
    public static void lookUpAnew() {
        Lookups.forgetAnswers();
    }

    /** Begins, if it has not begun. */
    public synchronized void start() {
        if (thread.getState() == Thread.State.NEW) {
            thread.start();
        }
    }

    /** Has the watch's thread do this, between what it hears of one worker and the next. */
    public void execute(Runnable what) {
        mailbox.add(what);
    }

    /** Watches these workers no more; on its own thread. Nothing of them is told after it. */
    public void forget(Set<Attach> gone) {
        List<Watched> left = new ArrayList<>(all);
        left.removeIf(watched -> gone.contains(watched.worker.attach));
        List<Watched> leaving = new ArrayList<>(all);
        leaving.removeAll(left);
        all = List.copyOf(left);
        leaving.forEach(watched -> watched.worker.leave());
        cancelProbesOfGone();
    }

    /**
     * Runs something once something is known of each of these workers, well or not, or after some seconds; on its own thread, to be asked for
     * there.
     */
    public void whenKnown(Set<Attach> workers, Runnable what) {
        pending.add(new Pending(workers, nanoTime.getAsLong() + KNOWN_MOST.toNanos(), what));
    }

    private void runPending(long now) {
        for (Pending one : List.copyOf(pending)) {
            boolean known = all.stream()
                    .filter(watched -> one.workers().contains(watched.worker.attach))
                    .noneMatch(watched -> watched.state == AttachedState.STARTING);
            if (known || now - one.until() >= 0) {
                pending.remove(one);
                one.what().run();
            }
        }
    }

    /** Watches a worker from now on. */
    public void add(Attach attach, Targets targets) {
        if (Thread.currentThread() == thread) {
            addNow(attach, targets);
        } else {
            mailbox.add(() -> addNow(attach, targets));
        }
    }

    private void addNow(Attach attach, Targets targets) {
        Watched[] self = new Watched[1];
        Runnable wake = () -> mailbox.add(() -> look(self[0]));
        long now = nanoTime.getAsLong();
        self[0] = new Watched(
                new AttachedWorker(attach, targets, connectTimeout.get(), wake, random, now), clock.instant());
        List<Watched> more = new ArrayList<>(all);
        more.add(self[0]);
        all = List.copyOf(more);
    }

    /** Looks at a worker that is left out now, whenever its next probe is. False: there is none of that name. */
    public boolean probe(String name) {
        Optional<Watched> found =
                all.stream().filter(watched -> watched.name().equals(name)).findFirst();
        found.ifPresent(watched -> mailbox.add(() -> watched.worker.probeNow(nanoTime.getAsLong())));
        return found.isPresent();
    }

    /** Completed once a worker is ready, or each has been looked at. */
    public CompletableFuture<Void> tried() {
        return tried;
    }

    /** All workers as they are now; from any thread. */
    public List<AttachedSnapshot> snapshots() {
        return all.stream().map(watched -> watched.snapshot).toList();
    }

    private void run() {
        while (!stopping) {
            try {
                Runnable message = next();
                if (message != null) {
                    message.run();
                }
                work(nanoTime.getAsLong());
            } catch (InterruptedException interrupted) {
                throw new IllegalStateException("nobody interrupts the watch", interrupted);
            } catch (RuntimeException | OutOfMemoryError bug) {
                // A broken invariant of one worker, or no thread for its probe, must not leave the others unwatched.
                LOG.atError().setCause(bug).log("the watch of attached workers failed on a message");
            }
        }
    }

    private @Nullable Runnable next() throws InterruptedException {
        long due = AttachedAddress.NEVER;
        for (Watched watched : all) {
            due = Math.min(due, watched.worker.due());
        }
        for (Pending one : pending) {
            due = Math.min(due, one.until());
        }
        return due == AttachedAddress.NEVER
                ? mailbox.take()
                : mailbox.poll(Math.max(0, due - nanoTime.getAsLong()), TimeUnit.NANOSECONDS);
    }

    private void work(long now) {
        for (Watched watched : all) {
            lookUp(watched, now);
            for (AttachedAddress address : watched.worker.addresses()) {
                probe(watched, address, now);
            }
            tell(watched);
        }
        runPending(now);
        tellExpected();
    }

    private void lookUp(Watched watched, long now) {
        AttachedWorker worker = watched.worker;
        if (!worker.lookupIsDue(now)) {
            return;
        }
        if (worker.isLookingUp()) {
            worker.lookupTooLong();
            observer.onLookedUp(watched.worker.attach, false);
            return;
        }
        worker.lookupBegins(now);
        try {
            lookups.begin(
                    worker.hostName().orElseThrow(),
                    addresses -> mailbox.add(() -> found(watched, addresses)),
                    why -> mailbox.add(() -> notFound(watched, why)));
        } catch (RuntimeException | OutOfMemoryError noThread) {
            notFound(watched, "there is no thread to look it up");
            throw noThread;
        }
    }

    private void notFound(Watched watched, String why) {
        if (!all.contains(watched)) {
            return;
        }
        watched.worker.notFound(why, nanoTime.getAsLong());
        observer.onLookedUp(watched.worker.attach, false);
    }

    private void found(Watched watched, List<InetAddress> addresses) {
        if (!all.contains(watched)) {
            return;
        }
        boolean others = watched.worker.found(addresses, nanoTime.getAsLong());
        observer.onLookedUp(watched.worker.attach, true);
        if (others) {
            LOG.atInfo()
                    .addKeyValue("worker", watched.name())
                    .addKeyValue(
                            "addresses",
                            watched.worker.addresses().stream()
                                    .map(address -> AttachedWorker.text(address.target.address()))
                                    .toList())
                    .log("worker addresses");
            cancelProbesOfGone();
            observer.onMoved(watched.worker.attach);
        }
    }

    private void cancelProbesOfGone() {
        probes.entrySet().removeIf(probe -> {
            boolean gone = probe.getKey().isGone();
            if (gone) {
                probe.getValue().cancel();
            }
            return gone;
        });
    }

    private void look(Watched watched) {
        long now = nanoTime.getAsLong();
        watched.worker.addresses().forEach(address -> address.look(now));
    }

    private void probe(Watched watched, AttachedAddress address, long now) {
        if (address.due() > now) {
            return;
        }
        if (address.isProbing()) {
            Probe late = probes.remove(address);
            if (late != null) {
                late.cancel();
            }
            boolean connected = late != null && late.isConnected();
            failed(
                    watched,
                    address,
                    connected ? Fault.CHECK : Fault.CONNECT,
                    connected ? "its check path was not answered in time" : "no connection in time");
            return;
        }
        address.probeBegins(now);
        Probe[] self = new Probe[1];
        // It is put among the probes before its result is looked at, for both is done by this thread.
        self[0] = Probe.start(address.target.address(), watched.worker.attach, new Probe.Result() {
            @Override
            public void passed(String what) {
                mailbox.add(() -> {
                    if (probes.remove(address, self[0])) {
                        address.probePassed(what, nanoTime.getAsLong());
                        observer.onProbed(watched.worker.attach, true);
                    }
                });
            }

            @Override
            public void failed(Fault fault, String why) {
                mailbox.add(() -> {
                    if (probes.remove(address, self[0])) {
                        AttachedWatch.this.failed(watched, address, fault, why);
                    }
                });
            }
        });
        probes.put(address, self[0]);
    }

    private void failed(Watched watched, AttachedAddress address, Fault fault, String why) {
        long now = nanoTime.getAsLong();
        address.probeFailed(fault, why, now);
        observer.onProbed(watched.worker.attach, false);
        if (fault == Fault.CONNECT) {
            watched.worker.doubtName(now);
        }
    }

    /** Tells what has changed of a worker: one line for each change, however often it is probed meanwhile. */
    private void tell(Watched watched) {
        AttachedWorker worker = watched.worker;
        AttachedState before = watched.state;
        int upBefore = watched.up;
        boolean troubleBefore = watched.nameTrouble;
        watched.state = worker.state();
        watched.up = worker.up();
        watched.nameTrouble = !worker.nameTrouble().isEmpty();
        if (watched.state != before) {
            watched.since = clock.instant();
        }
        if (watched.state != before || watched.up != upBefore || watched.nameTrouble != troubleBefore) {
            log(watched);
        }
        publish(watched);
        int room = worker.room();
        if (room != watched.room) {
            watched.room = room;
            observer.onRoom(watched.worker.attach, room);
        }
        if (watched.state != before && watched.state == AttachedState.EJECTED) {
            observer.onEjected(watched.worker.attach, worker.fault());
        }
        if (watched.up < upBefore) {
            worker.doubtName(nanoTime.getAsLong());
            observer.onMoved(watched.worker.attach);
        }
    }

    private static void log(Watched watched) {
        boolean good = watched.state == AttachedState.READY && !watched.nameTrouble;
        LOG.atLevel(good || watched.state == AttachedState.STARTING ? Level.INFO : Level.WARN)
                .addKeyValue("worker", watched.name())
                .addKeyValue("state", watched.state)
                .addKeyValue("reason", watched.worker.reason())
                .log("worker state");
    }

    private void publish(Watched watched) {
        long due = watched.worker.nextProbe();
        Optional<Instant> probe = due == AttachedAddress.NEVER
                ? Optional.empty()
                : Optional.of(clock.instant()
                        .plusNanos(Math.max(0, due - nanoTime.getAsLong()))
                        .truncatedTo(ChronoUnit.MILLIS));
        if (due != watched.probeTold
                || !watched.snapshot.reason().equals(watched.worker.reason())
                || watched.snapshot.state() != watched.state) {
            watched.probeTold = due;
            watched.snapshot = new AttachedSnapshot(
                    watched.name(),
                    watched.worker.attach.group(),
                    watched.state,
                    watched.worker.reason(),
                    watched.since,
                    probe);
        }
    }

    private void tellExpected() {
        boolean now = all.stream().anyMatch(watched -> watched.worker.isExpected());
        if (!expected.equals(Optional.of(now))) {
            expected = Optional.of(now);
            observer.onExpected(now);
        }
        if (!tried.isDone()
                && (all.stream().anyMatch(watched -> watched.state == AttachedState.READY)
                        || all.stream().noneMatch(watched -> watched.state == AttachedState.STARTING))) {
            tried.complete(null);
        }
    }

    /** Ends the watch; what is said of the workers stays as it is. */
    @Override
    public void close() {
        mailbox.add(() -> stopping = true);
        try {
            if (thread.isAlive() && !thread.join(END_MOST)) {
                LOG.atError().log("the watch of attached workers did not end");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        List.copyOf(probes.values()).forEach(Probe::cancel);
        lookups.close();
    }
}
