package terpan.admin;

import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Closes a connection that takes too long, unless it is told in time that it goes on. Belongs to the thread of the connection. */
final class Deadline {
    private final ScheduledExecutorService late;
    private final Runnable close;
    private final long millis;
    private Future<?> watch;

    Deadline(ScheduledExecutorService late, Runnable close, long millis) {
        this.late = late;
        this.close = close;
        this.millis = millis;
        this.watch = late.schedule(close, millis, TimeUnit.MILLISECONDS);
    }

    /** It has as long once more. */
    void again() {
        watch.cancel(false);
        try {
            watch = late.schedule(close, millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException stopping) {
            close.run(); // Terpan stops: nobody would look at its time any more
        }
    }

    void over() {
        watch.cancel(false);
    }
}
