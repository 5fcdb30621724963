package terpan.worker;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One worker's process from its start to its exit status. Who tells of its lines and its end is left open: the process itself, where it is
 * our child, or the process that forked it. Thread-safe.
 */
interface WorkerProcess {
    /** Hears what becomes of a process, on any thread, each once. */
    interface Observer {
        /** It has ended. */
        void exited(int status);

        /** All that was written to its output was read, and nobody can write to it any more. */
        void outputEnded();
    }

    /** 0: it has not begun yet. */
    long pid();

    /** The process that we started, which it is or descends from; 0: none yet. */
    long origin();

    /** Whether our own code spoke to us in the process that it comes from. */
    boolean hasSpoken();

    /**
     * It says which process it is.
     *
     * @param output what it named its output by, for us to read; empty where we have it already
     * @return why it is not believed; empty: it is
     */
    Optional<String> greeted(long pid, String output);

    boolean isAlive();

    /** Empty while it is alive. */
    OptionalInt exitStatus();

    /** The last lines that it wrote. */
    List<String> lastLines();

    /** Where it was shortly before its time to start was over; empty: it told nothing of that. */
    List<String> lateLines();

    /** It has ended: what others that it started may write is read no more. */
    void abandonOutput();

    /** SIGTERM to the process alone. */
    void terminate();

    /** SIGKILL to the process and the descendants that are still tied to it. */
    void kill();
}
