package terpan.config;

/**
 * One mistake of the person's.
 *
 * @param where the place to look at
 * @param kind what is missing or wrong
 * @param message the setting with its value, what was expected, a hint
 */
public record Problem(Where where, Kind kind, String message) {
    /** What a problem is about; each kind has an exit code of its own. */
    public enum Kind {
        SETTING,
        APPLICATION,
        INTERPRETER
    }

    static Problem setting(Where where, String message) {
        return new Problem(where, Kind.SETTING, message);
    }

    @Override
    public String toString() {
        return where + ": " + message;
    }
}
