package terpan.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.time.Duration;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import terpan.dispatch.RouteShape;
import terpan.dispatch.SlotSpec;
import terpan.edge.origin.RequestId;
import terpan.http.RequestHead;
import terpan.link.Failure;
import terpan.link.Origin;
import terpan.log.Cut;
import terpan.log.QueryMask;
import terpan.metrics.LoopGroupMetrics;
import terpan.metrics.LoopMetrics;
import terpan.metrics.Metrics;
import terpan.metrics.RouteCells;
import terpan.picture.PastRequest;
import terpan.trace.TracedRequest;

/** When one exchange passed its times, with which worker and under which id; what counters and access log are told. */
final class RequestTimes {
    private static final int FAILURE = 500;

    private final Edge edge;
    private final RequestId id;
    private long begunAt;
    private long askedAt;
    private long queuedNanos;
    private long sentAt;
    private long answeredAt;
    private int attempts;
    private String worker = "";
    private @Nullable LoopGroupMetrics group;

    /** A hash of the method with the shape of the path, by a person's own rules or by {@link RouteShape}; of no meaning before a place was asked for. */
    private int route;

    /** The shape by a person's own rules; empty: none fits. */
    private String own = "";

    /** What the answer says of the route. */
    final ToldRoute toldRoute = new ToldRoute();

    /** What requests of the route count in that the application's framework found; null: it has not told it. */
    private @Nullable RouteCells told;

    /** What went wrong, in a word; empty: nothing that is known. */
    private String why = "";

    RequestTimes(Edge edge, RequestId id) {
        this.edge = edge;
        this.id = id;
    }

    /** A request's first byte has come; monotonic nanoseconds as all times here. */
    void begin(long now) {
        begunAt = now;
        askedAt = 0;
        queuedNanos = -1;
        sentAt = 0;
        answeredAt = 0;
        attempts = 0;
        worker = "";
        group = null;
        route = 0;
        own = "";
        told = null;
        why = "";
    }

    /** A place is asked for; a hash of the request's method and the shape of its path, which a person's own rules may say. */
    int asked(long now, RequestHead head, @Nullable OwnShapes shapes) {
        asked(now);
        int shape = shapes == null ? OwnShapes.NONE : shapes.find(head);
        if (shapes != null && shape != OwnShapes.NONE) {
            own = shapes.text(shape);
            route = shapes.hash(shape, head.method);
        } else {
            route = RouteShape.hash(head.method, head.bytes, head.pathStart, head.pathEnd);
        }
        return route;
    }

    /** An answer's head is whole, which may tell the route; what a person's own rules say counts more. */
    void headEnds(LoopMetrics metrics, RequestHead head) {
        RouteCells found = toldRoute.take(metrics, head);
        told = own.isEmpty() ? found : null;
    }

    /** The method and the route as a person reads them, as far as they are known now. */
    String route(RequestHead head) {
        if (told != null && !told.isOther()) {
            return told.name();
        }
        return own.isEmpty() ? Described.route(head) : Described.method(head) + ' ' + own;
    }

    /** The request's id. */
    RequestId id() {
        return id;
    }

    /** It went wrong for this reason: a constant word. */
    void wentWrong(String reason) {
        why = reason;
    }

    String why() {
        return why;
    }

    /** When its first byte came. */
    long begunAt() {
        return begunAt;
    }

    /** When it was sent to a worker last; 0: it was not. */
    long sentAt() {
        return sentAt;
    }

    /** Where its time went, of one that is over now. */
    PastRequest.Times parts(long now) {
        long whole = askedAt == 0 ? now : askedAt;
        long sent = sentAt == 0 ? Math.min(now, answeredAt == 0 ? now : Math.max(answeredAt, whole)) : sentAt;
        long answered = answeredAt == 0 ? now : Math.max(answeredAt, sent);
        return new PastRequest.Times(
                Duration.ofNanos(whole - begunAt),
                Duration.ofNanos(Math.max(0, sent - whole)),
                Duration.ofNanos(sentAt == 0 ? 0 : answered - sent),
                Duration.ofNanos(now - answered));
    }

    void asked(long now) {
        askedAt = now;
    }

    /** When a place was asked for; 0 before the request was whole. */
    long askedAt() {
        return askedAt;
    }

    void sent(long now, SlotSpec slot) {
        sentAt = now;
        attempts++;
        queuedNanos = now - askedAt;
        worker = slot.name();
        group = slot.group().loop(edge.loop.index());
    }

    void answered(long now) {
        answeredAt = now;
    }

    String worker() {
        return worker;
    }

    /** The worker failed the request. */
    void workerFailed(Failure failure) {
        why = Metrics.label(failure);
        if (group != null) {
            group.workerFailed(failure);
        }
    }

