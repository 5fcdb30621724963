package terpan.admin;

/** What became of an operator's command; the message is one sentence for a person. */
public sealed interface CommandResult {
    String message();

    /** It is under way. */
    record Accepted(String message) implements CommandResult {}

    /** The thing it names is not there. */
    record NotFound(String message) implements CommandResult {}

    /** Not now; the message says why. */
    record Refused(String message) implements CommandResult {}
}
