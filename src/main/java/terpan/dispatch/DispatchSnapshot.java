package terpan.dispatch;

import java.util.List;

/**
 * The dispatcher at one moment.
 *
 * @param waiting requests in the wait queue
 * @param inFlight leases open
 * @param slots every slot that is not gone
 */
public record DispatchSnapshot(int waiting, int inFlight, List<SlotSnapshot> slots) {
    /** A slot at one moment; {@code state} is starting, ready or draining. */
    public record SlotSnapshot(String name, String state, int capacity, int window, int inFlight, long settled) {}
}
