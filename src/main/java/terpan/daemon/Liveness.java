package terpan.daemon;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Whether a thread that takes tasks still does them: it is given one when somebody asks, and no second one before it has done the first.
 * Thread-safe.
 */
final class Liveness {
    private final Executor thread;
    private CompletableFuture<Void> last = CompletableFuture.completedFuture(null);

    Liveness(Executor thread) {
        this.thread = thread;
    }

    /** Done when the thread has done the task that it was given last; now it is given one, if it has none. */
    CompletableFuture<Void> ask() {
        CompletableFuture<Void> next;
        synchronized (this) {
            if (!last.isDone()) {
                return last;
            }
            next = new CompletableFuture<>();
            last = next;
        }
        thread.execute(() -> next.complete(null));
        return next;
    }
}
