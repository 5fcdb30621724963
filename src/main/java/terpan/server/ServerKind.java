package terpan.server;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * One brand of server: the Java half of what we know of it; its launcher of the same name is the Python half. Declared in one of
 * the catalogues ({@link ThreadServers}, {@link LoopServers}, {@link AsgiServers}).
 */
public final class ServerKind {
    /** Makes the profile for threads (at least 1) and options (free of problems). */
    @FunctionalInterface
    interface ProfileMaker {
        ServerProfile profile(int threads, Options options);
    }

    private final String name;
    private final List<String> distributions;
    private final String installHint;
    private final int threadsDefault;
    private final Function<Options, String> insteadOfThreads;
    private final OptionRules options;
    private final boolean runsAsgi;
    private final String notPreloaded;
    private final ProfileMaker maker;

    private ServerKind(Declaration declared, ProfileMaker maker) {
        this.name = declared.name;
        this.distributions = List.copyOf(declared.distributions);
        this.installHint = declared.installHint;
        this.threadsDefault = declared.threadsDefault;
        this.insteadOfThreads = declared.insteadOfThreads;
        this.options = new OptionRules(declared.passed, declared.refused);
        this.runsAsgi = declared.runsAsgi;
        this.notPreloaded = declared.notPreloaded;
        this.maker = maker;
    }

    static Declaration named(String name) {
        return new Declaration(name);
    }

    /** The name in the configuration, and of the launcher's module. */
    public String name() {
        return name;
    }

    /** The Python distributions that it needs in the application's environment; empty for what is not a Python package. */
    public List<String> distributions() {
        return distributions;
    }

    /** Whether it is a program of its own: it is no Python distribution, and has to be installed all the same. */
    public boolean isProgram() {
        return distributions.isEmpty() && !installHint.isEmpty();
    }

    /** The command that installs it into an application's environment; empty: nothing to install. */
    public String installHint() {
        return installHint;
    }

    /** Threads in a worker when the configuration says nothing, at least 1. */
    public int threadsDefault() {
        return threadsDefault;
    }

    /** What to set instead of threads, where a worker with these options has but one; empty: it has as many as are asked for. */
    String insteadOfThreads(Map<String, String> given) {
        return insteadOfThreads.apply(new Options(given, false));
    }

    /** Which options may be passed through. */
    public OptionRules options() {
        return options;
    }

    /** Whether it runs ASGI applications besides WSGI ones. */
    public boolean runsAsgi() {
        return runsAsgi;
    }

    /** Why its workers can not be forked from a process that has imported the application; empty: they can. */
    public String notPreloaded() {
        return notPreloaded;
    }

    /** The profile for these threads (at least 1) and options (free of problems), with a WSGI application. */
    public ServerProfile profile(int threads, Map<String, String> given) {
        return profile(threads, given, false);
    }

    /** The profile with an application of either kind. */
    public ServerProfile profile(int threads, Map<String, String> given, boolean asgi) {
        return maker.profile(threads, new Options(given, asgi));
    }

    @Override
    public String toString() {
        return name;
    }

    /** What a catalogue says of a server, until its profile makes it whole. */
    static final class Declaration {
        private final String name;
        private final List<String> distributions = new ArrayList<>();
        private final Map<String, OptionKind> passed = new HashMap<>();
        private final Map<String, String> refused = new HashMap<>();
        private String installHint = "";
        private int threadsDefault = 1;
        private Function<Options, String> insteadOfThreads = options -> "";
        private boolean runsAsgi;
        private String notPreloaded = "";

        private Declaration(String name) {
            this.name = name;
            refuses(Refusals.LISTENING, "bind");
            refuses(Refusals.PROCESSES, "daemon", "daemonize", "pidfile");
            refuses(Refusals.COUNT, "workers", "processes");
            refuses(Refusals.THREADS, "threads");
        }

        /** It comes with {@code pip install DISTRIBUTION...}, in this order; the first one's version is the server's. */
        Declaration pip(String... names) {
            distributions.addAll(List.of(names));
            installHint = "pip install " + String.join(" ", names);
            return this;
        }

        /** It is installed by another command than pip's, or needs more than that one. */
        Declaration installedBy(String command) {
            installHint = command;
            return this;
        }

        Declaration threads(int count) {
            threadsDefault = count;
            return this;
        }

        /** A worker has one thread, whatever is asked for; what to do instead. */
        Declaration unthreaded(String instead) {
            return unthreaded(options -> instead);
        }

        /** The same where it is so with some options only; empty: a worker has the threads that are asked for. */
        Declaration unthreaded(Function<Options, String> instead) {
            insteadOfThreads = instead;
            return this;
        }

        Declaration runsAsgi() {
            runsAsgi = true;
            return this;
        }

        /** Its workers can not be forked from a process that has imported the application, and why. */
        Declaration notPreloaded(String why) {
            notPreloaded = why;
            return this;
        }

        /** Options that the launcher passes on as they are; spelt with dashes. */
        Declaration passes(String... names) {
            return passes(OptionKind.TEXT, names);
        }

        /** The same, where we know what they may be given. */
        Declaration passes(OptionKind kind, String... names) {
            for (String each : names) {
                passed.put(each, kind);
            }
            return this;
        }

        /** Options that would break what Terpan promises, and what to do instead. */
        Declaration refuses(String reason, String... names) {
            for (String each : names) {
                refused.put(each, reason);
            }
            return this;
        }

        ServerKind profile(ProfileMaker maker) {
            return new ServerKind(this, maker);
        }
    }
}
