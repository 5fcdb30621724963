package terpan.log;

import java.io.IOException;
import java.time.ZoneId;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.config.LogSettings;

/**
 * The access log: each loop encodes into its own {@link AccessBuffer}; one thread writes what is there ten times a second, and what is full
 * sooner, several at once where the pool is large: a wake-up costs as much as a hundred lines. All bytes between the two come from a
 * bounded pool: when the disk does not keep up, lines are dropped and counted. A sink that takes nothing is tried again after growing
 * pauses, with the bytes that it did not take.
 */
public final class AccessLog implements AutoCloseable {
    /** Stands for no buffer. */
    static final LineBytes NONE = new LineBytes(0);

    static final int BUFFER_BYTES = 64 * 1024;

    static final int BUFFERS_MOST = 64;
    private static final int BUFFERS_LEAST = 4;

    /** They have one part in so many of the heap. */
    private static final int HEAP_PART = 32;

    /** Where the heap is small there are fewer. */
    private static final int BUFFERS_HERE =
            Math.clamp(Runtime.getRuntime().maxMemory() / HEAP_PART / BUFFER_BYTES, BUFFERS_LEAST, BUFFERS_MOST);

    /** So many that are full are not left for later: a sixteenth of the pool, and no more than a processor's cache holds. */
    private static final int ENOUGH = Math.clamp(BUFFERS_HERE / 16, 1, 4);

    private static final Logger LOG = LoggerFactory.getLogger(AccessLog.class);
    private static final long GATHER_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long TELL_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long CLOSE_MILLIS = 2_000;

    private final LogSettings settings;
    private final LineSink sink;
    private final List<AccessBuffer> buffers = new CopyOnWriteArrayList<>();
    private final Queue<LineBytes> free = new ConcurrentLinkedQueue<>();
    private final Queue<LineBytes> full = new ConcurrentLinkedQueue<>();
    private final AtomicInteger fullCount = new AtomicInteger();
    private final AtomicInteger allocated = new AtomicInteger();
    private final AtomicLong lost = new AtomicLong();
    private final Thread writer;

    /** Set by loops and operators, cleared by the writer: there is something to do. */
    private volatile boolean pending;

    private volatile boolean reopenAsked;
    private volatile boolean closing;

    /** The writer's own: how the sink does, what it did not take yet and from where, what was told last, and when. */
    private final Backoff backoff = new Backoff();

    /** When half-full buffers were taken last. */
    private long gatheredAt = System.nanoTime() - GATHER_NANOS;

    private LineBytes unwritten = NONE;
    private int unwrittenFrom;
    private long toldDropped;

    private long toldAt = System.nanoTime() - TELL_NANOS;

    private AccessLog(LogSettings settings, LineSink sink) {
        this.settings = settings;
        this.sink = sink;
        writer = Thread.ofPlatform().name("terpan-access-log").daemon().unstarted(this::run);
    }

    /**
     * Opens the file and starts the writer.
     *
     * @throws IOException the file can not be opened
     */
    public static AccessLog start(LogSettings settings) throws IOException {
        AccessLog log = startHeld(settings);
        log.release();
        return log;
    }

    /**
     * The same, but nothing is written before {@link #release}: what comes is kept as far as there is room.
     *
     * @throws IOException the file can not be opened
     */
    public static AccessLog startHeld(LogSettings settings) throws IOException {
        return new AccessLog(settings, LineSink.open(LineSink.Place.ofAccessLog(settings)));
    }

    /** Lines are written from now on. */
    public void release() {
        writer.start();
    }

    static AccessLog start(LogSettings settings, LineSink sink) {
        AccessLog log = new AccessLog(settings, sink);
        log.writer.start();
        return log;
    }

    /** A new buffer, for one loop. */
    public AccessBuffer buffer() {
        AccessBuffer buffer = new AccessBuffer(
                this,
                AccessEncoder.of(settings, ZoneId.systemDefault()),
                new AccessChoice(settings.accessRules(), System.nanoTime()));
        buffers.add(buffer);
        return buffer;
    }

    /** Opens the file by its name again, soon; for a rotation that renamed it. */
    public void reopen() {
        reopenAsked = true;
        wakeAtOnce();
    }

    /** Lines lost since the start, for want of a buffer or because a write failed. */
    public long dropped() {
        return lost.get() + buffers.stream().mapToLong(AccessBuffer::dropped).sum();
    }

    /** Writes what is there and ends; waits two seconds at most. */
    @Override
    public void close() {
        closing = true;
        if (writer.getState() == Thread.State.NEW) {
            writer.start();
        }
        wakeAtOnce();
        try {
            writer.join(CLOSE_MILLIS);
        } catch (InterruptedException interruption) {
            Thread.currentThread().interrupt();
        }
    }

