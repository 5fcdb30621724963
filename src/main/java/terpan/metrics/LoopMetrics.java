package terpan.metrics;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one event loop counts. Written by that loop's thread alone, without locks or allocation; read by whoever scrapes.
 * Reasons are enums of packages that this one does not know; their labels, in order, are in {@link Metrics}.
 */
public final class LoopMetrics {
    static final int ABANDONED = 0;
    static final int CUT = 1;
    static final int RETRIED = 2;
    static final int RETURNED = 3;
    static final int OPENED = 4;
    static final int CLOSED = 5;
    static final int RECEIVED = 6;
    static final int SENT = 7;
    static final int BODIES_SPOOLED = 8;
    static final int ANSWERS_SPOOLED = 9;
    static final int TIMED_OUT = 10;
    static final int TUNNELS_OPENED = 11;
    static final int TUNNEL_RECEIVED = 12;
    static final int TUNNEL_SENT = 13;
    static final int ROUTES_REFUSED = 14;
    static final int HTTP2_OPENED = 15;
    static final int HTTP2_CLOSED = 16;
    private static final int PLAIN = 17;

    /** One past the highest status that is counted by itself. */
    static final int STATUS_END = 600;

    final Cells plain = new Cells(PLAIN);
    final Cells statuses = new Cells(STATUS_END);
    final Cells statics = new Cells(STATUS_END);
    final Cells rejections = new Cells(Metrics.REJECTIONS.size());
    final Cells limits = new Cells(Limit.values().length);
    final Cells refusals = new Cells(ClientRefusal.values().length);
    final Cells http2Failures = new Cells(Metrics.HTTP2_FAILURES.size());
    final Cells tunnels = new Cells(TunnelEnding.values().length);
    final Cells handshakes = new Cells(Handshake.values().length);
    final TimeHistogram requestTime = new TimeHistogram();
    final TimeHistogram queueTime = new TimeHistogram();
    final TimeHistogram sendingTime = new TimeHistogram();

    /** What is counted of each shape of a path. */
    public final RouteMetrics routes = new RouteMetrics();

    /** The same of each route that the application's framework told: whoever tries paths leaves no less room for them. */
    public final RouteMetrics toldRoutes = new RouteMetrics();

    LoopMetrics() {}

    /**
     * A request has ended, whichever way.
     *
     * @param status the status that the client was sent, 100 to 599; anything else: none was sent
     * @param totalNanos from its first byte to the end of its answer
     * @param queueNanos its wait for a worker; negative: it was never granted one
     * @param workerNanos from sending it to a worker to the end of the worker's answer; negative: it was never sent
     * @param sendingNanos from the end of the worker's answer to that of sending it; negative: no worker's answer was whole
     * @param group this loop's row of the worker's group; null: it was never sent
     */
    public void requestSettled(
            int status,
            long totalNanos,
            long queueNanos,
            long workerNanos,
            long sendingNanos,
            @Nullable LoopGroupMetrics group) {
        statuses.add(status >= 100 && status < STATUS_END ? status : 0, 1);
        requestTime.record(totalNanos);
        if (queueNanos >= 0) {
            queueTime.record(queueNanos);
        }
        if (workerNanos >= 0 && group != null) {
            group.time.record(workerNanos);
        }
        if (sendingNanos >= 0) {
            sendingTime.record(sendingNanos);
        }
    }

    /**
     * A request for a static file has ended; it counts among all, too.
     *
     * @param status the status that the client was sent, 100 to 599; anything else: none was sent
     */
    public void staticSettled(int status) {
        statics.add(status >= 100 && status < STATUS_END ? status : 0, 1);
    }

    /**
     * A request that became a tunnel has ended with it: how long it was open tells nothing of requests.
     *
     * @param status the status that the client was sent
     * @param queueNanos its wait for a worker
     * @param workerNanos from sending it to a worker to the worker's answer
     * @param group this loop's row of the worker's group; null: it was never sent
     */
    public void handshakeSettled(int status, long queueNanos, long workerNanos, @Nullable LoopGroupMetrics group) {
        statuses.add(status >= 100 && status < STATUS_END ? status : 0, 1);
        queueTime.record(queueNanos);
        if (group != null) {
            group.time.record(workerNanos);
        }
    }

    /** A worker switched protocols. */
    public void tunnelOpened() {
        plain.add(TUNNELS_OPENED, 1);
    }

    /** A tunnel is over, with bytes that came from its client and from its worker. */
    public void tunnelOver(TunnelEnding why, long received, long sent) {
        tunnels.add(index(why), 1);
        plain.add(TUNNEL_RECEIVED, received);
        plain.add(TUNNEL_SENT, sent);
    }

    /** The dispatcher refused a request; a constant of its enum of reasons. */
    public void requestRejected(Enum<?> reason) {
        rejections.add(index(reason), 1);
    }

    public void clientRefused(ClientRefusal reason) {
        refusals.add(index(reason), 1);
    }

    public void limitReached(Limit limit) {
        limits.add(index(limit), 1);
    }

    /**
     * A client lost its connection of HTTP/2 for a flood, or for another breach of its rules.
     *
     * @param flood a constant of the enum of floods; empty: none
     */
    public void connectionFailed(Optional<? extends Enum<?>> flood) {
        http2Failures.add(flood.isPresent() ? 1 + index(flood.get()) : 0, 1);
    }

    /** A TLS handshake with a client has ended. */
    public void handshake(Handshake how) {
        handshakes.add(index(how), 1);
    }

    public void requestTimedOut() {
        plain.add(TIMED_OUT, 1);
    }

    public void requestAbandoned() {
        plain.add(ABANDONED, 1);
    }

    public void answerCut() {
        plain.add(CUT, 1);
    }

    public void requestRetried() {
        plain.add(RETRIED, 1);
    }

    /** So many fields of an answer told a route and did not count. */
    public void routesRefused(int count) {
        plain.add(ROUTES_REFUSED, count);
    }

    /** How many did not until now. */
    public long routesRefused() {
        return plain.get(ROUTES_REFUSED);
    }

    public void requestReturned() {
        plain.add(RETURNED, 1);
    }

    public void connectionOpened() {
        plain.add(OPENED, 1);
    }

    public void connectionClosed() {
        plain.add(CLOSED, 1);
    }

    /** A connection speaks HTTP/2. */
    public void http2Opened() {
        plain.add(HTTP2_OPENED, 1);
    }

    public void http2Closed() {
        plain.add(HTTP2_CLOSED, 1);
    }

    /** Bytes of bodies that a request took in and sent out; once a request, or as they pass. */
    public void bodyBytes(long received, long sent) {
        plain.add(RECEIVED, received);
        plain.add(SENT, sent);
    }

    public void bodySpooled() {
        plain.add(BODIES_SPOOLED, 1);
    }

    public void answerSpooled() {
        plain.add(ANSWERS_SPOOLED, 1);
    }

    /** A test holds the labels equal to the enums, so that the order is as good as a name here. */
    @SuppressWarnings("EnumOrdinal")
    static int index(Enum<?> constant) {
        return constant.ordinal();
    }
}
