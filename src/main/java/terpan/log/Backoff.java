package terpan.log;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * The pauses of a writer whose sink takes nothing: a full disk, or nobody who reads. They grow from one to the next, and begin anew
 * once it works. Belongs to the writer's thread, which others may wake by {@link LockSupport#unpark}.
 */
final class Backoff {
    static final Duration FIRST = Duration.ofMillis(100);
    static final Duration MOST = Duration.ofSeconds(5);

    private Duration pause = Duration.ZERO;

    /** Whether the sink failed last. */
    boolean failing() {
        return !pause.isZero();
    }

    /** The sink failed; true: it had worked before. */
    boolean failed() {
        boolean first = !failing();
        Duration doubled = pause.multipliedBy(2);
        pause = first ? FIRST : doubled.compareTo(MOST) < 0 ? doubled : MOST;
        return first;
    }

    /** The sink works; true: it had failed before. */
    boolean worked() {
        boolean again = failing();
        pause = Duration.ZERO;
        return again;
    }

    /** Waits until it may be tried again, or there is something else to do. */
    void await(BooleanSupplier otherwise) {
        long due = System.nanoTime() + pause.toNanos();
        for (long left = pause.toNanos(); left > 0 && !otherwise.getAsBoolean(); left = due - System.nanoTime()) {
            LockSupport.parkNanos(this, left);
        }
    }
}
