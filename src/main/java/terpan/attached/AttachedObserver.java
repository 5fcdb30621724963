package terpan.attached;

import terpan.config.Attach;

/** Is told what becomes of workers that someone else runs, on the watch's thread: must not block. */
public interface AttachedObserver {
    /** So many requests may be with the worker at once from now on; 0: it gets none. */
    void onRoom(Attach worker, int requests);

    /** Connections that are open now are not to be used again: the worker is elsewhere, or may be another. */
    void onMoved(Attach worker);

    /** The worker is left out. */
    void onEjected(Attach worker, Fault fault);

    /** The worker was looked at. */
    void onProbed(Attach worker, boolean passed);

    /** The worker's name was looked up. */
    void onLookedUp(Attach worker, boolean found);

    /** Whether some worker is there or may soon come; false: all have been out of reach for so long that nobody should wait for them. */
    void onExpected(boolean someWorkerMayCome);
}
