package terpan.simulation;

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
}
