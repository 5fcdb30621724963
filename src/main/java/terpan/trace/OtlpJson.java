package terpan.trace;

import java.util.HexFormat;
import java.util.List;
import java.util.random.RandomGenerator;
import terpan.json.JsonWriter;

/**
 * Writes requests as spans, in the JSON of OTLP 1 (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding): each as a whole, and
 * within it the time in the wait queue, with the worker, and until the client had the answer. For one thread.
 */
final class OtlpJson {
    // The kinds of spans and the status of a failed one, as opentelemetry/proto/trace/v1/trace.proto numbers them.
    private static final int INTERNAL = 1;
    private static final int SERVER = 2;
    private static final int CLIENT = 3;
    private static final int ERROR = 2;

    // Flags of a span: its trace is told of; whether its parent is another process's is known, and it is.
    private static final int SAMPLED = 0x01;
    private static final int REMOTE_KNOWN = 0x100;
    private static final int REMOTE = 0x200;

    private static final HexFormat HEX = HexFormat.of();

    private final String version;
    private final long process;
    private final RandomGenerator random;

    /**
     * @param version Terpan's
     * @param process the number of its process
     * @param random what ids of spans are made of
     */
    OtlpJson(String version, long process, RandomGenerator random) {
        this.version = version;
        this.process = process;
        this.random = random;
    }

    /**
     * One message for all.
     *
     * @param service what Terpan is called
     * @param wallOffset what makes monotonic nanoseconds such since 1970
     */
    String write(List<TracedRequest> requests, String service, long wallOffset) {
        JsonWriter json = new JsonWriter();
        json.beginObject().name("resourceSpans").beginArray().beginObject();
        json.name("resource").beginObject().name("attributes").beginArray();
        text(json, "service.name", service);
        text(json, "service.version", version);
        number(json, "process.pid", process);
        json.endArray().endObject();
        json.name("scopeSpans").beginArray().beginObject();
        json.name("scope").beginObject();
        json.name("name").value("terpan").name("version").value(version).endObject();
        json.name("spans").beginArray();
        requests.forEach(request -> write(json, request, wallOffset));
        json.endArray().endObject().endArray().endObject().endArray().endObject();
        return json.text();
    }

    private void write(JsonWriter json, TracedRequest request, long wallOffset) {
        TracedRequest.Times times = request.times();
        whole(json, request, wallOffset);
        if (times.asked() == 0) {
            return;
        }
        boolean hadWorker = times.sent() != 0;
        long answered = times.answered() == 0 ? times.ended() : times.answered();
        if (hadWorker) {
            part(json, request, "queue", times.asked() + wallOffset, times.sent() + wallOffset);
            worker(json, request, times.sent() + wallOffset, answered + wallOffset);
        }
        if (times.answered() != 0) {
            part(json, request, "send", answered + wallOffset, times.ended() + wallOffset);
        }
    }

    private void whole(JsonWriter json, TracedRequest request, long wallOffset) {
        TracedRequest.Ids ids = request.ids();
        TracedRequest.Said said = request.said();
        TracedRequest.Answer answer = request.answer();
        begin(json, ids, ids.request(), ids.parent(), ids.parent() != 0);
        json.name("name").value(said.route()).name("kind").value(SERVER);
        span(json, request.times().begun() + wallOffset, request.times().ended() + wallOffset);
        json.name("attributes").beginArray();
        int query = said.target().indexOf('?');
        text(json, "http.request.method", said.method());
        text(json, "url.path", query < 0 ? said.target() : said.target().substring(0, query));
        text(json, "url.query", query < 0 ? "" : said.target().substring(query + 1));
        text(json, "url.scheme", said.scheme());
        text(json, "network.protocol.version", said.version());
        text(json, "server.address", said.host());
        text(json, "client.address", said.client());
        text(json, "user_agent.original", said.agent());
        answer.status().ifPresent(status -> number(json, "http.response.status_code", status));
        number(json, "http.request.body.size", answer.received());
        number(json, "http.response.body.size", answer.sent());
        text(json, "terpan.request", answer.id());
        text(json, "terpan.application", answer.application());
        text(json, "error.type", answer.failed() ? errorType(answer) : "");
        json.endArray();
        end(json, answer);
    }

    /** A word of few, as the conventions ask for. */
    private static String errorType(TracedRequest.Answer answer) {
        return answer.why().isEmpty() && answer.status().isPresent()
                ? Integer.toString(answer.status().getAsInt())
                : answer.why();
    }

    private void worker(JsonWriter json, TracedRequest request, long from, long to) {
        TracedRequest.Answer answer = request.answer();
        begin(json, request.ids(), request.ids().worker(), request.ids().request(), false);
        json.name("name").value("worker").name("kind").value(CLIENT);
        span(json, from, to);
        json.name("attributes").beginArray();
        text(json, "terpan.worker", answer.worker());
        text(json, "terpan.group", answer.group());
        if (request.times().attempts() > 1) {
            number(json, "http.request.resend_count", request.times().attempts() - 1);
        }
        json.endArray();
        end(json, answer);
    }

    private void part(JsonWriter json, TracedRequest request, String name, long from, long to) {
        begin(json, request.ids(), id(), request.ids().request(), false);
        json.name("name").value(name).name("kind").value(INTERNAL);
        span(json, from, to);
        json.endObject();
    }

    private long id() {
        long id = random.nextLong();
        return id == 0 ? 1 : id;
    }

    private static void begin(JsonWriter json, TracedRequest.Ids ids, long id, long parent, boolean remote) {
        json.beginObject();
        json.name("traceId").value(HEX.toHexDigits(ids.high()) + HEX.toHexDigits(ids.low()));
        json.name("spanId").value(HEX.toHexDigits(id));
        if (parent != 0) {
            json.name("parentSpanId").value(HEX.toHexDigits(parent));
        }
        if (!ids.state().isEmpty()) {
            json.name("traceState").value(ids.state());
        }
        json.name("flags").value(SAMPLED | REMOTE_KNOWN | (remote ? REMOTE : 0));
    }

    private static void span(JsonWriter json, long from, long to) {
        json.name("startTimeUnixNano").value(Long.toString(from));
        json.name("endTimeUnixNano").value(Long.toString(Math.max(from, to)));
    }

    private static void end(JsonWriter json, TracedRequest.Answer answer) {
        if (answer.failed()) {
            json.name("status").beginObject();
            json.name("code").value(ERROR).name("message").value(answer.why()).endObject();
        }
        json.endObject();
    }

    private static void text(JsonWriter json, String key, String value) {
        if (!value.isEmpty()) {
            json.beginObject().name("key").value(key);
            json.name("value").beginObject().name("stringValue").value(value).endObject();
            json.endObject();
        }
    }

    private static void number(JsonWriter json, String key, long value) {
        json.beginObject().name("key").value(key);
        json.name("value")
                .beginObject()
                .name("intValue")
                .value(Long.toString(value))
                .endObject();
        json.endObject();
    }
}
