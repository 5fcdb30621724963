package terpan.edge.http2;

import java.util.concurrent.TimeUnit;
import terpan.config.Settings;
import terpan.edge.Client;
import terpan.edge.Edge;
import terpan.edge.LingeringClose;
import terpan.loop.Timer;

/**
 * The deadlines of one connection beside those of its streams, all on one timer: for the next request, for a head that has begun, for the
 * client's word that it has our settings, for it to take what we send, for the end. Belongs to the loop's thread.
 */
final class Http2Deadlines {
    /** What has passed. */
    enum Passed {
        NOTHING,
        /** It has no stream, and does not begin one. */
        IDLE,
        /** A head has begun and is not whole. */
        HEAD,
        /** The client does not say that it has our settings. */
        SETTINGS,
        /** The client knows that the connection ends: no new requests from now on. */
        DRAIN,
        /** Clients whose answers are whole are told that no more of their requests is wanted. */
        RESETS,
        /** The client takes nothing, or too little in its time. */
        SENDING,
        /** The last answer is sent. */
        LINGER
    }

    private static final long NEVER = Long.MAX_VALUE;

    /** Clients that take a reset for a failure have the answer before it, and have mostly stopped sending by then. */
    private static final long RESETS_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final Edge edge;
    private final Client client;
    private final Timer timer;
    private long idleSince;
    private long idleAt = NEVER;
    private long headAt = NEVER;
    private long requestsSeen;
    private long settingsAt;
    private long drainAt = NEVER;
    private long resetsAt = NEVER;
    private long sendingAt = NEVER;
    private long unsentSince = NEVER;
    private long sentSeen;
    private long sentFrom;
    private long lingerAt = NEVER;

    Http2Deadlines(Edge edge, Client client, Timer timer) {
        this.edge = edge;
        this.client = client;
        this.timer = timer;
    }

    /** A new connection has as long for its first request as for a head. */
    void first() {
        long nanos = edge.settings().limits.headTimeout().toNanos();
        settingsAt = edge.loop.now() + nanos;
        idle(nanos);
        set();
    }

    private void idle(long nanos) {
        idleSince = edge.loop.now();
        idleAt = idleSince + (edge.leaves(client) ? Edge.IDLE_GRACE_NANOS : nanos);
    }

    /** When the connection became idle last; {@link Long#MAX_VALUE} while it is not. */
    long idleSince() {
        return idleAt == NEVER ? Long.MAX_VALUE : idleSince;
    }

    /**
     * How the connection stands after what came or was sent.
     *
     * @param streams how many are open
     * @param requests how many there were in all
     * @param sent bytes that the client was sent in all
     */
    void look(boolean withinHead, boolean acknowledged, int streams, long requests, boolean unsent, long sent) {
        long now = edge.loop.now();
        if (streams > 0) {
            idleAt = NEVER;
        } else if (idleAt == NEVER) {
            idle(edge.settings().limits.keepAliveIdle().toNanos());
        }
        if (!withinHead) {
            headAt = NEVER;
        } else if (headAt == NEVER || requests != requestsSeen) {
            headAt = now + edge.settings().limits.headTimeout().toNanos();
        }
        requestsSeen = requests;
        settingsAt = acknowledged ? NEVER : settingsAt;
        if (!unsent) {
            sendingAt = NEVER;
            unsentSince = NEVER;
        } else {
            if (unsentSince == NEVER || sent != sentSeen) {
                unsentSince = now;
                edge.looksForMemory();
            }
            if (sendingAt == NEVER) {
                sending(now, sent);
            }
        }
        sentSeen = sent;
        set();
    }

    /** Since when the system has taken nothing of what waits to be sent, whatever it is; {@link Long#MAX_VALUE} where nothing waits. */
    long unsentSince() {
        return unsentSince;
    }

    /** From now on it is looked at what the client takes. */
    private void sending(long now, long sent) {
        sentFrom = sent;
        sendingAt = now + edge.settings().limits.sendIdle().toNanos();
    }

    /** Whether the client took less than it has to since that began to be looked at; nothing is always too little. */
    private boolean tooSlow() {
        Settings.Http limits = edge.settings().limits;
        long least = limits.sendRate() * limits.sendIdle().toMillis() / 1000;
        return sentSeen - sentFrom < Math.max(1, least);
    }

    /** Whether resets of streams wait whose answers are whole. */
    void resets(boolean wait) {
        if (!wait) {
            resetsAt = NEVER;
        } else if (resetsAt == NEVER) {
            resetsAt = edge.loop.now() + RESETS_NANOS;
            set();
        }
    }

    /** From then on, monotonic nanoseconds, no new requests are taken. */
    void drain(long at) {
        drainAt = Math.min(drainAt, at);
        set();
    }

    /** Its last answer is sent. */
    void linger() {
        idleAt = NEVER;
        headAt = NEVER;
        settingsAt = NEVER;
        drainAt = NEVER;
        resetsAt = NEVER;
        sendingAt = NEVER;
        unsentSince = NEVER;
        lingerAt = edge.loop.now() + LingeringClose.NANOS;
        set();
    }

    private void set() {
        long next = Math.min(
                Math.min(Math.min(idleAt, headAt), Math.min(settingsAt, drainAt)),
                Math.min(Math.min(resetsAt, sendingAt), lingerAt));
        if (next == NEVER) {
            timer.cancel();
        } else {
            timer.set(next);
        }
    }

    /** What has passed, one at a time; it is told once. */
    Passed passed() {
        long now = edge.loop.now();
        Passed what = Passed.NOTHING;
        if (lingerAt <= now) {
            lingerAt = NEVER;
            what = Passed.LINGER;
        } else if (sendingAt <= now) {
            sendingAt = NEVER;
            if (tooSlow()) {
                what = Passed.SENDING;
            } else {
                sending(now, sentSeen);
            }
        } else if (resetsAt <= now) {
            resetsAt = NEVER;
            what = Passed.RESETS;
        } else if (headAt <= now) {
            headAt = NEVER;
            what = Passed.HEAD;
        } else if (settingsAt <= now) {
            settingsAt = NEVER;
            what = Passed.SETTINGS;
        } else if (drainAt <= now) {
            drainAt = NEVER;
            what = Passed.DRAIN;
        } else if (idleAt <= now) {
            idleAt = NEVER;
            what = Passed.IDLE;
        }
        set();
        return what;
    }

    /** It is closed. */
    void cancel() {
        timer.cancel();
    }
}
