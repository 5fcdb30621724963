package terpan.admin;

/** What an operator gets. */
sealed interface Reply permits Answer, Reply.Live {
    /**
     * What goes on, as long as somebody looks.
     *
     * @param role what they may
     * @param over is told once, when they look no more
     */
    record Live(LiveFeed feed, Role role, Runnable over) implements Reply {}
}
