package terpan.trace;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.random.RandomGenerator.SplittableGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.config.TraceSettings;
import terpan.metrics.TraceCounts;

/**
 * Sends traced requests to the collector, many in one message. Loops hand them over by a bounded queue and never wait; one thread of its own
 * takes them once a second, or when a message is full. What finds the queue full, or is not taken after some tries, is dropped and counted,
 * and a line a minute says so. Without a collector there is no thread.
 */
public final class TraceExport implements AutoCloseable {
    /** Most requests that wait. */
    public static final int QUEUE_MOST = 2_048;

    /** Most requests of a message. */
    static final int MESSAGE_MOST = 256;

    /** How often one message is tried. */
    static final int TRIES = 4;

    private static final Logger LOG = LoggerFactory.getLogger(TraceExport.class);
    private static final long GATHER_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long TELL_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final Duration ANSWER_MOST = Duration.ofSeconds(10);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration CLOSE_MOST = Duration.ofSeconds(2);
    private static final Duration LAST_WORD_MOST = Duration.ofMillis(500);

    private final TraceCounts counts;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final SplittableGenerator random; // guarded by this
    private final OtlpJson json;
    private final Queue<TracedRequest> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger queued = new AtomicInteger();

    private volatile TraceSettings settings = TraceSettings.NONE;

    /** Set with this as the lock. */
    private volatile @Nullable Thread sender;

    /** Set by loops, cleared by the sender: there is something to send. */
    private volatile boolean pending;

    private volatile boolean closing;

    /** The sender's own: whether the collector took the last message, what was told last, and when. */
    private boolean failing;

    private long toldOverflowed;
    private long toldRefused;
    private long toldAt;
    private String why = "";

    /**
     * Nothing is sent yet.
     *
     * @param version Terpan's
     * @param nanoTime the monotonic clock of the loops, nanoseconds
     * @param random what ids are made of
     */
    public TraceExport(
            TraceCounts counts,
            String version,
            InstantSource clock,
            LongSupplier nanoTime,
            SplittableGenerator random) {
        this.counts = counts;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.random = random;
        this.json = new OtlpJson(version, ProcessHandle.current().pid(), random.split());
        this.toldAt = nanoTime.getAsLong() - TELL_NANOS;
    }

    /** What a loop makes ids of, which no other uses. */
    public synchronized RandomGenerator randomOfLoop() {
        return random.split();
    }

    /** Spans go there from now on, or nowhere. From any thread; never waits. */
    public synchronized void change(TraceSettings now) {
        settings = now;
        if (now.collector().isPresent() && sender == null && !closing) {
            Thread begun = Thread.ofPlatform().name("terpan-traces").daemon().unstarted(this::run);
            sender = begun;
            begun.start();
        }
    }

    /** Takes a request that is over; drops it where there is no room. From any loop; never waits. */
    public void add(TracedRequest request) {
        int waiting = queued.incrementAndGet();
        if (waiting > QUEUE_MOST) {
            queued.decrementAndGet();
            counts.overflowed();
            return;
        }
        queue.add(request);
        if (!pending || waiting == MESSAGE_MOST) {
            pending = true;
            LockSupport.unpark(sender);
        }
    }

    /** How many wait to be sent. */
    public int waiting() {
        return queued.get();
    }

    /** Sends what is there and ends; waits two and a half seconds at most. */
    @Override
    public void close() {
        Thread running;
        synchronized (this) {
            closing = true;
            running = sender;
        }
        if (running == null) {
            return;
        }
        LockSupport.unpark(running);
        try {
            if (!running.join(CLOSE_MOST)) {
                running.interrupt();
                running.join(LAST_WORD_MOST); // it tells of what is lost
            }
        } catch (InterruptedException interruption) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        Collector collector = new Collector();
        try {
            while (!closing) {
                if (!pending) {
                    pause();
                    continue;
                }
                if (queued.get() < MESSAGE_MOST) {
                    LockSupport.parkNanos(this, GATHER_NANOS);
                }
                pending = false;
                while (sendSome(collector) && !closing) {
                    tell(false);
                }
                tell(false);
            }
            while (sendSome(collector)) {
                // until nothing is left, or whoever closes waits no longer
            }
        } catch (InterruptedException notInTime) {
            counts.refused(take(Integer.MAX_VALUE).size());
        } finally {
            tell(true);
            collector.close();
        }
    }

