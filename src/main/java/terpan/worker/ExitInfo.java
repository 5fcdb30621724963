package terpan.worker;

/**
 * How a worker's process ended.
 *
 * @param cause why, as far as the supervisor is concerned
 * @param status the exit status; 128 and more: killed by the signal with that number less 128
 */
public record ExitInfo(Cause cause, int status) {
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
        return status >= SIGNALLED ? "killed by signal " + (status - SIGNALLED) : "exit status " + status;
    }
}
