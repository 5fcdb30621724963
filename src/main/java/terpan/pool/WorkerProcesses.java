package terpan.pool;

/** What the request path may ask and want of worker processes; from any thread, without blocking. */
public interface WorkerProcesses {
    /** Whether the process is known to be alive. */
    boolean isAlive(long pid);

    /** The process hangs: another shall take its place; why, in words. */
    void hangs(long pid, String why);

    /** Has the process write the stacks of its threads to its log. */
    void tellStacks(long pid);
}
