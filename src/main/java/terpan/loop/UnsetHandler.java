package terpan.loop;

/** The handler of a wire between its registration and its real one; nothing can happen on it. */
enum UnsetHandler implements WireHandler {
    INSTANCE;

    @Override
    public void onReadable() {
        throw new IllegalStateException("a wire without handler");
    }

    @Override
    public void onFlush() {
        throw new IllegalStateException("a wire without handler");
    }
}
