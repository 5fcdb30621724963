package terpan.daemon;

import java.io.FileInputStream;
import java.io.IOException;
import java.util.List;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/**
 * The only place that hears signals: TERM and INT stop, a second of them ends at once, USR1 reopens log files, USR2 has another process take over, HUP reads settings and code anew, or
 * stops where it comes because the terminal was closed. QUIT is the JVM's own: it writes the stacks of all threads.
 */
final class Signals {
    private Signals() {}

    /** What signals mean. Called on the JVM's own signal threads: must not block. */
    interface Meaning {
        /** The first TERM or INT. */
        void stop(String signal);

        /** The second one; its exit code. */
        void stopNow(ExitCode code);

        /** Settings and code are to be read anew. */
        void reload();

        /** Another process, started by the same command, is to take this one's place. */
        void upgrade();

        /** A signal that means nothing here. */
        void ignored(String signal);

        void reopenLogs();
    }

    static void listen(Meaning meaning) {
        java.util.concurrent.atomic.AtomicBoolean stopping = new java.util.concurrent.atomic.AtomicBoolean();
        Signal.handle(new Signal("TERM"), signal -> stop(meaning, stopping, "TERM", ExitCode.TERMINATED));
        Signal.handle(new Signal("INT"), signal -> stop(meaning, stopping, "INT", ExitCode.INTERRUPTED));
        Signal.handle(new Signal("USR1"), signal -> meaning.reopenLogs());
        boolean hadTerminal = hasTerminal();
        Signal.handle(new Signal("HUP"), signal -> {
            if (hadTerminal && !hasTerminal()) {
                stop(meaning, stopping, "HUP (the terminal was closed)", ExitCode.TERMINATED);
            } else {
                meaning.reload();
            }
        });
        try {
            Signal.handle(new Signal("USR2"), signal -> meaning.upgrade());
        } catch (IllegalArgumentException taken) {
            // Java keeps it for itself, unless a variable gives it another (scripts/run-java).
            LoggerFactory.getLogger(Signals.class).atDebug().setCause(taken).log("USR2 is not heard");
        }
        for (String name : List.of("TTIN", "TTOU")) {
            Signal.handle(new Signal(name), signal -> meaning.ignored(name));
        }
    }

    /** Whether the process has a terminal that is still there. */
    private static boolean hasTerminal() {
        try (FileInputStream terminal = new FileInputStream("/dev/tty")) {
            return terminal.getFD().valid();
        } catch (IOException none) {
            return false;
        }
    }

    private static void stop(
            Meaning meaning, java.util.concurrent.atomic.AtomicBoolean stopping, String name, ExitCode second) {
        if (stopping.compareAndSet(false, true)) {
            meaning.stop(name);
        } else {
            meaning.stopNow(second);
        }
    }
}
