package terpan.examine;

/**
 * One thing that was looked at.
 *
 * @param subject what was looked at, in a word or two
 * @param text what was found
 * @param advice what to do about it; empty where nothing is to be done
 */
public record Finding(Level level, String subject, String text, String advice) {
    /** How bad it is. */
    public enum Level {
        OK,
        /** It works, but worse than it could, or not under load. */
        WARNING,
        /** Serving will fail. */
        PROBLEM
    }

    /** The same, said of an application. */
    public Finding of(String application) {
        return new Finding(level, application + ": " + subject, text, advice);
    }

    static Finding ok(String subject, String text) {
        return new Finding(Level.OK, subject, text, "");
    }

    static Finding warning(String subject, String text, String advice) {
        return new Finding(Level.WARNING, subject, text, advice);
    }

    static Finding problem(String subject, String text, String advice) {
        return new Finding(Level.PROBLEM, subject, text, advice);
    }
}
