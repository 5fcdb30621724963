package terpan.simulation;

import java.util.function.Consumer;

/** What stands between clients and workers. */
interface Front {
    /** How the report names it. */
    String name();

    void join(PretendWorker worker);

    /** No new request for this worker; {@code idle} runs when it has none. */
    void drain(PretendWorker worker, Runnable idle);

    /** The worker is gone. */
    void leave(PretendWorker worker);

    void arrive(Request request);

    /**
     * From now on a request without an answer is given up after so long, and {@code hung} is told of a worker whose places have all been
     * held for as long again by such requests. False: this front has no such rule.
     */
    boolean watch(long answerIdle, Consumer<PretendWorker> hung);
}
