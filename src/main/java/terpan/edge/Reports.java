package terpan.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.List;
import java.util.stream.Stream;
import org.slf4j.spi.LoggingEventBuilder;
import terpan.dispatch.Admission;
import terpan.edge.limits.Advice;
import terpan.edge.origin.Peer;
import terpan.edge.origin.RequestId;
import terpan.http.Field;
import terpan.http.RequestHead;
import terpan.link.Failure;

/** What is said of one exchange that goes badly: a line in the log, a sentence for the client. */
final class Reports {
    private final Edge edge;
    private final RequestHead head;
    private final RequestId id;
    private final RequestTimes times;

    Reports(Edge edge, RequestHead head, RequestId id, RequestTimes times) {
        this.edge = edge;
        this.head = head;
        this.id = id;
        this.times = times;
    }

    void failed(String reason, String detail) {
        if (times.why().isEmpty()) {
            times.wentWrong(reason);
        }
        tell("request failed", reason, detail);
    }

    void slow(String reason) {
        tell("request is slow", reason, "");
    }

    /** No worker could take it: a line for many. */
    void rejected(Admission.Rejected reason) {
        times.wentWrong(reason.label());
        Advice.Matter matter = switch (reason) {
            case QUEUE_FULL -> Advice.Matter.QUEUE_FULL;
            case WAIT_TOO_LONG -> Advice.Matter.WAIT_TOO_LONG;
            case NO_WORKER -> Advice.Matter.NO_WORKER;
            case DRAINING -> Advice.Matter.DRAINING;
        };
        edge.advice.tell(matter, edge.loop.now(), this::target);
    }

    /** Whether a peer that is not believed tells of other clients, and may well be a proxy of the operator's. */
    void forwarded(Peer peer) {
        boolean tells = !peer.believed() && (head.has(Field.X_FORWARDED) || head.has(Field.FORWARDED));
        if (tells && !edge.advice.isTold(Advice.Matter.FORWARDED) && peer.isNear()) {
            edge.advice.tell(Advice.Matter.FORWARDED, edge.loop.now(), peer::name);
        }
    }

    /** A handshake for WebSocket. */
    void webSocket() {
        edge.advice.tell(Advice.Matter.WEB_SOCKET, edge.loop.now(), this::target);
    }

    /** There is no room for more of its answer, which its client does not take: a line for many. */
    void waitsForRoom() {
        edge.advice.tell(Advice.Matter.ANSWER_ROOM, edge.loop.now(), this::target);
    }

    /** A file can not be read, or not be sent: a line for many. */
    void unreadable(String why) {
        edge.advice.tell(Advice.Matter.FILE, edge.loop.now(), () -> why);
    }

    /** There is no room for its body: a line for many. */
    void noRoom() {
        edge.advice.tell(Advice.Matter.BODY_ROOM, edge.loop.now(), this::target);
    }

    /** The application raised: one record, with its traceback, which is returned. */
    String raised(String told) {
        times.wentWrong("the application raised");
        return edge.raised.raised(
                told,
                times.worker(),
                id.text(),
                id.trace.text(),
                new String(head.bytes, head.methodStart, head.methodEnd - head.methodStart, US_ASCII),
                target());
    }

    private void tell(String message, String reason, String detail) {
        LoggingEventBuilder line = edge.log.atWarn();
        if (id.trace.isPresent()) {
            line = line.addKeyValue("trace", id.trace.text());
        }
        line.addKeyValue("reason", reason)
                .addKeyValue("detail", detail)
                .addKeyValue("worker", times.worker())
                .addKeyValue("request", id.text())
                .addKeyValue("target", target())
                .log(message);
    }

    private String target() {
        return Described.target(head, edge.served().settings.mask);
    }

    /** What a developer wants to see of it: what is known, and what the worker wrote last. Nothing outside development. */
    List<String> cause(EdgeSettings settings, String detail) {
        if (!settings.development) {
            return List.of();
        }
        return Stream.of(detail, edge.workerLines.apply(times.worker()))
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
