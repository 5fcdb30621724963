package terpan.edge;

import java.util.concurrent.TimeUnit;
import terpan.loop.Timer;

/**
 * The deadlines of one client connection, all on one timer, which is moved lazily: what comes in or goes out is noted here, and
 * judged when the timer comes up. Belongs to the loop's thread.
 */
final class Deadlines {
    /** What is to be done about an exchange whose timer came up. */
    enum Verdict {
        WAIT,
        /** It takes long, which is worth a line in the log. */
        WARN,
        /** The worker said nothing for too long. */
        TIME_OUT,
        /** The client took nothing for too long. */
        CUT
    }

    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long RATE_AFTER_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Edge edge;
    private final Timer timer;
    private long begunAt;
    private long pausedAt;
    private long progressAt;
    private long sent;
    private boolean unsent;
    private boolean warned;

    Deadlines(Edge edge, Runnable due) {
        this.edge = edge;
        this.timer = edge.loop.timer(due);
    }

    /** A new connection has as long for its first request as for a head. */
    void first() {
        setIdle(edge.limits.headTimeout().toNanos());
    }

    /** Between requests. */
    void idle() {
        setIdle(edge.limits.keepAliveIdle().toNanos());
    }

    private void setIdle(long nanos) {
        timer.set(edge.loop.now() + (edge.stopping() ? Edge.IDLE_GRACE_NANOS : nanos));
    }

    void at(long deadline) {
        timer.set(deadline);
    }

    void linger() {
        timer.set(edge.loop.now() + LINGER_NANOS);
    }

    void cancel() {
        timer.cancel();
    }

    /** A head has begun; monotonic nanoseconds of it. */
    long headBegins() {
        begunAt = edge.loop.now();
        return begunAt;
    }

    /** The head is not complete. */
    void headGoesOn() {
        timer.set(begunAt + edge.limits.headTimeout().toNanos());
    }

    void bodyBegins() {
        begunAt = edge.loop.now();
        progressAt = begunAt;
        body();
    }

    private void body() {
        long idleAt = progressAt + edge.limits.bodyIdle().toNanos();
        timer.set(Math.min(idleAt, edge.loop.now() + RATE_AFTER_NANOS));
    }

    /** Nothing is received for now, which is not the client's fault. */
    void bodyPauses() {
        pausedAt = edge.loop.now();
    }

    /** The time of the pause does not count. */
    void bodyGoesOn() {
        progressAt = edge.loop.now();
        begunAt += progressAt - pausedAt;
    }

    /** Whether the body came too slowly; sets the timer anew otherwise. */
    boolean bodyLate(BodyIntake intake) {
        long now = edge.loop.now();
        if (!intake.paused()) {
            long elapsed = now - begunAt;
            long least = edge.limits.bodyRate() * (elapsed / 1_000_000_000L);
            boolean tooSlow = elapsed >= RATE_AFTER_NANOS && intake.received() < least;
            if (tooSlow || now - progressAt >= edge.limits.bodyIdle().toNanos()) {
                return true;
            }
        }
        body();
        return false;
    }

    /** The client sent something. */
    void received() {
        progressAt = edge.loop.now();
    }

    /** A request was dispatched. */
    void exchangeBegins() {
        warned = false;
    }

    /** The request is with a worker. */
    void forwarded() {
        timer.set(edge.loop.now()
                + Math.min(
                        edge.limits.answerIdle().toNanos(),
                        edge.limits.answerWarn().toNanos()));
    }

    /** The output was flushed. */
    void flushed(long sentInAll, boolean empty) {
        boolean begins = !empty && !unsent;
        unsent = !empty;
        if (sentInAll != sent || begins) {
            sent = sentInAll;
            progressAt = edge.loop.now();
        }
        if (!empty) {
            timer.set(progressAt + edge.limits.sendIdle().toNanos());
        }
    }

    /** Judges an exchange whose timer came up; sets the timer anew where it goes on. */
    Verdict exchange(Exchange exchange) {
        long now = edge.loop.now();
        if (unsent) {
            long dueAt = progressAt + edge.limits.sendIdle().toNanos();
            timer.set(dueAt);
            return now >= dueAt ? Verdict.CUT : Verdict.WAIT;
        }
        if (exchange.state() != Exchange.State.IN_FLIGHT) {
            timer.set(now + edge.limits.answerIdle().toNanos());
            return Verdict.WAIT;
        }
        long dueAt = exchange.heardAt() + edge.limits.answerIdle().toNanos();
        long warnAt = begunAt + edge.limits.answerWarn().toNanos();
        boolean warn = !warned && now >= warnAt;
        warned |= warn;
        timer.set(warned ? dueAt : Math.min(dueAt, warnAt));
        if (now >= dueAt) {
            return Verdict.TIME_OUT;
        }
        return warn ? Verdict.WARN : Verdict.WAIT;
    }
}
