package terpan.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.jspecify.annotations.Nullable;
import terpan.dispatch.SlotSpec;
import terpan.http.RequestHead;
import terpan.link.Failure;
import terpan.link.Origin;
import terpan.log.Cut;
import terpan.metrics.LoopGroupMetrics;

/** When one exchange passed its times, with which worker and under which id; what counters and access log are told. */
final class RequestTimes {
    private final Edge edge;
    private byte[] id = new byte[RequestIds.MOST];
    private int idLength;
    private long begunAt;
    private long askedAt;
    private long queuedNanos;
    private long sentAt;
    private long answeredAt;
    private String worker = "";
    private @Nullable LoopGroupMetrics group;

    RequestTimes(Edge edge) {
        this.edge = edge;
    }

    /** A request's first byte has come; monotonic nanoseconds as all times here. */
    void begin(long now) {
        begunAt = now;
        askedAt = 0;
        queuedNanos = -1;
        sentAt = 0;
        answeredAt = 0;
        idLength = 0;
        worker = "";
        group = null;
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
        if (group != null) {
            group.workerFailed(failure);
        }
    }

    /** The request's id, made when first asked for. */
    String id() {
        makeId();
        return new String(id, 0, idLength, US_ASCII);
    }

    private void makeId() {
        if (idLength == 0) {
            id = id.length < RequestIds.MOST ? new byte[RequestIds.MOST] : id;
            idLength = edge.ids.next(id, 0);
        }
    }

    /** Takes an id that a believed proxy has given. */
    void id(String given) {
        id = given.getBytes(US_ASCII);
        idLength = id.length;
    }

    /** Counts and logs the settled request. */
    void settled(RequestHead head, Origin origin, int status, long bodyReceived, long bodySent, Cut cut) {
        long now = edge.loop.now();
        long total = now - begunAt;
        long inWorker = sentAt == 0 ? -1 : (answeredAt == 0 ? now : answeredAt) - sentAt;
        edge.metrics.requestSettled(status, total, queuedNanos, inWorker, group);
        edge.metrics.bodyBytes(bodyReceived, bodySent);
        if (!edge.access.wanted()) {
            return;
        }
        makeId();
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
        entry.id = id;
        entry.idStart = 0;
        entry.idEnd = idLength;
        entry.cut = cut;
        edge.access.write();
    }
}
