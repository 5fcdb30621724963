package terpan.daemon;

import java.io.IOException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.admin.CommandResult;
import terpan.handover.NotifySocket;
import terpan.picture.Picture;

/**
 * Terpan as a service of systemd: says when it serves and when it stops, how it is, and that it is well, as long as its own threads do what
 * they are told; the state of the application has no part in that. Says nothing where nobody asked to be told. The main thread calls it, and
 * never waits: a thread of its own looks and tells, for the first word takes the JVM a tenth of a second.
 */
final class Service implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Service.class);
    private static final Duration STATUS_EVERY = Duration.ofSeconds(10);
    /** How often it is looked at whether a reload has ended. */
    private static final Duration RELOAD_EVERY = Duration.ofMillis(50);

    private static final Duration SPARE = Duration.ofSeconds(10);
    private static final Duration LAST_WORDS = Duration.ofSeconds(5);
    /** So often within the time that systemd waits for a sign of life. */
    private static final int SIGNS = 3;

    /** Far more than there are. */
    private static final int MOST_WORDS = 16;

    private static final List<String> END = List.of();

    /** What is looked at once requests are served. */
    private record Watched(Supplier<Optional<String>> hangs, Supplier<String> how) {}

    private final Optional<NotifySocket> socket;
    /** How long systemd waits for a sign of life; zero: for ever. */
    private final Duration watchdog;

    private final BlockingQueue<List<String>> words = new ArrayBlockingQueue<>(MOST_WORDS);
    private final Thread thread =
            Thread.ofPlatform().name("terpan-service").daemon().unstarted(this::run);
    private volatile @Nullable Watched watched;
    private volatile BooleanSupplier underWay = () -> false;
    /** Reloads that were told of, and those of them whose order is being given. */
    private final AtomicInteger reloads = new AtomicInteger();

    private final AtomicInteger beginning = new AtomicInteger();
    private volatile int reloaded; // written by the thread
    private volatile boolean stopping;
    private volatile boolean handedOver;
    private String lastStatus = ""; // the thread's
    private long looked; // the thread's
    private boolean hung; // the thread's
    private boolean failing; // the thread's

    private Service(Optional<NotifySocket> socket, Duration watchdog) {
        this.socket = socket;
        this.watchdog = watchdog;
    }

    /** The service that this process's variables tell of. What cannot be told to is told of in the log. */
    static Service of(Map<String, String> environment, long pid) {
        try {
            Service service = new Service(NotifySocket.of(environment), watchdog(environment, pid));
            if (service.socket.isPresent()) {
                service.thread.start();
            }
            return service;
        } catch (IOException unusable) {
            LOG.atWarn().addKeyValue("reason", unusable.getMessage()).log("systemd is not told how this service is");
            return new Service(Optional.empty(), Duration.ZERO);
        }
    }

    private static Duration watchdog(Map<String, String> environment, long pid) {
        String process = environment.getOrDefault("WATCHDOG_PID", "");
        String time = environment.getOrDefault("WATCHDOG_USEC", "");
        boolean ours = process.isEmpty() || process.equals(Long.toString(pid));
        return ours && time.matches("[0-9]{1,15}")
                ? Duration.of(Long.parseLong(time), ChronoUnit.MICROS)
                : Duration.ZERO;
    }

    /** Workers are started; that may take so long. */
    void starting(Duration most) {
        say("STATUS=starting workers", extend(most));
    }

    /**
     * Requests are served. From now on systemd is told how it goes.
     *
     * @param hangs what of our own threads does not do what it is told
     * @param how it goes, in one line
     */
    void serving(Supplier<Optional<String>> hangs, Supplier<String> how) {
        watched = new Watched(hangs, how);
        say("READY=1", "MAINPID=" + ProcessHandle.current().pid());
    }

    /**
     * Gives the order to reload. It reloads until that is no more under way, as is told once requests are served.
     *
     * @return what became of the order
     */
    CommandResult reloading(Supplier<CommandResult> order, BooleanSupplier underWay) {
        if (watched == null) {
            return order.get();
        }
        // What nanoTime counts is CLOCK_MONOTONIC on Linux.
        say("RELOADING=1", "MONOTONIC_USEC=" + TimeUnit.NANOSECONDS.toMicros(System.nanoTime()));
        this.underWay = underWay;
        beginning.incrementAndGet();
        reloads.incrementAndGet();
        try {
            return order.get();
        } finally {
            beginning.decrementAndGet();
        }
    }

    /** It ends, within this time. */
    void stopping(Duration most) {
        stopping = true;
        if (!handedOver) {
            say("STOPPING=1", extend(most));
        }
    }

    /** Another process is the service from now on, and says how it goes. Waits until systemd was told, for some seconds at most. */
    void handOver(long pid) {
        handedOver = true;
        watched = null;
        if (socket.isPresent()) {
            try {
                socket.get().send(List.of("MAINPID=" + pid));
            } catch (IOException failed) {
                LOG.atError()
                        .addKeyValue("reason", failed.getMessage())
                        .log("systemd is not told that another process is the service now, and will end it");
            }
        }
    }

    private static String extend(Duration most) {
        return "EXTEND_TIMEOUT_USEC="
                + TimeUnit.NANOSECONDS.toMicros(most.plus(SPARE).toNanos());
    }

    private void say(String... assignments) {
        if (socket.isPresent() && !words.offer(List.of(assignments))) {
            LOG.atWarn().addKeyValue("words", assignments).log("systemd is not told: its socket takes nothing");
        }
    }

    private void run() {
        long pause = watchdog.isZero()
                ? STATUS_EVERY.toNanos()
                : Math.min(STATUS_EVERY.toNanos(), watchdog.toNanos() / SIGNS);
        try {
            for (List<String> next = words.take(); next != END; next = next(pause)) {
                List<String> all = new ArrayList<>(next == null ? List.of() : next);
                boolean ready = next == null && hasReloaded();
                if (ready) {
                    all.add("READY=1");
                }
                Watched seen = watched;
                long now = System.nanoTime();
                if (seen != null && (next != null || ready || now - looked >= pause)) {
                    looked = now;
                    look(seen, all);
                }
                if (!all.isEmpty()) {
                    tell(all);
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private @Nullable List<String> next(long pause) throws InterruptedException {
        boolean done = reloaded == reloads.get();
        return words.poll(done ? pause : Math.min(pause, RELOAD_EVERY.toNanos()), TimeUnit.NANOSECONDS);
    }

    /** Whether what was told to reload has done so. Read in this order: that it reloads is said before it is counted. */
    private boolean hasReloaded() {
        int count = reloads.get();
        if (count == reloaded || !words.isEmpty() || stopping || beginning.get() > 0 || underWay.getAsBoolean()) {
            return false;
        }
        reloaded = count;
        return true;
    }

    /** Adds a sign of life while all is well, and how it is, when that has changed. */
    private void look(Watched seen, List<String> all) {
        // The loops end with it.
        Optional<String> why = stopping ? Optional.empty() : seen.hangs().get();
        if (why.isEmpty() && !watchdog.isZero()) {
            all.add("WATCHDOG=1");
        }
        if (why.isPresent() && !hung && !watchdog.isZero()) {
            LOG.atError()
                    .addKeyValue("reason", why.get())
                    .log("systemd gets no sign of life, and will end this process");
        }
        hung = why.isPresent();
        String status = why.orElseGet(seen.how());
        if (!status.equals(lastStatus)) {
            all.add("STATUS=" + status);
            lastStatus = status;
        }
    }

    /** How it goes, in one line. */
    static String text(Picture picture) {
        long ready = picture.workers().stream()
                .filter(worker -> worker.state().equals("ready"))
                .count();
        return picture.state() + ": " + ready + " of " + picture.workers().size() + " workers ready, "
                + picture.inFlight() + " requests in hand, " + picture.queueLength() + " waiting";
    }

    /** One line in the log when it begins to fail, however often it is tried. */
    private void tell(List<String> assignments) {
        try {
            socket.orElseThrow().send(assignments);
            failing = false;
        } catch (IOException failed) {
            if (!failing) {
                failing = true;
                LOG.atWarn().addKeyValue("reason", failed.getMessage()).log("systemd is not told how this service is");
            }
        }
    }

    /** What was said is told first, as far as it is taken soon. */
    @Override
    public void close() {
        if (socket.isEmpty()) {
            return;
        }
        try {
            if (words.offer(END, LAST_WORDS.toNanos(), TimeUnit.NANOSECONDS)) {
                thread.join(LAST_WORDS);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
