package terpan.server;

import java.util.List;

/** Servers with an event loop: one request at a time in C or Python, or many in greenlets. */
final class LoopServers {
    static final List<ServerKind> KINDS = List.of();

    private LoopServers() {}
}
