package terpan.admin;

/** A command that a running Terpan did not carry out; the message is for the person as it is. */
public final class OperatorException extends Exception {
    /** Who has to look at it. */
    public enum Kind {
        /** Nobody answers at the socket, or not in time. */
        NO_ANSWER,
        /** What was asked for is not there, or not now. */
        REFUSED,
        /** What was begun did not come to its end, or not in time. */
        FAILED
    }

    private final Kind kind;

    OperatorException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
