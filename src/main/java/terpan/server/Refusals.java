package terpan.server;

import java.util.Map;

/** The reasons that servers' option rules have in common, and how an option in seconds is read. */
final class Refusals {
    static final String LISTENING = "the launcher binds the worker's private socket and hands it over";
    static final String THREADS = "set 'workers.threads' instead";
    static final String IDENTITY = "the client's identity is set by the front";
    static final String PROCESSES = "the supervisor owns the worker's process";
    static final String HEADS = "limits for heads are the front's";

    private Refusals() {}

    /** The option in whole seconds, by its name with dashes; the launcher refuses what is no number. */
    static int seconds(Map<String, String> options, String name, int otherwise) {
        String text = options.getOrDefault(name, options.getOrDefault(name.replace('-', '_'), ""));
        return text.chars().allMatch(Character::isDigit) && !text.isEmpty() && text.length() < 8
                ? Integer.parseInt(text)
                : otherwise;
    }
}
