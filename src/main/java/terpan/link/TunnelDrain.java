package terpan.link;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import terpan.loop.Loop;
import terpan.loop.Timer;

/** Tunnels to a worker that is to end: they have until a deadline, and somebody waits until none of them is left. Owned by their link. */
final class TunnelDrain {
    private final Set<HttpConnection> left;
    private final long deadline;
    private final boolean closes;
    private final Runnable ended;
    private final Timer timer;

    /**
     * Of those that there are now; {@link #begin} follows.
     *
     * @param closes whether they are closed at the deadline; else nobody waits for them any more
     */
    TunnelDrain(Loop loop, Collection<HttpConnection> tunnels, long deadline, boolean closes, Runnable ended) {
        this.left = new HashSet<>(tunnels);
        this.deadline = deadline;
        this.closes = closes;
        this.ended = ended;
        this.timer = loop.timer(this::late);
    }

    void begin() {
        timer.set(deadline);
    }

    private void late() {
        if (closes) {
            List.copyOf(left).forEach(HttpConnection::tunnelDrained);
        } else {
            left.clear();
            ended.run();
        }
    }

    /** One is closed; whether nobody waits for more. */
    boolean gone(HttpConnection tunnel) {
        if (left.remove(tunnel) && left.isEmpty()) {
            timer.cancel();
            ended.run();
        }
        return left.isEmpty();
    }
}
