package terpan.log;

import java.io.IOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log's thread: takes lines from a bounded queue and writes them; what does not fit is dropped and counted. A sink that takes
 * nothing is tried again after growing pauses, with the line that it did not take; of that nothing is said in the log before it works.
 */
final class LogWriter {
    static final int QUEUE_MOST = 1_024;

    private static final Logger LOG = LoggerFactory.getLogger(LogWriter.class);
    private static final Logged WAKE = new Logged(new byte[0], Logged.DEBUG, 0, Logged.NOTHING);
    private static final long CLOSE_MILLIS = 2_000;

    private LineSink sink;
    private final BlockingQueue<Logged> queue = new ArrayBlockingQueue<>(QUEUE_MOST);
    private final AtomicLong dropped = new AtomicLong();
    private final Thread thread;

    private volatile boolean reopenAsked;
    private final AtomicReference<@Nullable LineSink> next = new AtomicReference<>();
    private volatile boolean closing;
    private volatile @Nullable CountDownLatch flushAsked;

    /** The writer thread's own: how the sink does, why it did not, and how many lost lines were told of. */
    private final Backoff backoff = new Backoff();

    private String problem = "";
    private boolean lostAtEnd;
    private long toldDropped;

    LogWriter(LineSink sink) {
        this.sink = sink;
        thread = Thread.ofPlatform().name("terpan-log").daemon().start(this::run);
    }

    /** Takes a line from any thread; never blocks. */
    void offer(Logged line) {
        if (!queue.offer(line)) {
            dropped.incrementAndGet();
        }
    }

    long dropped() {
        return dropped.get();
    }

    void reopen() {
        reopenAsked = true;
        wake();
    }

    /** Has lines written there from now on; what was there before is closed. */
    void change(LineSink other) {
        LineSink never = next.getAndSet(other);
        if (never != null) {
            never.closeQuietly();
        }
        wake();
    }

    /** Waits until all that is there is written; false: it was not within that time, or can not be. */
    boolean flush(long millis) {
        if (!thread.isAlive() || Thread.currentThread() == thread) {
            return false;
        }
        CountDownLatch flushed = new CountDownLatch(1);
        flushAsked = flushed;
        wake();
        try {
            return flushed.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException interruption) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Writes what is there and ends; waits two seconds at most. */
    void close() {
        closing = true;
        wake();
        try {
            thread.join(CLOSE_MILLIS);
        } catch (InterruptedException interruption) {
            Thread.currentThread().interrupt();
        }
    }

    /** When the queue is full, the thread is awake and sees the flags after its next line, or in its pause. */
    private void wake() {
        var _ = queue.offer(WAKE);
        LockSupport.unpark(thread);
    }

    private void run() {
        try {
            while (!closing || !queue.isEmpty()) {
                write(queue.take());
                reopenIfAsked();
                tellWhenEmpty();
            }
            reopenIfAsked();
            sink.close();
        } catch (InterruptedException interruption) {
            throw new IllegalStateException("nobody interrupts the log's thread", interruption);
        } catch (IOException failure) {
            dropped.addAndGet(queue.size());
        }
    }

    private void write(Logged line) {
        int from = 0;
        while (from < line.text.length) {
            try {
                from += sink.write(line, from);
            } catch (IOException failure) {
                if (closing) {
                    dropped.incrementAndGet();
                    lostAtEnd = true;
                    return;
                }
                backoff.failed();
                problem = String.valueOf(failure.getMessage());
                backoff.await(() -> closing || reopenAsked || next.get() != null);
                from = reopenIfAsked() ? 0 : from;
            }
        }
    }

    /** Whether there is a new file. */
    private boolean reopenIfAsked() {
        LineSink other = next.getAndSet(null);
        if (other != null) {
            reopenAsked = false;
            sink.closeQuietly();
            sink = other;
            return true;
        }
        if (!reopenAsked) {
            return false;
        }
        reopenAsked = false;
        try {
            sink.reopen();
            return true;
        } catch (IOException failure) {
            LOG.atWarn()
                    .addKeyValue("file", sink.name())
                    .addKeyValue("reason", failure)
                    .log("log not reopened, the old file goes on");
            return false;
        }
    }

    /** One line for all that was dropped, and one when the sink works again, once there is room. */
    private void tellWhenEmpty() {
        if (!queue.isEmpty() || lostAtEnd) {
            return;
        }
        CountDownLatch flushed = flushAsked;
        if (flushed != null) {
            flushed.countDown();
        }
        long now = dropped.get();
        long lines = now - toldDropped;
        toldDropped = now;
        if (backoff.worked()) {
            LOG.atWarn()
                    .addKeyValue("file", sink.name())
                    .addKeyValue("reason", problem)
                    .addKeyValue("lines", lines)
                    .log("log is written again, so many lines were lost");
        } else if (lines > 0) {
            LOG.atWarn()
                    .addKeyValue("file", sink.name())
                    .addKeyValue("lines", lines)
                    .log("log lines dropped");
        }
    }
}
