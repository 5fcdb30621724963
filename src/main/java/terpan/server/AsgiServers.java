package terpan.server;

import java.util.List;

/** Servers that run ASGI applications besides WSGI ones. */
final class AsgiServers {
    static final List<ServerKind> KINDS = List.of();

    private AsgiServers() {}
}
