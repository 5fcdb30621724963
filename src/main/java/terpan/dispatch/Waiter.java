package terpan.dispatch;

/**
 * A request as the dispatcher sees it. The callbacks come after the dispatcher's critical section, on whichever thread
 * caused them; the waiter moves itself to its own loop.
 */
public interface Waiter {
    /** A slot is granted to this waiter, which has to release the lease exactly once. */
    void granted(Lease lease);

    /** The waiter was taken out of the queue and refused. */
    void rejected(Admission.Rejected reason);

    /**
     * Whether the body can be sent once more from its start; one that is still coming, or is larger than what is kept of it, can
     * not be given back, and goes only to a slot with nothing in flight.
     */
    boolean bodyRepeatable();

    /**
     * Whether another worker may be asked though one has begun with it: its method is idempotent (RFC 9110, section 9.2.2) and its body at hand. Workers that
     * have to prove themselves get no other requests at first.
     */
    default boolean mayAskAgain() {
        return false;
    }

    /** The request's route, a number from {@link RouteTable}; routes known to be slow never share a window. */
    int route();

    /** What a sticky choice goes by: a hash of the client's address, or {@link Slot#stickyKey} of the worker that it wants; 0 for none. */
    default long stickyKey() {
        return 0;
    }
}
