package terpan.daemon;

/** A start that can not go on for a reason the person can mend: it is shown as its message, never with a stack trace. */
public final class StartFailure extends Exception {
    private final ExitCode reason;

    /**
     * A failure.
     *
     * @param reason what the exit code shall say
     * @param message what failed, with name and value, what was expected, and a hint
     */
    public StartFailure(ExitCode reason, String message) {
        super(message);
        this.reason = reason;
    }

    public ExitCode reason() {
        return reason;
    }
}
