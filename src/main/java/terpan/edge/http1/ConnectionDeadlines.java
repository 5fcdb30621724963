package terpan.edge.http1;

import terpan.edge.Client;
import terpan.edge.Edge;
import terpan.edge.ExchangeDeadlines;
import terpan.edge.LingeringClose;
import terpan.loop.Timer;

/**
 * The deadlines of one client connection between its exchanges: for the next request, for its head, for the end. On one timer with those of
 * the exchange that it carries, for only one of them waits at a time. Belongs to the loop's thread.
 */
final class ConnectionDeadlines {
    private final Edge edge;
    private final Client client;
    private final Timer timer;
    private long headSince;
    private long headDueAt;
    private long idleSince;
    private boolean slowHead;

    ConnectionDeadlines(Edge edge, Client client, Timer timer) {
        this.edge = edge;
        this.client = client;
        this.timer = timer;
    }

    /** A new connection has as long for its first request as for a head. */
    void first() {
        setIdle(edge.settings().limits.headTimeout().toNanos());
    }

    /** Between requests. */
    void idle() {
        setIdle(edge.settings().limits.keepAliveIdle().toNanos());
    }

    private void setIdle(long nanos) {
        idleSince = edge.loop.now();
        timer.set(edge.loop.now() + (edge.leaves(client) ? Edge.IDLE_GRACE_NANOS : nanos));
    }

    /** When the connection became idle last. */
    long idleSince() {
        return idleSince;
    }

    /** When the head that comes has begun. */
    long headSince() {
        return headSince;
    }

    /** It has until then. */
    void at(long deadline) {
        timer.set(deadline);
    }

    /** Its last answer is sent. */
    void linger() {
        idleSince = edge.loop.now();
        timer.set(edge.loop.now() + LingeringClose.NANOS);
    }

    /** It is closed. */
    void cancel() {
        timer.cancel();
    }

    /** A head has begun; monotonic nanoseconds of it. */
    long headBegins() {
        long now = edge.loop.now();
        headSince = now;
        headDueAt = now + edge.settings().limits.headTimeout().toNanos();
        slowHead = false;
        return now;
    }

    /** The head is not complete: it is looked at a little later, and at its deadline. */
    void headGoesOn() {
        if (!slowHead) {
            slowHead = true;
            timer.set(Math.min(edge.loop.now() + ExchangeDeadlines.SLOW_NANOS, headDueAt));
        }
    }

    /** Whether the head has had its time; sets the timer anew otherwise. */
    boolean headLate() {
        timer.set(headDueAt);
        return edge.loop.now() >= headDueAt;
    }
}
