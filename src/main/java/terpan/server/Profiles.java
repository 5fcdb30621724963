package terpan.server;

import java.util.List;
import java.util.Optional;
import terpan.config.Settings;

/** Every server that Terpan can start. A new one is a line here, its class beside it and its launcher in Python. */
public final class Profiles {
    private static final List<ServerKind> KINDS = List.of(new Builtin(), new Waitress(), new Gunicorn());

    private Profiles() {}

    public static List<ServerKind> kinds() {
        return KINDS;
    }

    public static List<String> names() {
        return KINDS.stream().map(ServerKind::name).toList();
    }

    public static Optional<ServerKind> find(String name) {
        return KINDS.stream().filter(kind -> kind.name().equals(name)).findFirst();
    }

    /** What is wrong with the server's name, options and threads; empty: {@link #profile} may be asked. */
    public static List<String> problems(Settings.Server server) {
        return find(server.name())
                .map(kind -> kind.options().problems(server.name(), server.options()))
                .orElseGet(() -> List.of(
                        "server '" + server.name() + "' is unknown: expected one of " + String.join(", ", names())));
    }

    /**
     * The profile of a server whose settings have no {@link #problems}.
     *
     * @param threads threads a worker; 0: the server's default
     */
    public static ServerProfile profile(Settings.Server server, int threads) {
        ServerKind kind = find(server.name()).orElseThrow(() -> new IllegalArgumentException(server.name()));
        return kind.profile(threads == 0 ? kind.threadsDefault() : threads, server.options());
    }
}
