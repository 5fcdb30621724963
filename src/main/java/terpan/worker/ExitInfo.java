package terpan.worker;

/**
 * How a worker's process ended.
 *
 * @param cause why, as far as the supervisor is concerned
 * @param status the exit status; 128 and more: killed by the signal with that number less 128; or {@link #UNKNOWN}
 */
public record ExitInfo(Cause cause, int status) {
    /** Nobody could tell: the process that forked it had ended before. */
    public static final int UNKNOWN = -1;

    private static final int SIGNALLED = 128;

    /** Why a process ended. */
    public enum Cause {
        /** We asked for it. */
        STOPPED,
        /** It ended by itself after it was ready. */
        CRASHED,
        /** It ended before it was ready. */
        NOT_STARTED,
        /** It was not ready in time and was killed. */
        START_TIMEOUT,
        /** It did not end in time after we asked, and was killed. */
        KILLED,
        /** It was ready and hung, and was killed. */
        HUNG
    }

    /** The status in words. */
    public String text() {
        if (status == UNKNOWN) {
            return "ended, how is not known: the process that forked it had ended before it";
        }
        return status >= SIGNALLED ? "killed by signal " + (status - SIGNALLED) : "exit status " + status;
    }
}
