package terpan.log;

import java.io.IOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The log's thread: takes lines from a bounded queue and writes them; what does not fit is dropped and counted. */
final class LogWriter {
    static final int QUEUE_MOST = 1_024;

    private static final Logger LOG = LoggerFactory.getLogger(LogWriter.class);
    private static final byte[] WAKE = new byte[0];
    private static final long CLOSE_MILLIS = 2_000;

    private final LineSink sink;
    private final BlockingQueue<byte[]> queue = new ArrayBlockingQueue<>(QUEUE_MOST);
    private final AtomicLong dropped = new AtomicLong();
    private final Thread thread;

    private volatile boolean reopenAsked;
    private volatile boolean closing;

    /** The writer thread's own. */
    private long toldDropped;

    LogWriter(LineSink sink) {
        this.sink = sink;
        thread = Thread.ofPlatform().name("terpan-log").daemon().start(this::run);
    }

    /** Takes a line from any thread; never blocks. */
    void offer(byte[] line) {
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

    /** When the queue is full, the thread is awake and sees the flags after its next line. */
    private void wake() {
        boolean woken = queue.offer(WAKE);
        assert woken || !queue.isEmpty();
    }

    private void run() {
        try {
            while (!closing || !queue.isEmpty()) {
                write(queue.take());
                reopenIfAsked();
                tellDropped();
            }
            sink.close();
        } catch (InterruptedException interruption) {
            Thread.currentThread().interrupt();
        } catch (IOException failure) {
            dropped.addAndGet(queue.size());
        }
    }

    private void write(byte[] line) {
        try {
            sink.write(line, line.length);
        } catch (IOException failure) {
            dropped.incrementAndGet();
        }
    }

    private void reopenIfAsked() {
        if (reopenAsked) {
            reopenAsked = false;
            try {
                sink.reopen();
            } catch (IOException failure) {
                LOG.atWarn()
                        .addKeyValue("file", sink.name())
                        .addKeyValue("reason", failure)
                        .log("log not reopened, the old file goes on");
            }
        }
    }

    /** One line for all that was dropped, once there is room again. */
    private void tellDropped() {
        long now = dropped.get();
        if (now > toldDropped && queue.isEmpty()) {
            long lines = now - toldDropped;
            toldDropped = now;
            LOG.atWarn()
                    .addKeyValue("file", sink.name())
                    .addKeyValue("lines", lines)
                    .log("log lines dropped");
        }
    }
}
