package terpan.edge;

import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import terpan.edge.limits.BufferMemory;
import terpan.loop.Timer;
import terpan.metrics.Limit;

/**
 * What one loop does where the memory for buffers is used up, or nearly: who wants to go on waits for some, and who holds some and does not use
 * it has to give it up. Belongs to the loop's thread.
 */
final class ScarceMemory {
    private static final long AGAIN_NANOS = 20_000_000L;
    private static final long LOOK_NANOS = 100_000_000L;

    /** One part in so many of the answers that wait is cut at a time. */
    private static final int CUT_SHARE = 4;

    private final Edge edge;
    private final Set<Client> clients;
    private final BufferMemory all;
    private final Set<Runnable> waiters = new LinkedHashSet<>();
    private final Timer again;
    private final Timer look;

    /**
     * @param clients those of the loop, as they are
     */
    ScarceMemory(Edge edge, Set<Client> clients) {
        this.edge = edge;
        this.clients = clients;
        this.all = edge.bounds.memory();
        this.again = edge.loop.timer(this::goOn);
        this.look = edge.loop.timer(this::giveUp);
    }

    /** {@link Edge#memoryIsShort}. */
    boolean isShort(Runnable action) {
        if (!all.exhausted()) {
            return false;
        }
        if (waiters.add(action)) {
            edge.metrics.limitReached(Limit.MEMORY);
        }
        if (!again.isSet()) {
            again.set(edge.loop.now() + AGAIN_NANOS);
        }
        look();
        return true;
    }

    void waitsNoLonger(Runnable action) {
        if (!waiters.isEmpty()) {
            waiters.remove(action);
        }
    }

    private void goOn() {
        if (all.exhausted()) {
            again.set(edge.loop.now() + AGAIN_NANOS);
            return;
        }
        List<Runnable> due = List.copyOf(waiters);
        waiters.clear();
        for (Runnable waiter : due) {
            try {
                waiter.run();
            } catch (RuntimeException fault) {
                edge.log.atError().setCause(fault).log("a connection that waited for memory failed");
            }
        }
    }

    /** {@link Edge#looksForMemory}. */
    void look() {
        if (!look.isSet() && all.tight()) {
            look.set(edge.loop.now() + LOOK_NANOS);
        }
    }

    /**
     * While there is little memory, cuts answers of which their clients have taken nothing for the longest, and for a second at least; while
     * there is none, closes the longest idle connections too.
     */
    private void giveUp() {
        if (!all.tight()) {
            return;
        }
        look.set(edge.loop.now() + LOOK_NANOS);
        if (!all.scarce()) {
            return;
        }
        long before = edge.loop.now() - ExchangeDeadlines.SLOW_NANOS;
        List<Client> heldUp = clients.stream()
                .filter(client -> client.heldUpSince() < before)
                .sorted(Comparator.comparingLong(Client::heldUpSince))
                .toList();
        for (Client client : heldUp.subList(0, (heldUp.size() + CUT_SHARE - 1) / CUT_SHARE)) {
            edge.apart(client, () -> client.makeRoom(before));
        }
        if (all.exhausted()) {
            edge.makeRoom(ConnectionAdmission.ROOM);
        }
    }
}
