package terpan.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.List;
import java.util.stream.Stream;
import terpan.http.PercentEncoder;
import terpan.http.RequestHead;
import terpan.link.Failure;

/** What is said of one exchange that goes badly: a line in the log, a sentence for the client. */
final class Reports {
    private static final int TARGET_SHOWN = 200;

    private final Edge edge;
    private final RequestHead head;
    private final Stations stations;

    Reports(Edge edge, RequestHead head, Stations stations) {
        this.edge = edge;
        this.head = head;
        this.stations = stations;
    }

    void failed(String reason, String detail) {
        tell("request failed", reason, detail);
    }

    void slow(String reason) {
        tell("request is slow", reason, "");
    }

    private void tell(String message, String reason, String detail) {
        int length = Math.min(TARGET_SHOWN, head.targetEnd - head.targetStart);
        edge.log
                .atWarn()
                .addKeyValue("reason", reason)
                .addKeyValue("detail", detail)
                .addKeyValue("worker", stations.worker())
                .addKeyValue("request", stations.id())
                .addKeyValue("target", target(length))
                .log(message);
    }

    private String target(int length) {
        byte[] escaped = new byte[PercentEncoder.GROWTH * length];
        int end = PercentEncoder.encode(head.bytes, head.targetStart, head.targetStart + length, escaped, 0);
        return new String(escaped, 0, end, US_ASCII);
    }

    /** What a developer wants to see of it: what is known, and what the worker wrote last. Nothing outside development. */
    List<String> cause(String detail) {
        if (!edge.development) {
            return List.of();
        }
        return Stream.of(detail, edge.workerLines.apply(stations.worker()))
                .filter(text -> !text.isEmpty())
                .toList();
    }

    /** A failure in words for the client. */
    static String words(Failure failure, String detail) {
        return switch (failure) {
            case NOT_CONNECTED, CONNECT_TIMED_OUT -> "No connection to the worker could be made.";
            case KEPT_CONNECTION_CLOSED, CLOSED_BEFORE_ANSWER -> "The worker closed before it answered.";
            case NONSENSE -> "The worker's answer is not acceptable.";
            case BROKEN_OFF -> "The worker broke off its answer.";
            case HEAD_TOO_LARGE -> "The request head is too large for this server: " + detail + ".";
        };
    }
}
