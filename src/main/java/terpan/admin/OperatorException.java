package terpan.admin;

import java.util.Optional;
import terpan.config.Problem;

/** A command that a running Terpan did not carry out; the message is for the person as it is. */
public final class OperatorException extends Exception {
    /** Who has to look at it. */
    public enum Kind {
        /** Nobody answers at the socket, or not in time. */
        NO_ANSWER,
        /** What was asked for is not there, or not now. */
        REFUSED,
        /** Nothing was changed, for the settings have mistakes. */
        MISTAKEN,
        /** What was begun was taken back; all is as before. */
        ROLLED_BACK,
        /** What was begun did not come to its end, or not in time. */
        FAILED
    }

    private final Kind kind;
    private final Optional<Problem.Kind> mistake;

    OperatorException(Kind kind, String message) {
        this(kind, Optional.empty(), message);
    }

    private OperatorException(Kind kind, Optional<Problem.Kind> mistake, String message) {
        super(message);
        this.kind = kind;
        this.mistake = mistake;
    }

    /** For mistakes in the settings, which are about this. */
    static OperatorException mistaken(Problem.Kind about, String message) {
        return new OperatorException(Kind.MISTAKEN, Optional.of(about), message);
    }

    /** What answers is not Terpan, or one that this one does not know. */
    public static OperatorException strange(String why) {
        return new OperatorException(Kind.NO_ANSWER, "what answers there is not Terpan, or another one: " + why);
    }

    /** What mistakes in the settings are about, where it is that. */
    public Optional<Problem.Kind> mistake() {
        return mistake;
    }

    public Kind kind() {
        return kind;
    }
}
