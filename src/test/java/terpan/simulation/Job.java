package terpan.simulation;

/** A request as a pretend worker sees it. */
interface Job {
    /** How long the handler takes, nanoseconds. */
    long service();

    /** The answer has come. */
    void answered();

    /** The worker gave it back unstarted. */
    void returned();

    /** The worker died with it. */
    void lost();
}
