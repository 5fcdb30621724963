package terpan.worker;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The process that leads a worker's session: its number and when it began, which together no other process ever has.
 *
 * @param began in the kernel's ticks since the machine started; 0: not known, where there is no {@code /proc}
 */
record SessionLeader(long pid, long began) {
    /** Places in {@code /proc/PID/stat} behind the name (proc(5)). */
    private static final int STATE = 0;

    private static final int EXIT = 49;
    private static final int SIGNAL_BITS = 0x7f;
    private static final int STATUS_SHIFT = 8;
    private static final int SIGNALLED = 128;

    private static final int SESSION = 3;

    private static final int BEGAN = 19;
    private static final int GENERATIONS_MOST = 64;

    /** As the record's own, which is linked anew at every start. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SessionLeader leader && leader.pid == pid && leader.began == began;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(pid) + 31 * Long.hashCode(began);
    }

    /** A process that we have just started; it may not lead its session yet. */
    static SessionLeader started(long pid) {
        String[] told = stat(pid);
        return new SessionLeader(pid, told.length > BEGAN ? Long.parseLong(told[BEGAN]) : 0);
    }

    /**
     * The process that says it leads the session of a worker that we started: believed when the kernel says that it descends from what we
     * started, is our user's still, and leads a session of its own.
     */
    static Optional<SessionLeader> believed(long told, long started) {
        return believed(told, started, true);
    }

    /**
     * The same.
     *
     * @param ours whether it has to be our user's; not where what we started, which is, has had it forked by another
     */
    static Optional<SessionLeader> believed(long told, long started, boolean ours) {
        if (!descends(told, started)) {
            return Optional.empty();
        }
        String[] stat = stat(told);
        if (stat.length == 0) {
            boolean known = Files.exists(Path.of("/proc/self/stat"));
            return known ? Optional.empty() : Optional.of(new SessionLeader(told, 0));
        }
        boolean leads = stat.length > BEGAN
                && stat[SESSION].equals(Long.toString(told))
                && (!ours || Owner.owns(Path.of("/proc", Long.toString(told)), Owner.ofStarted()));
        return leads ? Optional.of(new SessionLeader(told, Long.parseLong(stat[BEGAN]))) : Optional.empty();
    }

    /** Whether there is such a process, and it has not ended. */
    static boolean isRunning(long pid) {
        String[] stat = stat(pid);
        return stat.length > 0 && !hasEnded(stat);
    }

    private static boolean hasEnded(String[] stat) {
        return stat[STATE].equals("Z") || stat[STATE].equals("X");
    }

    /** How a process of our user has ended that nobody has waited for; {@link ExitInfo#UNKNOWN}: it is there no more. */
    static int endOf(long pid) {
        String[] stat = stat(pid);
        if (stat.length <= EXIT || !hasEnded(stat)) {
            return ExitInfo.UNKNOWN;
        }
        int code = Integer.parseInt(stat[EXIT]);
        int signal = code & SIGNAL_BITS;
        return signal == 0 ? code >> STATUS_SHIFT : SIGNALLED + signal;
    }

    private static boolean descends(long told, long started) {
        Optional<ProcessHandle> process = ProcessHandle.of(told);
        for (int i = 0; i < GENERATIONS_MOST && process.isPresent(); i++) {
            if (process.get().pid() == started) {
                return true;
            }
            process = process.get().parent();
        }
        return false;
    }

    /** What stands behind the name, which may be any bytes but ends with the last bracket; empty: there is no such process. */
    private static String[] stat(long pid) {
        try {
            String text = Files.readString(Path.of("/proc", Long.toString(pid), "stat"), ISO_8859_1);
            return text.substring(text.lastIndexOf(')') + 1).strip().split(" ", -1);
        } catch (IOException gone) {
            return new String[0];
        }
    }
}
