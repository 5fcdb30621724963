package terpan.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.concurrent.TimeUnit;
import terpan.http.RequestHead;
import terpan.link.Origin;
import terpan.log.Cut;
import terpan.log.QueryMask;
import terpan.picture.PastRequest;

/**
 * The lines of slow requests in the log, each with where its time went: so many a second, and how many there were beyond. Belongs to the
 * loop's thread.
 */
final class SlowLog {
    /** Lines a second: when all is slow, the log must not make it slower. */
    static final int A_SECOND = 10;

    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Edge edge;
    private long secondEnd;
    private int inSecond;
    private long untold;

    SlowLog(Edge edge, long now) {
        this.edge = edge;
        this.secondEnd = now + SECOND_NANOS;
    }

    /** One is over that was. */
    void tell(RequestTimes times, RequestHead head, Origin origin, QueryMask mask, int status, Cut cut, long now) {
        if (now - secondEnd >= 0) {
            secondEnd = now + SECOND_NANOS;
            inSecond = 0;
        }
        if (inSecond == A_SECOND) {
            untold++;
            return;
        }
        inSecond++;
        PastRequest.Times parts = times.parts(now);
        var line = edge.log
                .atWarn()
                .addKeyValue("request", times.id().text())
                .addKeyValue("route", times.route(head))
                .addKeyValue("target", Described.target(head, mask))
                .addKeyValue("client", new String(origin.address, US_ASCII))
                .addKeyValue("worker", times.worker())
                .addKeyValue("status", status)
                .addKeyValue("total_ms", parts.total().toMillis())
                .addKeyValue("receiving_ms", parts.client().toMillis())
                .addKeyValue("queue_ms", parts.queue().toMillis())
                .addKeyValue("worker_ms", parts.worker().toMillis())
                .addKeyValue("sending_ms", parts.sending().toMillis());
        if (times.id().trace.isPresent()) {
            line = line.addKeyValue("trace", times.id().trace.text());
        }
        if (cut != Cut.NONE) {
            line = line.addKeyValue("cut", cut.word());
        }
        if (untold > 0) {
            line = line.addKeyValue("others", untold);
            untold = 0;
        }
        line.log("request was slow");
    }
}
