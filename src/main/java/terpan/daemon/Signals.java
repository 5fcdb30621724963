package terpan.daemon;

import sun.misc.Signal;

/** The only place that hears signals: TERM and INT stop, a second of them ends at once, USR1 reopens log files. */
final class Signals {
    private Signals() {}

    /** What signals mean. Called on the JVM's own signal threads: must not block. */
    interface Meaning {
        /** The first TERM or INT. */
        void stop(String signal);

        /** The second one; its exit code. */
        void stopNow(ExitCode code);

        void reopenLogs();
    }

    static void listen(Meaning meaning) {
        java.util.concurrent.atomic.AtomicBoolean stopping = new java.util.concurrent.atomic.AtomicBoolean();
        Signal.handle(new Signal("TERM"), signal -> stop(meaning, stopping, "TERM", ExitCode.TERMINATED));
        Signal.handle(new Signal("INT"), signal -> stop(meaning, stopping, "INT", ExitCode.INTERRUPTED));
        Signal.handle(new Signal("USR1"), signal -> meaning.reopenLogs());
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
