package terpan.daemon;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.log.LastWords;
import terpan.log.Logs;

/**
 * The owner of every platform thread while Terpan serves: loops, supervisor, the threads of pools, logs, control connections and workers'
 * output. It can do without none of them, so whatever ends one by a throw ends the process, with its trace in the log and an exit code of
 * its own; the guard then ends the workers, and systemd starts it again. What is operating trouble or one connection's fault is caught where
 * it arises. A virtual thread asks one worker whether it is well: its end is told, no more.
 */
final class EssentialThreads implements Thread.UncaughtExceptionHandler {
    private static final Logger LOG = LoggerFactory.getLogger(EssentialThreads.class);
    private static final Duration LOG_MOST = Duration.ofSeconds(1);

    private final Logs logs;
    private final int code = ExitCode.THREAD.code();
    private final AtomicBoolean ending = new AtomicBoolean();

    /** Made beforehand: what ended a thread may be that no class can be loaded any more. */
    private final LastWords lastWords = new LastWords();

    private EssentialThreads(Logs logs) {
        this.logs = logs;
    }

    /** From now on a thread that ends by a throw is seen. */
    static void watch(Logs logs) {
        Thread.setDefaultUncaughtExceptionHandler(new EssentialThreads(logs));
    }

    @Override
    public void uncaughtException(Thread thread, Throwable why) {
        if (thread.isVirtual()) {
            LOG.atError().setCause(why).addKeyValue("thread", thread.getName()).log("a task failed");
            return;
        }
        if (!ending.compareAndSet(false, true)) {
            return;
        }
        try {
            tell(thread, why);
        } finally {
            Runtime.getRuntime().halt(code);
        }
    }

    private void tell(Thread thread, Throwable why) {
        boolean told = false;
        try {
            LOG.atError()
                    .setCause(why)
                    .addKeyValue("thread", thread.getName())
                    .log("a thread that Terpan cannot do without has ended, and so does Terpan");
            told = logs.flush(LOG_MOST);
        } finally {
            if (!told) {
                lastWords.say("terpan: the thread " + thread.getName() + " has ended, and so does Terpan:", why);
            }
        }
    }
}
