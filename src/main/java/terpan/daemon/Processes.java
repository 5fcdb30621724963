package terpan.daemon;

/** What the request path may ask and want of worker processes; from any thread, without blocking. */
interface Processes {
    /** Whether the process is known to be alive. */
    boolean isAlive(long pid);

    /** Has the process write the stacks of its threads to its log. */
    void tellStacks(long pid);
}
