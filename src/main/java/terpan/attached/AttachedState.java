package terpan.attached;

/** Where a worker that someone else runs stands; why is said beside it. */
public enum AttachedState {
    /** Nothing is known of it yet. */
    STARTING,
    /** It gets requests. */
    READY,
    /** It gets none until a probe shows that it is well. */
    EJECTED
}
