package terpan.edge.files;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Threads that open files: to open what took a file's place after it was looked at, a FIFO, may hold a thread for as long as whoever put it there
 * likes. Disk threads wait here, and not longer than a while; meanwhile nothing more is opened by the same rule, so that its directory costs two
 * of these threads and no more. Rejected: opening without waiting, which Java has not, and a pool that grows. Thread-safe.
 */
final class Openers {
    /** Most of them: what hangs in more directories leaves none for others. */
    static final int MOST = 16;

    private static final long IDLE_SECONDS = 20;

    private final Duration most;
    private final ThreadPoolExecutor threads =
            new ThreadPoolExecutor(0, MOST, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), Openers::thread);

    /** Rules of which an opening takes longer than it may, and how many. */
    private final Map<StaticRule, Integer> late = new ConcurrentHashMap<>();

    /**
     * None yet.
     *
     * @param most how long one may be waited for
     */
    Openers(Duration most) {
        this.most = most;
    }

    private static Thread thread(Runnable task) {
        return Thread.ofPlatform().name("terpan-open").daemon().unstarted(task);
    }

    /**
     * Opens something by a rule and waits for it.
     *
     * @throws IOException it failed, takes too long, or another one by this rule does
     */
    Optional<Found> open(StaticRule rule, Callable<Optional<Found>> how) throws IOException {
        if (late.containsKey(rule)) {
            throw new IOException("another file there hangs while it is opened");
        }
        CompletableFuture<Optional<Found>> done = new CompletableFuture<>();
        try {
            threads.execute(() -> run(rule, how, done));
        } catch (RejectedExecutionException none) {
            throw new IOException("all " + MOST + " threads that open files hang", none);
        }
        try {
            return result(rule, done);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("the wait for a file was interrupted", interrupted);
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof IOException usual) {
                throw usual;
            }
            throw failed.getCause() instanceof RuntimeException fault ? fault : new IllegalStateException(failed);
        }
    }

    private Optional<Found> result(StaticRule rule, CompletableFuture<Optional<Found>> done)
            throws IOException, InterruptedException, ExecutionException {
        try {
            return done.get(most.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException slow) {
            late.merge(rule, 1, Integer::sum);
            if (!done.cancel(false)) {
                noLongerLate(rule);
                return done.get();
            }
            throw new IOException("a file is not opened within " + most.toSeconds() + " s: is it one?", slow);
        }
    }

    private void run(StaticRule rule, Callable<Optional<Found>> how, CompletableFuture<Optional<Found>> done) {
        try {
            Optional<Found> found = how.call();
            if (!done.complete(found)) {
                found.ifPresent(Openers::letGo);
            }
        } catch (Exception failed) {
            done.completeExceptionally(failed);
        }
        if (done.isCancelled()) {
            noLongerLate(rule);
        }
    }

    /** Nobody waits for it any more. */
    private static void letGo(Found found) {
        if (found instanceof StaticFile file) {
            file.letGoNow();
        }
    }

    private void noLongerLate(StaticRule rule) {
        late.computeIfPresent(rule, (its, count) -> count == 1 ? null : count - 1);
    }
}
