package terpan.admin;

import terpan.config.Problem;

/** What became of an operator's command; the message is one sentence for a person. */
public sealed interface CommandResult {
    String message();

    /**
     * It is under way.
     *
     * @param operation by this its progress is asked for; empty: there is none
     */
    record Accepted(String message, String operation) implements CommandResult {
        /** Without progress that could be asked for. */
        public Accepted(String message) {
            this(message, "");
        }
    }

    /** The thing it names is not there. */
    record NotFound(String message) implements CommandResult {}

    /**
     * Not done, for the settings have mistakes.
     *
     * @param message a line for each
     * @param kind what they are about
     */
    record Mistaken(String message, Problem.Kind kind) implements CommandResult {}

    /** Not now; the message says why. */
    record Refused(String message) implements CommandResult {}
}
