package terpan.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import terpan.picture.Connections;
import terpan.picture.OpenRequest;
import terpan.picture.PastRequest;

/** The requests of one loop that wait or are with workers, as they are told to a person who looks; bounded. Belongs to the loop's thread. */
public final class OpenRequests {
    /** Requests that are told of; of more only their number. */
    public static final int MOST = 2_000;

    private final long now;
    private final long wallMillis;
    private final List<OpenRequest> open = new ArrayList<>();
    private int unlisted;

    /**
     * What was seen on one loop.
     *
     * @param unlisted requests that are open, too
     * @param slow the slowest of the last minutes, in no order
     * @param failed the last that failed, the last one last
     * @param connections what its connections are at
     */
    public record Seen(
            List<OpenRequest> open,
            int unlisted,
            List<PastRequest> slow,
            List<PastRequest> failed,
            Connections connections) {}

    /**
     * None yet.
     *
     * @param now monotonic nanoseconds
     * @param wallMillis the same moment, milliseconds since 1970
     */
    OpenRequests(long now, long wallMillis) {
        this.now = now;
        this.wallMillis = wallMillis;
    }

    /** Takes in one that waits, or that a worker has; of others nothing. */
    void add(Exchange exchange) {
        String called = called(exchange.state());
        if (called.isEmpty()) {
            return;
        }
        if (open.size() >= MOST) {
            unlisted++;
            return;
        }
        RequestTimes times = exchange.times;
        long since = called.equals(OpenRequest.WAITING) ? times.askedAt() : times.sentAt();
        open.add(new OpenRequest(
                times.id().text(),
                times.id().trace.text(),
                exchange.application().application.name(),
                times.route(exchange.head),
                Described.target(exchange.head, exchange.settings().mask),
                new String(exchange.origin().address, US_ASCII),
                called,
                called.equals(OpenRequest.WORKING) ? times.worker() : "",
                at(times.begunAt()),
                at(since == 0 ? times.askedAt() : since)));
    }

    private static String called(Exchange.State state) {
        return switch (state) {
            case WAITING -> OpenRequest.WAITING;
            case IN_FLIGHT -> OpenRequest.WORKING;
            case RETRYING -> "retrying";
            case OPENING -> "file";
            case IDLE, TUNNEL, ANSWERED, ABANDONED -> "";
        };
    }

    private Instant at(long nanos) {
        return Instant.ofEpochMilli(wallMillis - TimeUnit.NANOSECONDS.toMillis(now - nanos));
    }

    Seen with(PastRequests past, Connections connections) {
        return new Seen(List.copyOf(open), unlisted, past.slow(now), past.failed(), connections);
    }
}
