package terpan.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import terpan.edge.origin.RequestId;
import terpan.http.RequestHead;
import terpan.link.Origin;
import terpan.log.Cut;
import terpan.log.QueryMask;
import terpan.picture.PastRequest;

/**
 * The slowest requests of each of the last minutes on one loop, and the last that failed. A request that is neither costs some comparisons of
 * numbers. Belongs to the loop's thread.
 */
final class PastRequests {
    /** Nothing quicker is called slow. */
    private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final long SPAN_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final int SPANS = 5;
    private static final int SLOW_A_SPAN = 16;
    private static final int FAILED_MOST = 64;

    /** So many failures a second are kept: a flood of them must not cost what the requests themselves do. */
    private static final int FAILED_A_SECOND = 8;

    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final Comparator<PastRequest> BY_TIME =
            Comparator.comparing(request -> request.times().total());

    private final InstantSource clock;
    private final Deque<PriorityQueue<PastRequest>> spans = new ArrayDeque<>();
    private final Deque<PastRequest> failed = new ArrayDeque<>();
    private long spanEnd;
    private long secondEnd;
    private int inSecond;

    /** What a request has to take to be among the slowest of this minute. */
    private long least = SLOW_NANOS;

    PastRequests(InstantSource clock, long now) {
        this.clock = clock;
        this.spanEnd = now + SPAN_NANOS;
        this.secondEnd = now + SECOND_NANOS;
        spans.add(new PriorityQueue<>(BY_TIME));
    }

    /** Whether one that is over now would be kept. */
    boolean keeps(long totalNanos, long now, int status, Cut cut) {
        if (totalNanos < SLOW_NANOS && !RequestTimes.isFailure(status, cut)) {
            return false;
        }
        turn(now);
        return totalNanos >= least || (RequestTimes.isFailure(status, cut) && inSecond < FAILED_A_SECOND);
    }

    void keep(
            String application,
            RequestHead head,
            QueryMask mask,
            Origin origin,
            RequestTimes times,
            RequestId id,
            int status,
            Cut cut,
            long now) {
        PastRequest past = new PastRequest(
                id.text(),
                id.trace.text(),
                application,
                times.route(head),
                Described.target(head, mask),
                new String(origin.address, US_ASCII),
                times.worker(),
                status,
                times.why(cut),
                Instant.ofEpochMilli(clock.millis()),
                times.parts(now));
        if (past.times().total().toNanos() >= least) {
            keepSlow(past);
        }
        if (RequestTimes.isFailure(status, cut) && inSecond < FAILED_A_SECOND) {
            inSecond++;
            if (failed.size() == FAILED_MOST) {
                failed.removeFirst();
            }
            failed.addLast(past);
        }
    }

    private void keepSlow(PastRequest past) {
        PriorityQueue<PastRequest> span = spans.getLast();
        span.add(past);
        if (span.size() > SLOW_A_SPAN) {
            span.remove();
            least = span.element().times().total().toNanos();
        }
    }

    private void turn(long now) {
        if (now - secondEnd >= 0) {
            secondEnd = now + SECOND_NANOS;
            inSecond = 0;
        }
        while (now - spanEnd >= 0) {
            if (now - spanEnd > SPANS * SPAN_NANOS) {
                spans.clear();
                spanEnd = now;
            }
            spanEnd += SPAN_NANOS;
            least = SLOW_NANOS;
            spans.addLast(new PriorityQueue<>(BY_TIME));
            if (spans.size() > SPANS) {
                spans.removeFirst();
            }
        }
    }

    /** The slowest of the last minutes. */
    List<PastRequest> slow(long now) {
        turn(now);
        List<PastRequest> all = new ArrayList<>();
        spans.forEach(all::addAll);
        return all;
    }

    /** The last that failed, the last one last. */
    List<PastRequest> failed() {
        return List.copyOf(failed);
    }
}
