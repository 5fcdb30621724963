package terpan.edge;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import terpan.config.Settings;
import terpan.loop.Timer;
import terpan.metrics.ClientRefusal;

/**
 * The deadlines of one exchange: while its body comes, while its answer is awaited, while the answer is sent. All on one timer, which its
 * owner gives and which is moved lazily: what comes in or goes out is noted here, and judged when the timer comes up. Belongs to the loop's
 * thread.
 */
public final class ExchangeDeadlines {
    /** What is to be done about an exchange whose timer came up. */
    enum Verdict {
        WAIT,
        /** It takes long, which is worth a line in the log. */
        WARN,
        /** The worker said nothing for too long. */
        TIME_OUT,
        /** The whole answer takes too long. */
        TOO_LONG,
        /** The client took nothing for too long. */
        CUT,
        /** The client takes it too slowly. */
        TOO_SLOW
    }

    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    /** What takes longer than that is slow: it has to do with less memory. */
    public static final long SLOW_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** How often a client is looked for that nothing is read of. */
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** How often in each send-idle it is tried to send what a client did not take. */
    private static final int TRIES = 12;

    private static final long RATE_AFTER_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Edge edge;
    private final Timer timer;
    private Settings.Http limits;
    private long begunAt;
    private long pausedAt;
    private long progressAt;
    private long forwardedAt;
    private long windowAt;
    private long windowSent;
    private long sent;
    private boolean unsent;
    private boolean warned;

    /**
     * @param timer of whoever has the exchange, who calls {@link #judge} or {@link #bodyLate} when it comes up
     */
    ExchangeDeadlines(Edge edge, Timer timer) {
        this.edge = edge;
        this.timer = timer;
        this.limits = edge.settings().limits;
    }

    /** A request's first byte came at that time; it is judged by these limits. */
    void begin(long now, Settings.Http judgedBy) {
        limits = judgedBy;
        begunAt = now;
        warned = false;
    }

    /** It turned out to be for an application with limits of its own. */
    void judgedBy(Settings.Http its) {
        limits = its;
    }

    /** A body is coming. */
    public void bodyBegins() {
        begunAt = edge.loop.now();
        progressAt = begunAt;
        timer.set(begunAt + Math.min(SLOW_NANOS, limits.bodyIdle().toNanos()));
    }

    /** Nothing is received for now, which is not the client's fault. */
    public void bodyPauses() {
        pausedAt = edge.loop.now();
        timer.set(pausedAt + LOOK_NANOS);
    }

    /** The time of the pause does not count. */
    public void bodyGoesOn() {
        progressAt = edge.loop.now();
        begunAt += progressAt - pausedAt;
        timer.set(progressAt + Math.min(SLOW_NANOS, limits.bodyIdle().toNanos()));
    }

    /** Bytes a second with which so many have come so far. */
    public long bodyPace(long received) {
        return received * 1000 / Math.max(1, (edge.loop.now() - begunAt) / MILLI);
    }

    /** Whether a worker has taken nothing of a body, which waits for it, for as long as it may take to answer; sets the timer anew. */
    public boolean workerLate(Exchange exchange) {
        timer.set(edge.loop.now() + LOOK_NANOS);
        return exchange.state() == Exchange.State.IN_FLIGHT
                && edge.loop.now() - exchange.heardAt() >= limits.answerIdle().toNanos();
    }

    /** Why the body comes too slowly, or waits too long for room; null when it does not, and the timer is set anew. */
    public @Nullable ClientRefusal bodyLate(long received, boolean paused) {
        long now = edge.loop.now();
        if (paused) {
            timer.set(now + LOOK_NANOS);
            return now - pausedAt >= limits.bodyIdle().toNanos() ? ClientRefusal.NO_ROOM : null;
        }
        long elapsed = now - begunAt;
        long least = limits.bodyRate() * (elapsed / 1_000_000_000L);
        boolean tooSlow = elapsed >= RATE_AFTER_NANOS && received < least;
        if (now - progressAt >= limits.bodyIdle().toNanos()) {
            return ClientRefusal.BODY_IDLE;
        }
        if (tooSlow) {
            return ClientRefusal.BODY_RATE;
        }
        timer.set(Math.min(progressAt + limits.bodyIdle().toNanos(), now + RATE_AFTER_NANOS));
        return null;
    }

