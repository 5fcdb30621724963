package terpan.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import terpan.config.Nearest;
import terpan.config.Settings;

/** Every server that Terpan can start, as the catalogues declare them. */
public final class Profiles {
    private static final List<ServerKind> KINDS = all();

    private Profiles() {}

    private static List<ServerKind> all() {
        List<ServerKind> kinds = new ArrayList<>(List.of(Builtin.KIND));
        kinds.addAll(ThreadServers.KINDS);
        kinds.addAll(LoopServers.KINDS);
        kinds.addAll(AsgiServers.KINDS);
        return List.copyOf(kinds);
    }

    public static List<ServerKind> kinds() {
        return KINDS;
    }

    public static List<String> names() {
        return KINDS.stream().map(ServerKind::name).toList();
    }

    public static Optional<ServerKind> find(String name) {
        return KINDS.stream().filter(kind -> kind.name().equals(name)).findFirst();
    }

    /** The servers that run ASGI applications too. */
    public static List<String> asgiNames() {
        return KINDS.stream().filter(ServerKind::runsAsgi).map(ServerKind::name).toList();
    }

    /** What is wrong with the server for an application that is said to be ASGI; empty: nothing. */
    public static List<String> interfaceProblems(Settings.Server server, Settings.Interface callable) {
        boolean runs = callable != Settings.Interface.ASGI
                || find(server.name()).map(ServerKind::runsAsgi).orElse(true);
        return runs
                ? List.of()
                : List.of(
                        "server '" + server.name() + "' does not run ASGI applications, as application.interface asks:"
                                + " expected one of " + String.join(", ", asgiNames()));
    }

    /**
     * What is wrong with the server's name, options and threads; empty: {@link #profile} may be asked.
     *
     * @param threads threads a worker; 0: the server's default
     */
    public static List<String> problems(Settings.Server server, int threads) {
        return find(server.name())
                .map(kind -> problems(kind, server.options(), threads))
                .orElseGet(() -> List.of(
                        "server '" + server.name() + "' is unknown: expected one of " + String.join(", ", names())
                                + Nearest.to(server.name(), names())
                                        .map(near -> "; did you mean '" + near + "'?")
                                        .orElse("")));
    }

    private static List<String> problems(ServerKind kind, Map<String, String> options, int threads) {
        List<String> problems = new ArrayList<>(kind.options().problems(kind.name(), options));
        if (threads > 1) {
            kind.insteadOfThreads()
                    .ifPresent(instead -> problems.add(
                            "workers.threads is " + threads + ": a worker of " + kind.name() + " has one, " + instead));
        }
        return problems;
    }

    /** What is wrong with the group's server, and with how its workers are to be reached; empty: all is well. */
    public static List<String> problems(Settings.WorkerGroup group) {
        int threads = group.workers().threads();
        List<String> problems = new ArrayList<>(problems(group.server(), threads));
        if (problems.isEmpty()) {
            socketProblem(group.socket(), profile(group.server(), threads)).ifPresent(problems::add);
        }
        return problems;
    }

    private static Optional<String> socketProblem(Settings.SocketMode socket, ServerProfile profile) {
        boolean builtin = profile.protocol() == Protocol.NATIVE;
        String problem = switch (socket) {
            case PRIVATE -> "";
            case SHARED ->
                builtin
                        ? "each built-in worker has a link of its own to the front, expected private"
                        : profile.sharesSocket()
                                ? ""
                                : "several processes of " + profile.name()
                                        + " can not accept on one socket, expected private or tcp";
            case TCP ->
                builtin
                        ? "every user of this machine could reach the built-in worker's link, which trusts the"
                                + " front, expected private"
                        : "";
        };
        return problem.isEmpty()
                ? Optional.empty()
                : Optional.of("workers.socket is \"" + socket.name().toLowerCase(Locale.ROOT) + "\", but " + problem);
    }

    /**
     * The profile of a server whose settings have no {@link #problems}.
     *
     * @param threads threads a worker; 0: the server's default
     */
    public static ServerProfile profile(Settings.Server server, int threads) {
        return profile(server, threads, false);
    }

    /** The same where the application is an ASGI one. */
    public static ServerProfile asgiProfile(Settings.Server server, int threads) {
        return profile(server, threads, true);
    }

    private static ServerProfile profile(Settings.Server server, int threads, boolean asgi) {
        ServerKind kind = find(server.name()).orElseThrow(() -> new IllegalArgumentException(server.name()));
        return kind.profile(threads == 0 ? kind.threadsDefault() : threads, server.options(), asgi);
    }
}
