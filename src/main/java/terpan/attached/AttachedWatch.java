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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;
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

    private final Duration connectTimeout;
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
    private boolean expected = true;
    private boolean stopping;

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
     * @param connectTimeout how long a connect may take
     * @param random a value in [0, bound) for a bound
     */
    public AttachedWatch(
            Duration connectTimeout,
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

    /** Names that workers have are to be looked up anew each time; called before anybody has looked up any. */
    public static void lookUpAnew() {
        Lookups.forgetAnswers();
    }

    public void start() {
        thread.start();
    }

    /** Watches a worker from now on; what the observer is told of it goes by its name. */
    public void add(Attach attach, Targets targets) {
        mailbox.add(() -> {
            Watched[] self = new Watched[1];
            Runnable wake = () -> mailbox.add(() -> look(self[0]));
            long now = nanoTime.getAsLong();
            self[0] = new Watched(
                    new AttachedWorker(attach, targets, connectTimeout, wake, random, now), clock.instant());
            List<Watched> more = new ArrayList<>(all);
            more.add(self[0]);
            all = List.copyOf(more);
        });
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
        tellExpected();
    }

    private void lookUp(Watched watched, long now) {
        AttachedWorker worker = watched.worker;
        if (!worker.lookupIsDue(now)) {
            return;
        }
        if (worker.isLookingUp()) {
            worker.lookupTooLong();
            observer.onLookedUp(watched.name(), false);
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
        watched.worker.notFound(why, nanoTime.getAsLong());
        observer.onLookedUp(watched.name(), false);
    }

    private void found(Watched watched, List<InetAddress> addresses) {
        boolean others = watched.worker.found(addresses, nanoTime.getAsLong());
        observer.onLookedUp(watched.name(), true);
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
            observer.onMoved(watched.name());
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
                        observer.onProbed(watched.name(), true);
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
        observer.onProbed(watched.name(), false);
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
            observer.onRoom(watched.name(), room);
        }
        if (watched.state != before && watched.state == AttachedState.EJECTED) {
            observer.onEjected(watched.name(), worker.fault());
        }
        if (watched.up < upBefore) {
            worker.doubtName(nanoTime.getAsLong());
            observer.onMoved(watched.name());
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
        if (now != expected) {
            expected = now;
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