    /** The client sent something. */
    public void received() {
        progressAt = edge.loop.now();
    }

    /** The request is with a worker; while its body still comes, it goes by the body's deadlines. */
    public void forwarded(boolean bodyWhole) {
        forwardedAt = edge.loop.now();
        if (bodyWhole) {
            long first =
                    Math.min(limits.answerIdle().toNanos(), limits.answerWarn().toNanos());
            timer.set(Math.min(forwardedAt + first, answerDueAt()));
        }
    }

    private long answerDueAt() {
        long most = limits.answerMost().toNanos();
        return most == 0 ? Long.MAX_VALUE : forwardedAt + most;
    }

    /**
     * What waits for the client was sent as far as it takes it.
     *
     * @param sentInAll bytes that the client was sent on this connection
     * @param empty whether nothing waits any more
     */
    public void flushed(long sentInAll, boolean empty) {
        boolean begins = !empty && !unsent;
        unsent = !empty;
        if (begins) {
            edge.looksForMemory();
        }
        if (sentInAll != sent || begins) {
            sent = sentInAll;
            progressAt = edge.loop.now();
        }
        if (begins) {
            windowAt = progressAt;
            windowSent = sent;
        }
        if (!empty) {
            timer.set(Math.min(windowAt + limits.sendIdle().toNanos(), tryAt()));
        }
    }

    /** Since when its client has taken nothing of what waits for it; {@link Long#MAX_VALUE} where nothing waits. */
    public long heldUpSince() {
        return unsent ? progressAt : Long.MAX_VALUE;
    }

    /** Whether something waits for a client that does not take it at once. */
    public boolean unsent() {
        return unsent;
    }

    /**
     * When to try to send although the system does not ask for more: it does so only once a third of its buffer is free, which may take
     * a slow client longer than it has, but takes as much as the client has.
     */
    private long tryAt() {
        return edge.loop.now() + limits.sendIdle().toNanos() / TRIES;
    }

    /** Judges an exchange whose body is whole and whose timer came up; sets the timer anew where it goes on. */
    Verdict judge(Exchange exchange) {
        long now = edge.loop.now();
        if (unsent) {
            return taking(now);
        }
        if (exchange.state() == Exchange.State.OPENING) {
            long dueAt = exchange.heardAt() + limits.answerIdle().toNanos();
            timer.set(dueAt);
            return now >= dueAt ? Verdict.TIME_OUT : Verdict.WAIT;
        }
        if (exchange.state() != Exchange.State.IN_FLIGHT) {
            timer.set(now + limits.answerIdle().toNanos());
            return Verdict.WAIT;
        }
        long dueAt = exchange.heardAt() + limits.answerIdle().toNanos();
        long warnAt = begunAt + limits.answerWarn().toNanos();
        boolean warn = !warned && now >= warnAt;
        warned |= warn;
        timer.set(Math.min(warned ? dueAt : Math.min(dueAt, warnAt), answerDueAt()));
        if (now >= answerDueAt()) {
            return Verdict.TOO_LONG;
        }
        if (now >= dueAt) {
            return Verdict.TIME_OUT;
        }
        return warn ? Verdict.WARN : Verdict.WAIT;
    }

    /** Judges a client that something waits for: over each send-idle, for the system takes in lumps what a client takes evenly. */
    private Verdict taking(long now) {
        long window = limits.sendIdle().toNanos();
        long idleDueAt = progressAt + window;
        if (now >= idleDueAt) {
            return Verdict.CUT;
        }
        if (now - windowAt >= window) {
            long least = limits.sendRate() * (window / MILLI) / 1000;
            if (sent - windowSent < least) {
                return Verdict.TOO_SLOW;
            }
            windowAt = now;
            windowSent = sent;
        }
        timer.set(Math.min(Math.min(idleDueAt, windowAt + window), tryAt()));
        return Verdict.WAIT;
    }
}
