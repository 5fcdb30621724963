package terpan.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import terpan.config.Nearest;
import terpan.config.ServerCheck;
import terpan.config.Settings;

/** Checks groups of workers against what the catalogues declare of their servers. */
public final class ProfileCheck implements ServerCheck {
    @Override
    public List<Mistake> mistakes(Settings.WorkerGroup group, Settings.Interface callable) {
        List<Mistake> mistakes =
                new ArrayList<>(mistakes(group.server(), group.workers().threads()));
        Profiles.find(group.server().name()).ifPresent(kind -> {
            socketMistake(group.socket(), kind.profile(kind.threadsDefault(), Map.of()))
                    .ifPresent(mistakes::add);
            interfaceMistake(kind, callable).ifPresent(mistakes::add);
            if (group.workers().preload() && !kind.notPreloaded().isEmpty()) {
                mistakes.add(Mistake.of(
                        Part.PRELOAD,
                        "workers.preload is true, but " + kind.notPreloaded()
                                + "; set it to false, or name another server"));
            }
        });
        return mistakes;
    }

    /**
     * What is wrong with the server's name, options and threads; empty: {@link Profiles#profile} may be asked.
     *
     * @param threads threads a worker; 0: the server's default
     */
    public static List<Mistake> mistakes(Settings.Server server, int threads) {
        Optional<ServerKind> found = Profiles.find(server.name());
        if (found.isEmpty()) {
            return List.of(Mistake.of(
                    Part.SERVER,
                    "server '" + server.name() + "' is unknown: expected one of "
                            + String.join(", ", Profiles.names())
                            + Nearest.hint(server.name(), Profiles.names(), "'")));
        }
        ServerKind kind = found.get();
        List<Mistake> mistakes = new ArrayList<>(kind.options().mistakes(kind.name(), server.options()));
        String instead = threads > 1 ? kind.insteadOfThreads(server.options()) : "";
        if (!instead.isEmpty()) {
            mistakes.add(Mistake.of(
                    Part.THREADS,
                    "workers.threads is " + threads + ": a worker of " + kind.name() + " has one, " + instead));
        }
        return mistakes;
    }

    private static Optional<Mistake> interfaceMistake(ServerKind kind, Settings.Interface callable) {
        return callable != Settings.Interface.ASGI || kind.runsAsgi()
                ? Optional.empty()
                : Optional.of(Mistake.of(
                        Part.INTERFACE,
                        "server '" + kind.name() + "' does not run ASGI applications, as application.interface asks:"
                                + " expected one of " + String.join(", ", Profiles.asgiNames())));
    }

    /** Whether it shares a socket a server says whatever its options are. */
    private static Optional<Mistake> socketMistake(Settings.SocketMode socket, ServerProfile profile) {
        boolean builtin = profile.protocol() == Protocol.NATIVE;
        String reason = switch (socket) {
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
        return reason.isEmpty()
                ? Optional.empty()
                : Optional.of(Mistake.of(
                        Part.SOCKET,
                        "workers.socket is \"" + socket.name().toLowerCase(Locale.ROOT) + "\", but " + reason));
    }
}