    /** Until there is something to send, or to tell. */
    private void pause() {
        if (counts.lostInQueue() + counts.lostAtCollector() == toldOverflowed + toldRefused) {
            LockSupport.park(this);
        } else {
            LockSupport.parkNanos(this, TELL_NANOS);
            tell(false);
        }
    }

    /** Sends a message; false: there is nothing to send. */
    private boolean sendSome(Collector collector) throws InterruptedException {
        List<TracedRequest> requests = take(MESSAGE_MOST);
        TraceSettings present = settings;
        if (requests.isEmpty() || present.collector().isEmpty()) {
            return !requests.isEmpty();
        }
        boolean over = false;
        try {
            send(collector, present, requests);
            over = true;
        } catch (RuntimeException fault) {
            over = true;
            failed(requests, "a fault");
            LOG.atError().setCause(fault).log("traces can not be sent");
        } finally {
            if (!over) {
                counts.refused(requests.size());
            }
        }
        return true;
    }

    private List<TracedRequest> take(int most) {
        List<TracedRequest> taken = new ArrayList<>();
        for (int i = 0; i < most; i++) {
            TracedRequest next = queue.poll();
            if (next == null) {
                break;
            }
            taken.add(next);
        }
        queued.addAndGet(-taken.size());
        return taken;
    }

    private void send(Collector collector, TraceSettings present, List<TracedRequest> requests)
            throws InterruptedException {
        Instant now = clock.instant();
        long wallOffset = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano() - nanoTime.getAsLong();
        String message = json.write(requests, present.serviceName(), wallOffset);
        Duration pause = FIRST_PAUSE;
        for (int i = 1; true; i++) {
            switch (collector.send(present, message, ANSWER_MOST)) {
                case Collector.Outcome.Taken taken -> {
                    if (taken.rejected() > 0) {
                        failed(requests, taken.rejected() + " spans of a message were rejected: " + taken.why());
                    } else {
                        worked(requests);
                    }
                    return;
                }
                case Collector.Outcome.Refused refused -> {
                    failed(requests, refused.why());
                    return;
                }
                case Collector.Outcome.Later later -> {
                    if (i == TRIES || closing) {
                        failed(requests, later.why());
                        return;
                    }
                    await(later.pause().compareTo(pause) > 0 ? later.pause() : pause);
                    pause = pause.multipliedBy(2);
                }
            }
        }
    }

    /** Waits for so long, or until all is to end. */
    private void await(Duration pause) throws InterruptedException {
        long due = nanoTime.getAsLong() + pause.toNanos();
        for (long left = pause.toNanos(); left > 0 && !closing; left = due - nanoTime.getAsLong()) {
            LockSupport.parkNanos(this, left);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }

    private void worked(List<TracedRequest> requests) {
        counts.sent(requests.size());
        if (failing) {
            failing = false;
            LOG.atInfo().addKeyValue("collector", collector()).log("traces are taken again");
        }
    }

    private void failed(List<TracedRequest> requests, String reason) {
        counts.refused(requests.size());
        why = reason;
        failing = true;
    }

    private String collector() {
        return settings.collector().map(Object::toString).orElse("");
    }

    /** One line for all that was dropped since the last such line, at most one a minute. */
    private void tell(boolean last) {
        long overflowed = counts.lostInQueue() - toldOverflowed;
        long refused = counts.lostAtCollector() - toldRefused;
        long now = nanoTime.getAsLong();
        if (overflowed + refused > 0 && (last || now - toldAt >= TELL_NANOS)) {
            LOG.atWarn()
                    .addKeyValue("collector", collector())
                    .addKeyValue("not_taken", refused)
                    .addKeyValue("no_room", overflowed)
                    .addKeyValue("reason", why)
                    .log("traces of requests dropped");
            toldOverflowed += overflowed;
            toldRefused += refused;
            toldAt = now;
        }
    }
}
