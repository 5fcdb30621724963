package terpan.daemon;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.config.LogSettings;
import terpan.log.AccessLog;
import terpan.log.LogMemory;
import terpan.log.Logs;
import terpan.picture.Picture;
import terpan.worker.LoggedLines;

/**
 * The log and the access log, which change with a reload: one change after the other on a thread of its own, for files may make it wait.
 * Thread-safe.
 */
final class RunningLogs implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RunningLogs.class);
    private static final Duration LOOPS_MOST = Duration.ofSeconds(5);
    private static final Duration END_MOST = Duration.ofSeconds(5);

    /** Tells the loops where settled requests are logged from now on, and runs something once all of them have heard it. */
    interface Loops {
        void changeAccessLog(Optional<AccessLog> access, Runnable told);
    }

    private final Logs log;
    private final ExecutorService changes = Executors.newSingleThreadExecutor(
            Thread.ofVirtual().name("terpan-log-change").factory());

    /** Those in effect; of the thread of changes. */
    private LogSettings settings;

    private Optional<AccessLog> access; // guarded by this

    /** One that writes what it has still; guarded by this. */
    private Optional<AccessLog> ending = Optional.empty();

    /** What earlier access logs have lost; guarded by this. */
    private long droppedBefore;

    private RunningLogs(Logs log, LogSettings settings, Optional<AccessLog> access) {
        this.log = log;
        this.settings = settings;
        this.access = access;
    }

    /**
     * Begins to log.
     *
     * @throws IOException a file can not be opened; the message says which and why
     */
    static RunningLogs start(LogSettings settings) throws IOException {
        Logs log = Logs.start(settings, List.of(LoggedLines.LOGGER));
        boolean begun = false;
        try {
            EssentialThreads.watch(log);
            RunningLogs running = new RunningLogs(
                    log, settings, settings.access() ? Optional.of(AccessLog.start(settings)) : Optional.empty());
            begun = true;
            return running;
        } finally {
            if (!begun) {
                log.close();
            }
        }
    }

    /** Where settled requests are logged; empty: nowhere. */
    synchronized Optional<AccessLog> access() {
        return access;
    }

    /** Both are written as these settings say, soon; never waits. What can not be opened then stays as it is, and the log says why. */
    void change(LogSettings now, Loops loops) {
        changes.execute(() -> {
            try {
                become(now, loops);
            } catch (IOException unusable) {
                LOG.atError().addKeyValue("reason", unusable.getMessage()).log("logs stay as they were");
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private void become(LogSettings now, Loops loops) throws IOException, InterruptedException {
        LogSettings before = settings;
        boolean changes = !now.sameAccessLog(before);
        Optional<AccessLog> next = changes && now.access() ? Optional.of(AccessLog.startHeld(now)) : Optional.empty();
        try {
            log.become(before, now);
        } catch (IOException unusable) {
            next.ifPresent(AccessLog::close);
            throw unusable;
        }
        settings = now;
        if (changes) {
            replaceAccess(next, loops);
        }
    }

    /** The one before has written all before the next one writes: they may have the same file. */
    private void replaceAccess(Optional<AccessLog> next, Loops loops) throws InterruptedException {
        synchronized (this) {
            ending = access;
            access = next;
        }
        CountDownLatch told = new CountDownLatch(1);
        loops.changeAccessLog(next, told::countDown);
        boolean heard = told.await(LOOPS_MOST.toMillis(), TimeUnit.MILLISECONDS);
        if (!heard) {
            LOG.atWarn().log("a loop did not hear in time of another access log; lines may be lost");
        }
        endBefore();
        next.ifPresent(AccessLog::release);
    }

    private void endBefore() {
        Optional<AccessLog> before;
        synchronized (this) {
            before = ending;
        }
        before.ifPresent(AccessLog::close);
        synchronized (this) {
            droppedBefore += before.map(AccessLog::dropped).orElse(0L);
            ending = Optional.empty();
        }
    }

    /** The last lines of the log. */
    LogMemory memory() {
        return log.memory();
    }

    /** Opens the files by their names again, soon; for a rotation that renamed them. */
    void reopen() {
        log.reopen();
        access().ifPresent(AccessLog::reopen);
    }

    /** Waits until what was logged so far is written, for so long at most. */
    void flush(Duration most) {
        log.flush(most);
    }

    /** Lines that both have lost since the start. */
    synchronized Picture.Dropped dropped() {
        long before = droppedBefore + ending.map(AccessLog::dropped).orElse(0L);
        return new Picture.Dropped(
                log.dropped(), before + access.map(AccessLog::dropped).orElse(0L));
    }

    /** Writes what is there. */
    @Override
    public void close() {
        changes.shutdown();
        try {
            if (!changes.awaitTermination(END_MOST.toMillis(), TimeUnit.MILLISECONDS)) {
                changes.shutdownNow();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        access().ifPresent(AccessLog::close);
        log.close();
    }
}
