package terpan.link;

/** What went wrong between front and worker, by what the front may do about it. */
public enum Failure {
    /** No connection could be made: nothing was sent. */
    NOT_CONNECTED(true),
    /** No connection was made within the time for it: nothing was sent. */
    CONNECT_TIMED_OUT(true),
    /** A kept connection closed before the first byte of an answer: it may have been idle too long. */
    KEPT_CONNECTION_CLOSED(true),
    /** The worker closed before the answer began. */
    CLOSED_BEFORE_ANSWER(false),
    /** The answer's head or framing is not HTTP, or breaks a rule. */
    NONSENSE(false),
    /** The worker broke off in the middle of the answer. */
    BROKEN_OFF(false),
    /** The request's head is larger than this server takes: answered 431. */
    HEAD_TOO_LARGE(false);

    private final boolean maybeUnsent;

    Failure(boolean maybeUnsent) {
        this.maybeUnsent = maybeUnsent;
    }

    /** Whether nothing was sent at all. */
    public boolean unsent() {
        return this == NOT_CONNECTED || this == CONNECT_TIMED_OUT;
    }

    /** Whether the request may be tried once more under the rules for retries. */
    public boolean maybeUnsent() {
        return maybeUnsent;
    }
}