    /** Logs a tunnel that is over; its request counts by its status, but its time is nobody's. */
    void tunnelOver(
            LoopMetrics metrics,
            RequestHead head,
            Origin origin,
            int status,
            long fromClient,
            long fromWorker,
            Cut cut) {
        long now = edge.loop.now();
        metrics.handshakeSettled(status, queuedNanos, answeredAt - sentAt, group);
        if (id.trace.isSampled()) {
            trace("", head, origin, status, fromClient, fromWorker, cut, now);
        }
        log(head, null, origin, status, fromClient, fromWorker, cut, now - begunAt, answeredAt - sentAt);
    }

    /** Counts and logs the settled request. */
    void settled(
            LoopApplication application,
            RequestHead head,
            Origin origin,
            int status,
            long bodyReceived,
            long bodySent,
            Cut cut) {
        long now = edge.loop.now();
        long total = now - begunAt;
        long inWorker = sentAt == 0 ? -1 : (answeredAt == 0 ? now : answeredAt) - sentAt;
        EdgeSettings settings = edge.served().settings;
        LoopMetrics metrics = application.metrics;
        metrics.requestSettled(
                status, total, queuedNanos, inWorker, sentAt == 0 || answeredAt == 0 ? -1 : now - answeredAt, group);
        metrics.bodyBytes(bodyReceived, bodySent);
        RouteCells cells = route == 0 ? null : routeCells(metrics, head);
        if (cells != null) {
            cells.settled(status, total, inWorker);
        }
        if (edge.past.keeps(total, now, status, cut)) {
            edge.past.keep(application.application.name(), head, settings.mask, origin, this, id, status, cut, now);
        }
        if (total >= settings.slowNanos) {
            edge.slow.tell(this, head, origin, settings.mask, status, cut, now);
        }
        if (id.trace.isSampled()) {
            String whose = application.application.name();
            trace(whose, head, origin, status, bodyReceived, bodySent, cut, now);
        }
        log(head, cells, origin, status, bodyReceived, bodySent, cut, total, inWorker);
    }

    private void trace(
            String application,
            RequestHead head,
            Origin origin,
            int status,
            long bodyReceived,
            long bodySent,
            Cut cut,
            long now) {
        QueryMask mask = edge.served().settings.mask;
        LoopGroupMetrics its = group;
        edge.traces.add(new TracedRequest(
                Traced.ids(id.trace),
                new TracedRequest.Times(begunAt, askedAt, sentAt, answeredAt, now, attempts),
                Traced.said(head, origin, mask),
                new TracedRequest.Answer(
                        id.text(),
                        application,
                        worker,
                        its == null ? "" : new String(its.name(), US_ASCII),
                        status == 0 ? OptionalInt.empty() : OptionalInt.of(status),
                        bodyReceived,
                        bodySent,
                        why(cut),
                        isFailure(status, cut))));
    }

    /** Whether the server is to blame for what its client got. */
    static boolean isFailure(int status, Cut cut) {
        return status >= FAILURE || cut == Cut.WORKER || cut == Cut.DEADLINE || cut == Cut.FAULT;
    }

    /** What went wrong, in a word or some; empty: nothing that is known. */
    String why(Cut cut) {
        if (!why.isEmpty() || cut == Cut.NONE) {
            return why;
        }
        return cut == Cut.CLIENT ? "the client left" : "cut: " + cut.word();
    }

    private RouteCells routeCells(LoopMetrics metrics, RequestHead head) {
        if (told != null) {
            return told;
        }
        RouteCells known = metrics.routes.find(route);
        return known == null ? metrics.routes.add(route, route(head)) : known;
    }

    private void log(
            RequestHead head,
            @Nullable RouteCells cells,
            Origin origin,
            int status,
            long bodyReceived,
            long bodySent,
            Cut cut,
            long total,
            long inWorker) {
        if (!edge.access.wanted()) {
            return;
        }
        var entry = edge.access.entry;
        entry.head = head;
        entry.client = origin.address;
        entry.wallMillis = edge.clock.millis() - total / 1_000_000;
        entry.status = status;
        entry.sentBytes = bodySent;
        entry.receivedBytes = bodyReceived;
        entry.totalNanos = total;
        entry.queueNanos = queuedNanos;
        entry.workerNanos = inWorker;
        entry.worker = edge.access.name(worker);
        entry.group = edge.access.group(group);
        entry.route = RouteCells.label(cells);
        entry.idEnd = id.length();
        entry.id = id.bytes();
        entry.idStart = 0;
        entry.trace = id.trace.told();
        entry.cut = cut;
        edge.access.write();
    }
}
