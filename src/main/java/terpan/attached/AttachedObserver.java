package terpan.attached;

/** Is told what becomes of workers that someone else runs, by name, on the watch's thread: must not block. */
public interface AttachedObserver {
    /** So many requests may be with the worker at once from now on; 0: it gets none. */
    void onRoom(String worker, int requests);

    /** Connections that are open now are not to be used again: the worker is elsewhere, or may be another. */
    void onMoved(String worker);

    /** The worker is left out. */
    void onEjected(String worker, Fault fault);

    /** The worker was looked at. */
    void onProbed(String worker, boolean passed);

    /** The worker's name was looked up. */
    void onLookedUp(String worker, boolean found);

    /** Whether some worker is there or may soon come; false: all have been out of reach for so long that nobody should wait for them. */
    void onExpected(boolean someWorkerMayCome);
}
