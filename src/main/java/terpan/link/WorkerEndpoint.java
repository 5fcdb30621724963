package terpan.link;

import terpan.loop.Loop;

/** What the request path needs of one worker: how to reach it from a loop, and whether it lives. From any thread. */
public interface WorkerEndpoint {
    /** The worker's name, for logs. */
    String name();

    /** Makes this loop's link to the worker; on the loop's thread. */
    Link open(Loop loop);

    /** Has the worker write what its threads are at, where it can; for a request that was not answered in time. */
    default void tellStacks() {}

    /** The worker hangs: whoever started it ends it and starts another, once; why, in words. May be told again and again. */
    default void hangs(String why) {}

    /** Whether we started it, so that its launcher stands between us and the application. */
    default boolean ours() {
        return true;
    }

    /** Whether the process is known to be alive; for a worker that someone else runs: always. */
    boolean alive();
}
