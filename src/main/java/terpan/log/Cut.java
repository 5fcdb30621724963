package terpan.log;

import static java.nio.charset.StandardCharsets.US_ASCII;

/** Who ended an exchange before the system had taken all of its answer for the client. */
public enum Cut {
    /** Nobody: the answer is whole. */
    NONE(""),
    /** The client left. */
    CLIENT("client"),
    /** The worker broke off. */
    WORKER("worker"),
    /** A deadline of worker or client passed. */
    DEADLINE("deadline"),
    /** Terpan stopped and waited no longer. */
    STOP("stop"),
    /** Something failed in Terpan itself; the log says what. */
    FAULT("fault");

    private final String label;

    Cut(String label) {
        this.label = label;
    }

    /** In a word; empty where nobody did. */
    public String word() {
        return label;
    }

    /** As the access log has it; seldom asked. */
    byte[] label() {
        return label.getBytes(US_ASCII);
    }
}
