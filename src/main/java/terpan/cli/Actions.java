package terpan.cli;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import terpan.config.Settings;
import terpan.daemon.ProbeRequest;
import terpan.daemon.ServeOptions;
import terpan.daemon.StartFailure;

/** What the commands set going; each returns an exit code. */
interface Actions {
    /** Serves until it is told to stop. */
    int serve(ServeOptions options) throws StartFailure;

    /** Imports the application once. */
    int check(Settings settings) throws StartFailure;

    /** Lists the servers, and what an interpreter's environment has of them. */
    int servers(Path interpreter, boolean json, PrintStream out) throws StartFailure;

    /** Measures what a server does. */
    int probe(ProbeRequest request, boolean json, PrintStream out) throws StartFailure;

    /** Looks whether settings and machine fit. */
    int doctor(Settings settings, boolean json, PrintStream out) throws StartFailure;

    /** Tells how the Terpan behind an operators' socket is. */
    int status(Running running, boolean json, PrintStream out) throws StartFailure;

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
    int scale(Running running, Optional<String> group, int count, Duration most, PrintStream out) throws StartFailure;

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
