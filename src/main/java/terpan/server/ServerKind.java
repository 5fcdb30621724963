package terpan.server;

import java.util.Map;

/** One brand of WSGI server: the Java half of what we know of it; its launcher of the same name is the Python half. */
public interface ServerKind {
    /** The name in the configuration, and of the launcher's module. */
    String name();

    /** Threads in a worker when the configuration says nothing, at least 1. */
    int threadsDefault();

    /** The command that installs it into an application's environment; empty: nothing to install. */
    String installHint();

    /** Which options may be passed through. */
    OptionRules options();

    /** The profile for these threads (at least 1) and options (free of problems). */
    ServerProfile profile(int threads, Map<String, String> options);
}
