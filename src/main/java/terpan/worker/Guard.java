package terpan.worker;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Our end of the guard, the small process that ends every session of ours once we are gone. Its standard input is the
 * connection: it ends with us whatever ends us. Owned by the supervisor's thread. Rejected: PDEATHSIG, which is tied to the
 * thread that spawned; a thread in each worker, which C code can keep from running.
 */
final class Guard {
    private static final Logger LOG = LoggerFactory.getLogger(Guard.class);
    private static final long END_SECONDS = 2;

    /**
     * Its process.
     *
     * @param commands where it is told what to do
     * @param end waits for its end for some seconds, and sees to it
     */
    record Running(OutputStream commands, BooleanSupplier alive, Runnable end) {}

    /** How a process of it is begun: the first, and any that takes the place of one that ended. */
    interface Start {
        Running begin() throws IOException;
    }

    private final Start start;
    private final Set<SessionLeader> sessions = new LinkedHashSet<>();
    private Running running;

    private Guard(Start start) throws IOException {
        this.start = start;
        this.running = begin();
    }

    /** Begins. */
    static Guard start(Start start) throws IOException {
        return new Guard(start);
    }

    /** How it is a child of ours; {@code exited} runs, on a thread of the JDK's, when its process ends. */
    static Start ourOwn(String interpreter, Path file, LineObserver lines, Runnable exited) {
        return () -> {
            Process started = new ProcessBuilder(interpreter, "-I", "-S", file.toString())
                    .redirectErrorStream(true)
                    .start();
            WorkerOutput.read("guard", "", started.getInputStream(), lines, () -> {});
            var _ = started.onExit().thenRun(exited);
            return new Running(started.getOutputStream(), started::isAlive, () -> end(started));
        };
    }

    private static void end(Process process) {
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private Running begin() throws IOException {
        try {
            return start.begin();
        } catch (OutOfMemoryError noThread) {
            // One that began nevertheless has nothing to guard, and ends once its input is collected.
            throw new IOException("no thread can be started for it", noThread);
        }
    }

    boolean isAlive() {
        return running.alive().getAsBoolean();
    }

    /** From now on it keeps this socket and hands it out. One that takes its place knows nothing of it. */
    void share(SharedSocket socket) {
        tell("share " + socket.path());
    }

    /** From now on nobody can have this socket: no worker that shared it is left. */
    void unshare(SharedSocket socket) {
        tell("unshare " + socket.path());
    }

    /** Starts another in place of one that ended, and tells it which sessions the first one knew. */
    void replace() throws IOException {
        running = begin();
        sessions.forEach(this::tellOf);
    }

    /** From now on the session does not outlive us. */
    void watch(SessionLeader leader) {
        sessions.add(leader);
        tellOf(leader);
    }

    private void tellOf(SessionLeader leader) {
        tell("session " + leader.pid() + " " + leader.began());
    }

    void forget(SessionLeader leader) {
        sessions.remove(leader);
        tell("gone " + leader.pid());
    }

    /** SIGKILL to all members of a session that it watches. */
    void kill(SessionLeader leader) {
        tell("kill " + leader.pid());
    }

    /** A signal to one process of a session that it watches; any other is left alone. */
    void signal(long pid, int number) {
        tell("signal " + pid + " " + number);
    }

    private void tell(String command) {
        try {
            running.commands().write((command + "\n").getBytes(US_ASCII));
            running.commands().flush();
        } catch (IOException error) {
            // Its exit is told apart from this; the next one is told every session again.
            LOG.atWarn().addKeyValue("command", command).log("guard did not take a command");
        }
    }

    /** Lets it go; what it was not told to forget it ends. */
    void close() {
        try {
            running.commands().close();
        } catch (IOException error) {
            // It has ended already, and what was said to it last with it.
            LOG.atDebug().addKeyValue("error", error).log("guard had ended before");
        }
        running.end().run();
    }
}
