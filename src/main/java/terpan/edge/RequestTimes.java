package terpan.edge;

import org.jspecify.annotations.Nullable;
import terpan.dispatch.SlotSpec;
import terpan.edge.origin.RequestId;
import terpan.http.RequestHead;
import terpan.link.Failure;
import terpan.link.Origin;
import terpan.log.Cut;
import terpan.metrics.LoopGroupMetrics;
import terpan.metrics.LoopMetrics;

/** When one exchange passed its times, with which worker and under which id; what counters and access log are told. */
final class RequestTimes {
    private final Edge edge;
    private final RequestId id;
    private long begunAt;
    private long askedAt;
    private long queuedNanos;
    private long sentAt;
    private long answeredAt;
    private String worker = "";
    private @Nullable LoopGroupMetrics group;

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

    /** Counts and logs the settled request. */
    void settled(
            LoopMetrics metrics,
            RequestHead head,
            Origin origin,
            int status,
            long bodyReceived,
            long bodySent,
            Cut cut) {
        long now = edge.loop.now();
        long total = now - begunAt;
        long inWorker = sentAt == 0 ? -1 : (answeredAt == 0 ? now : answeredAt) - sentAt;
        metrics.requestSettled(status, total, queuedNanos, inWorker, group);
        metrics.bodyBytes(bodyReceived, bodySent);
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
        entry.idEnd = id.length();
        entry.id = id.bytes();
        entry.idStart = 0;
        entry.cut = cut;
        edge.access.write();
    }
}
