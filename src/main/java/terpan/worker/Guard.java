package terpan.worker;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
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

    private final String interpreter;
    private final Path file;
    private final LineObserver lines;
    private final Runnable exited;
    private final Set<SessionLeader> sessions = new LinkedHashSet<>();
    private Process process;
    private OutputStream commands;

    private Guard(String interpreter, Path file, LineObserver lines, Runnable exited) throws IOException {
        this.interpreter = interpreter;
        this.file = file;
        this.lines = lines;
        this.exited = exited;
        this.process = spawn();
        this.commands = process.getOutputStream();
    }

    /** Starts the guard; {@code exited} runs, on a thread of the JDK's, when its process ends. */
    static Guard start(String interpreter, Path file, LineObserver lines, Runnable exited) throws IOException {
        return new Guard(interpreter, file, lines, exited);
    }

    private Process spawn() throws IOException {
        try {
            Process started = new ProcessBuilder(interpreter, "-I", "-S", file.toString())
                    .redirectErrorStream(true)
                    .start();
            WorkerOutput.read("guard", "", started.getInputStream(), lines, () -> {});
            var _ = started.onExit().thenRun(exited);
            return started;
        } catch (OutOfMemoryError noThread) {
            // One that began nevertheless has nothing to guard, and ends once its input is collected.
            throw new IOException("no thread can be started for it", noThread);
        }
    }

    boolean isAlive() {
        return process.isAlive();
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
        process = spawn();
        commands = process.getOutputStream();
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
            commands.write((command + "\n").getBytes(US_ASCII));
            commands.flush();
        } catch (IOException error) {
            // Its exit is told apart from this; the next one is told every session again.
            LOG.atWarn().addKeyValue("command", command).log("guard did not take a command");
        }
    }

    /** Lets it go; what it was not told to forget it ends. */
    void close() {
        try {
            commands.close();
        } catch (IOException error) {
            // It has ended already, and what was said to it last with it.
            LOG.atDebug().addKeyValue("error", error).log("guard had ended before");
        }
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
