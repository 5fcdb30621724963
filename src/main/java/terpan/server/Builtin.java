package terpan.server;

/** Terpan's own worker: plain Python on the native link. */
final class Builtin {
    static final ServerKind KIND =
            ServerKind.named("builtin").profile((threads, options) -> ServerProfile.builtin("builtin", threads));

    private Builtin() {}
}
