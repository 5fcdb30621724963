package terpan.worker;

/** Where a worker stands; why it stands there is data beside it. */
public enum WorkerState {
    /** Spawned, not ready yet. */
    STARTING,
    /** Takes requests. */
    READY,
    /** Ready, but gets no requests: another generation serves, and this one is kept. */
    PARKED,
    /** Takes no new requests; those in flight go on. */
    DRAINING,
    /** Was asked, or forced, to end. */
    STOPPING,
    /** Its process is gone; another may be due. */
    EXITED
}