    /** A loop's next bytes; {@link #NONE} when all are in use. */
    LineBytes free() {
        LineBytes bytes = free.poll();
        if (bytes != null) {
            return bytes;
        }
        if (allocated.incrementAndGet() <= BUFFERS_HERE) {
            return new LineBytes(BUFFER_BYTES);
        }
        allocated.decrementAndGet();
        return NONE;
    }

    /** Ends the writer's pause where enough are full, which a first line alone does not. */
    void full(LineBytes bytes) {
        full.add(bytes);
        fullCount.incrementAndGet();
        pending = true;
        if (enough()) {
            LockSupport.unpark(writer);
        }
    }

    private boolean enough() {
        int count = fullCount.get();
        return count >= ENOUGH || (count > 0 && free.isEmpty() && allocated.get() >= BUFFERS_HERE);
    }

    void wake() {
        if (!pending) {
            pending = true;
            LockSupport.unpark(writer);
        }
    }

    /** Whatever it is at. */
    private void wakeAtOnce() {
        pending = true;
        LockSupport.unpark(writer);
    }

    private void run() {
        while (true) {
            boolean last = closing;
            if (backoff.failing()) {
                backoff.await(() -> closing || reopenAsked);
                reopenIfAsked();
            } else if (!pending && !last) {
                LockSupport.park(this);
                continue;
            } else if (!last) {
                gather();
            }
            if (backoff.failing() && !last) {
                // While nothing can be written, half-full buffers would take the room of full ones.
                pending = false;
            } else if (last || reopenAsked || isTime()) {
                pending = false;
                gatheredAt = System.nanoTime();
                buffers.forEach(AccessBuffer::handOver);
            }
            writeAll(last);
            reopenIfAsked();
            tell(last);
            if (last) {
                closeSink();
                return;
            }
        }
    }

    /** Waits until it is time, or enough are full. */
    private void gather() {
        while (!closing && !reopenAsked && !enough() && !isTime()) {
            LockSupport.parkNanos(this, gatheredAt + GATHER_NANOS - System.nanoTime());
        }
    }

    private boolean isTime() {
        return System.nanoTime() - gatheredAt >= GATHER_NANOS;
    }

    /** Until all is written, or the sink fails; at the last time what it does not take is lost. */
    private void writeAll(boolean last) {
        while (unwrittenFrom < unwritten.end || nextFull()) {
            try {
                unwrittenFrom += sink.write(unwritten.bytes, unwrittenFrom, unwritten.end - unwrittenFrom);
                if (backoff.worked()) {
                    pending = true; // half-full buffers were left to the loops meanwhile
                    tellWorksAgain();
                }
            } catch (IOException failure) {
                if (last) {
                    lost.addAndGet(unwritten.linesFrom(unwrittenFrom));
                    unwrittenFrom = unwritten.end;
                    continue;
                }
                if (backoff.failed()) {
                    LOG.atWarn()
                            .addKeyValue("file", sink.name())
                            .addKeyValue("reason", failure.getMessage())
                            .log("access log can not be written, it is tried again");
                }
                return;
            }
        }
    }

    /** Takes the next buffer; false: there is none. */
    private boolean nextFull() {
        if (unwritten != NONE) {
            unwritten.clear();
            free.add(unwritten);
        }
        LineBytes next = full.poll();
        unwritten = next == null ? NONE : next;
        unwrittenFrom = 0;
        fullCount.addAndGet(next == null ? 0 : -1);
        return next != null;
    }

    private void reopenIfAsked() {
        if (reopenAsked) {
            reopenAsked = false;
            try {
                sink.reopen();
                unwrittenFrom = unwritten.lineStart(unwrittenFrom);
            } catch (IOException failure) {
                LOG.atWarn()
                        .addKeyValue("file", sink.name())
                        .addKeyValue("reason", failure)
                        .log("access log not reopened, the old file goes on");
            }
        }
    }

    /** One line for all that was dropped since the last such line, at most one in ten seconds. */
    private void tell(boolean last) {
        long now = dropped();
        boolean due = last || !backoff.failing() && System.nanoTime() - toldAt >= TELL_NANOS;
        if (now > toldDropped && due) {
            LOG.atWarn()
                    .addKeyValue("file", sink.name())
                    .addKeyValue("lines", now - toldDropped)
                    .log("access log lines dropped");
            toldDropped = now;
            toldAt = System.nanoTime();
        }
    }

    private void tellWorksAgain() {
        long now = dropped();
        LOG.atWarn()
                .addKeyValue("file", sink.name())
                .addKeyValue("lines", now - toldDropped)
                .log("access log is written again, so many lines were lost");
        toldDropped = now;
        toldAt = System.nanoTime();
    }

    private void closeSink() {
        try {
            sink.close();
        } catch (IOException failure) {
            LOG.atWarn()
                    .addKeyValue("file", sink.name())
                    .addKeyValue("reason", failure)
                    .log("access log not closed");
        }
    }
}
