package terpan.config;

import java.util.List;

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

    /** One of which no single setting is to blame. */
    public static Problem together(String message) {
        return setting(new Where.Together(), message);
    }

    /** What several, at least one, are about: settings if one is about them, else what the first is about. */
    public static Kind kindOf(List<Problem> problems) {
        boolean settings = problems.stream().anyMatch(problem -> problem.kind() == Kind.SETTING);
        return settings ? Kind.SETTING : problems.getFirst().kind();
    }

    @Override
    public String toString() {
        return where + ": " + message;
    }
}
