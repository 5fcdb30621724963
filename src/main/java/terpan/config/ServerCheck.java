package terpan.config;

import java.util.List;

/** What is known of servers, asked of each group of workers once the rest of it has been read. */
public interface ServerCheck {
    /** What a mistake is about: the setting whose place a person is to look at. */
    enum Part {
        SERVER,
        OPTION,
        THREADS,
        SOCKET,
        PRELOAD,
        INTERFACE
    }

    /**
     * Something that the server can not do or does not know.
     *
     * @param option the server's option as it was spelt; empty if the mistake is about something else
     * @param message the setting with its value, what was expected, a hint
     */
    record Mistake(Part part, String option, String message) {
        /** A mistake about something else than an option. */
        public static Mistake of(Part part, String message) {
            return new Mistake(part, "", message);
        }
    }

    /** All mistakes of the group's server, for an application that is called in this way; empty: all is well. */
    List<Mistake> mistakes(Settings.WorkerGroup group, Settings.Interface callable);
}
