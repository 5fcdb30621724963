package terpan.daemon;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import terpan.admin.Health;
import terpan.dispatch.DispatchSnapshot;
import terpan.dispatch.Dispatcher;

/**
 * Whether requests can be served: every loop turns, the supervisor does what it is told, and on one worker at least a place can be had.
 * Thread-safe; whoever asks waits for the threads' answer, a bounded time.
 */
final class HealthCheck {
    static final Duration ANSWER_MOST = Duration.ofSeconds(2);

    private final Dispatcher dispatcher;
    private final Supplier<String> whyNone;
    private final Duration answerMost;
    private final List<Liveness> loops;
    private final Optional<Liveness> supervisor;

    /**
     * @param whyNone what is known of workers that are not ready: the end of a sentence, or nothing
     * @param answerMost how long the threads may take to answer
     */
    HealthCheck(
            Dispatcher dispatcher,
            List<? extends Executor> loops,
            Optional<Executor> supervisor,
            Supplier<String> whyNone,
            Duration answerMost) {
        this.whyNone = whyNone;
        this.answerMost = answerMost;
        this.dispatcher = dispatcher;
        this.loops = loops.stream().map(Liveness::new).toList();
        this.supervisor = supervisor.map(Liveness::new);
    }

    Health health() {
        Optional<String> hangs = hangs();
        return hangs.isPresent() ? new Health.NotServing(hangs.get()) : places();
    }

    /** What of Terpan's own threads does not do what it is told: a sentence; empty: all of them do. */
    Optional<String> hangs() {
        List<CompletableFuture<Void>> turns = loops.stream().map(Liveness::ask).toList();
        Optional<CompletableFuture<Void>> supervised = supervisor.map(Liveness::ask);
        long deadline = System.nanoTime() + answerMost.toNanos();
        for (int loop = 0; loop < turns.size(); loop++) {
            if (!isDone(turns.get(loop), deadline)) {
                return Optional.of("event loop " + loop + " does not turn");
            }
        }
        if (supervised.isPresent() && !isDone(supervised.get(), deadline)) {
            return Optional.of("the supervisor of the workers does not answer");
        }
        return Optional.empty();
    }

    private static boolean isDone(CompletableFuture<Void> ask, long deadline) {
        try {
            ask.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException | ExecutionException late) {
            return false;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private Health places() {
        List<DispatchSnapshot.SlotSnapshot> ready = dispatcher.snapshot(System.nanoTime()).slots().stream()
                .filter(slot -> slot.state().equals("ready"))
                .toList();
        if (ready.isEmpty()) {
            return new Health.NotServing("no worker is ready" + whyNone.get());
        }
        return ready.stream().anyMatch(slot -> slot.lost() < slot.capacity())
                ? new Health.Serving()
                : new Health.NotServing("every place of a worker is held by a request that was given up");
    }
}
