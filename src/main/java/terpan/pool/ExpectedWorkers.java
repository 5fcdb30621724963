package terpan.pool;

import terpan.dispatch.Dispatcher;

/**
 * Whether some worker may still come: one that we start, or one that someone else runs. Told by the threads that watch over each kind;
 * the dispatcher hears what follows from both.
 */
public final class ExpectedWorkers {
    private final Dispatcher dispatcher;
    private volatile boolean ofStarted;
    private volatile boolean ofAttached;

    /** At first each kind that there is has expected. */
    public ExpectedWorkers(Dispatcher dispatcher, boolean anyStarted, boolean anyAttached) {
        this.dispatcher = dispatcher;
        this.ofStarted = anyStarted;
        this.ofAttached = anyAttached;
    }

    void ofStarted(boolean mayCome) {
        ofStarted = mayCome;
        tell();
    }

    void ofAttached(boolean mayCome) {
        ofAttached = mayCome;
        tell();
    }

    /** Looks once more after it has told: whoever changed the other one meanwhile may have told before. */
    private void tell() {
        boolean told;
        do {
            told = ofStarted || ofAttached;
            dispatcher.expectWorkers(told);
        } while (told != (ofStarted || ofAttached));
    }
}
