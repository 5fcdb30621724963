package terpan.worker;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Is told what becomes of the workers, on the supervisor's thread: must not block. */
public interface WorkerObserver {
    /** The worker takes requests from now on, for the first time or after it was parked. */
    void onReady(WorkerInfo worker);

    /** The worker takes its share of requests, by which its generation proves itself; told between {@link #prove} and {@link #onProved}. */
    default void onProving(WorkerInfo worker) {
        onReady(worker);
    }

    /**
     * Workers of a generation, which are told of next, prove themselves by a share of the requests.
     *
     * @return completed with how they do; any thread, within ten times the span that its settings name
     */
    default CompletableFuture<Proven> prove(Generation generation) {
        return CompletableFuture.completedFuture(new Proven(true, ""));
    }

    /** That is over: they take requests like all others, or get nothing more. */
    default void onProved(boolean well) {}

    /** The worker shall get no new request, and keeps all that is known of it: it may be wanted again. */
    default void onParked(WorkerInfo worker) {}

    /** The worker shall get no new request; {@code idle} is to be called, from any thread, when nothing is in flight. */
    void onDraining(WorkerInfo worker, Runnable idle);

    /**
     * A worker that shares its socket was told to drain, and accepts nothing more by now: what it may still hold is in flight.
     * {@code settled} is to be called, from any thread, when all that is in flight now has ended.
     */
    void onDeaf(WorkerInfo worker, Runnable settled);

    /** The process is gone. Told only of workers that were ready once. */
    void onExited(WorkerInfo worker, ExitInfo why);

    /** Another process of a worker begins, after one that ended so, or that could not be spawned. */
    default void onStartedAgain(String group, String worker, ExitInfo.Cause after) {}

    /** The workers of another generation are about to be started; those of the first are not told of. */
    default void onGenerationBegins(Generation generation) {}

    /** No worker of the generation is left, and none will be. */
    default void onGenerationEnded(Generation generation) {}

    /**
     * Sends a worker that is ready, and takes no requests yet, requests of our own, one after the other.
     *
     * @param targets each a path, or a host with a path behind it
     * @return completed with what is wrong with an answer, or with nothing; any thread, within the worker's start timeout
     */
    default CompletableFuture<Optional<String>> warm(WorkerInfo worker, List<String> targets) {
        return CompletableFuture.completedFuture(Optional.empty());
    }

    /** Whether some worker may come or is there; false: all of them are in a crash loop, or everything stops. */
    void onExpected(boolean someWorkerMayCome);

    /** No worker was ever ready and none will be: the supervisor has given up and ends what it started. */
    void onStartFailed(StartFailure failure);
}
