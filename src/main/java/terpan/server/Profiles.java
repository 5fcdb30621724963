package terpan.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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

    /**
     * The profile of a server whose settings have no {@link ProfileCheck#mistakes}.
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
