package terpan.cli;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import terpan.config.Loaded;
import terpan.config.Settings;
import terpan.daemon.ProbeRequest;
import terpan.daemon.ServeOptions;
import terpan.daemon.StartFailure;
import terpan.terminal.LogFilter;

/** What the commands set going; each returns an exit code. */
interface Actions {
    /** Serves until it is told to stop. */
    int serve(ServeOptions options) throws StartFailure;

    /** Imports the application once. */
    int check(Settings settings) throws StartFailure;

    /** Which static files the application has, as lines for the settings; empty: none. */
    String staticFiles(Settings settings) throws StartFailure;

    /** Lists the servers, and what an interpreter's environment has of them. */
    int servers(Path interpreter, boolean json, PrintStream out) throws StartFailure;

    /** Measures what a server does. */
    int probe(ProbeRequest request, boolean json, PrintStream out) throws StartFailure;

    /** Looks whether settings and machine fit. */
    int doctor(Loaded.Ready ready, boolean json, PrintStream out) throws StartFailure;

    /** Tells how the Terpan behind an operators' socket is. */
    int status(Running running, boolean json, PrintStream out) throws StartFailure;

    /** Tells it again and again, with so much time between. */
    int watch(Running running, boolean json, Duration interval, Surroundings around) throws StartFailure;

    /**
     * Shows what each worker is at.
     *
     * @param count how many pictures are printed where it is no terminal
     */
    int top(Running running, Duration interval, int count, Surroundings around) throws StartFailure;

    /**
     * Prints the last lines of its log.
     *
     * @param count how many
     * @param follow whether it goes on
     */
    int logs(Running running, LogFilter filter, int count, boolean follow, Surroundings around) throws StartFailure;

    /**
     * Prints a link to its dashboard.
     *
     * @param readOnly whether whoever opens it may do nothing
     */
    int dashboard(Running running, boolean readOnly, PrintStream out) throws StartFailure;

    /** Prints what its figures advise. */
    int advice(Running running, boolean json, PrintStream out) throws StartFailure;

    /** Prints the slowest requests of its last minutes. */
    int slow(Running running, PrintStream out) throws StartFailure;

    /** Prints the way of one of its requests. */
    int explain(Running running, String request, PrintStream out) throws StartFailure;

    /** Prints what the threads of one of its workers are at. */
    int stack(Running running, String worker, PrintStream out) throws StartFailure;

    /**
     * Has a worker of the Terpan behind an operators' socket replaced, or all.
     *
     * @param most how long it is waited for; zero: not at all
     */
    int restart(Running running, Optional<String> worker, Duration most, PrintStream out) throws StartFailure;

    /**
     * Has the Terpan behind an operators' socket read settings and code anew.
     *
     * @param inPlace whether each old worker goes before a new one comes
     * @param most how long it is waited for; zero: not at all
     */
    int reload(Running running, boolean inPlace, Duration most, PrintStream out) throws StartFailure;

    /** Has it led back to the generation before, as {@link #reload}. */
    int rollback(Running running, Duration most, PrintStream out) throws StartFailure;

    /**
     * Has it give a group another number of workers.
     *
     * @param group empty: the only one that there is
     * @param most how long it is waited for; zero: not at all
     */
    int scale(Running running, Optional<String> group, OptionalInt count, Duration most, PrintStream out)
            throws StartFailure;

    /**
     * Has another process take its place.
     *
     * @param program its command, absolute; empty: the one that the running process was started by
     * @param most how long it is waited for; zero: not at all
     */
    int upgrade(Path socket, Optional<Path> program, Duration most, PrintStream out) throws StartFailure;

    /** Has it hold new requests in the queue, for so long at most. */
    int pause(Running running, Duration most, PrintStream out) throws StartFailure;

    /** Has it answer clients with the page for 503, but for those of these addresses and networks. */
    int maintenance(Running running, List<String> through, PrintStream out) throws StartFailure;

    /** Has it serve clients again. */
    int endMaintenance(Running running, PrintStream out) throws StartFailure;

    /** Has it end a pause. */
    int resume(Running running, PrintStream out) throws StartFailure;

    /** Stops the Terpan behind an operators' socket. */
    int stop(Path socket, PrintStream out) throws StartFailure;
}
