package terpan.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import terpan.json.JsonNode;

/** Requests as spans of OTLP: which there are, whose children they are, when they began and ended, what they say. */
class OtlpJsonTest {
    private static final long OFFSET = 1_795_367_189_000_000_000L;

    private final OtlpJson json = new OtlpJson("1.2.3", 42, new SplittableRandom(1));

    static TracedRequest request(TracedRequest.Times times, OptionalInt status, String worker, String why) {
        return new TracedRequest(
                new TracedRequest.Ids(0x4bf92f3577b34da6L, 0xa3ce929d0e0e4736L, 0xf067aa0ba902b7L, 1, 2, "a=b"),
                times,
                new TracedRequest.Said(
                        "GET /report/{}", "GET", "/report/7?x=\"1\"", "http", "1.1", "h:80", "203.0.113.7", "curl/8"),
                new TracedRequest.Answer(
                        "4f2a", "", worker, worker.isEmpty() ? "" : "quick", status, 3, 4, why, !why.isEmpty()));
    }

    static TracedRequest usual() {
        return request(new TracedRequest.Times(10, 20, 30, 40, 50, 1), OptionalInt.of(200), "quick-1", "");
    }

    private Map<String, JsonNode> spans(TracedRequest request) {
        JsonNode all = JsonNode.read(json.write(List.of(request), "front", OFFSET));
        JsonNode of = all.get("resourceSpans").each().getFirst();
        assertThat(attributes(of.get("resource")))
                .containsEntry("service.name", "front")
                .containsEntry("service.version", "1.2.3")
                .containsEntry("process.pid", "42");
        Map<String, JsonNode> byName = new HashMap<>();
        of.get("scopeSpans").each().getFirst().get("spans").each().forEach(span -> byName.put(span.text("name"), span));
        return byName;
    }

    private static Map<String, String> attributes(JsonNode of) {
        Map<String, String> all = new HashMap<>();
        for (JsonNode one : of.get("attributes").each()) {
            JsonNode value = one.get("value");
            all.put(one.text("key"), value.text("stringValue") + value.text("intValue"));
        }
        return all;
    }

    private static JsonNode one(Map<String, JsonNode> spans, String name) {
        return Objects.requireNonNull(spans.get(name), name);
    }

    private static void assertTimes(JsonNode span, long from, long to) {
        assertThat(span.text("startTimeUnixNano")).isEqualTo(Long.toString(OFFSET + from));
        assertThat(span.text("endTimeUnixNano")).isEqualTo(Long.toString(OFFSET + to));
    }

    @Test
    void aRequestIsASpanWithTheQueueTheWorkerAndTheSendingWithinIt() {
        Map<String, JsonNode> spans = spans(usual());
        assertThat(spans).containsOnlyKeys("GET /report/{}", "queue", "worker", "send");
        JsonNode whole = one(spans, "GET /report/{}");
        assertThat(whole.text("parentSpanId")).isEqualTo("00f067aa0ba902b7");
        assertThat(whole.text("spanId")).isEqualTo("0000000000000001");
        assertThat(whole.text("kind")).isEqualTo("2");
        assertThat(whole.text("flags")).as("sampled, and its parent is remote").isEqualTo("769");
        assertTimes(whole, 10, 50);
        assertTimes(one(spans, "queue"), 20, 30);
        assertTimes(one(spans, "worker"), 30, 40);
        assertTimes(one(spans, "send"), 40, 50);
        assertThat(one(spans, "worker").text("spanId")).isEqualTo("0000000000000002");
        assertThat(one(spans, "worker").text("kind")).isEqualTo("3");
        Set<String> ids = new HashSet<>();
        spans.values().forEach(span -> {
            assertThat(span.text("traceId")).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
            assertThat(span.text("traceState")).isEqualTo("a=b");
            assertThat(span.has("status")).isFalse();
            ids.add(span.text("spanId"));
            if (span != whole) {
                assertThat(span.text("parentSpanId")).isEqualTo("0000000000000001");
            }
        });
        assertThat(ids).hasSize(4);
    }

    @Test
    void attributesHaveTheNamesOfTheConventions() {
        Map<String, JsonNode> spans = spans(usual());
        assertThat(attributes(one(spans, "GET /report/{}")))
                .containsEntry("http.request.method", "GET")
                .containsEntry("url.path", "/report/7")
                .containsEntry("url.query", "x=\"1\"")
                .containsEntry("url.scheme", "http")
                .containsEntry("network.protocol.version", "1.1")
                .containsEntry("server.address", "h:80")
                .containsEntry("client.address", "203.0.113.7")
                .containsEntry("user_agent.original", "curl/8")
                .containsEntry("http.response.status_code", "200")
                .containsEntry("http.request.body.size", "3")
                .containsEntry("http.response.body.size", "4")
                .containsEntry("terpan.request", "4f2a")
                .doesNotContainKeys("terpan.application", "error.type");
        assertThat(attributes(one(spans, "worker")))
                .containsOnly(Map.entry("terpan.worker", "quick-1"), Map.entry("terpan.group", "quick"));
    }

    @Test
    void aRequestThatNoWorkerHadHasNoSpanOfOne() {
        TracedRequest rejected =
                request(new TracedRequest.Times(10, 20, 0, 30, 40, 0), OptionalInt.of(503), "", "queue-full");
        Map<String, JsonNode> spans = spans(rejected);
        assertThat(spans).containsOnlyKeys("GET /report/{}", "send");
        assertThat(one(spans, "GET /report/{}").get("status").text("code")).isEqualTo("2");
        assertThat(one(spans, "GET /report/{}").get("status").text("message")).isEqualTo("queue-full");
        assertThat(attributes(one(spans, "GET /report/{}"))).containsEntry("error.type", "queue-full");
    }

    @Test
    void aRequestThatWasNotWholeIsOneSpan() {
        TracedRequest left = request(new TracedRequest.Times(10, 0, 0, 0, 40, 0), OptionalInt.empty(), "", "");
        Map<String, JsonNode> spans = spans(left);
        assertThat(spans).containsOnlyKeys("GET /report/{}");
        assertThat(attributes(one(spans, "GET /report/{}"))).doesNotContainKey("http.response.status_code");
    }

    @Test
    void aClientThatLeftWhileTheWorkerHadItLeavesNoSending() {
        TracedRequest left = request(new TracedRequest.Times(10, 20, 30, 0, 60, 2), OptionalInt.of(200), "quick-1", "");
        Map<String, JsonNode> spans = spans(left);
        assertThat(spans).containsOnlyKeys("GET /report/{}", "queue", "worker");
        assertTimes(one(spans, "worker"), 30, 60);
        assertThat(attributes(one(spans, "worker"))).containsEntry("http.request.resend_count", "1");
    }

    @Test
    void aTraceThatBeginsHereHasNoParent() {
        TracedRequest usual = usual();
        TracedRequest first = new TracedRequest(
                new TracedRequest.Ids(1, 2, 0, 3, 4, ""), usual.times(), usual.said(), usual.answer());
        JsonNode whole = one(spans(first), "GET /report/{}");
        assertThat(whole.has("parentSpanId")).isFalse();
        assertThat(whole.has("traceState")).isFalse();
        assertThat(whole.text("flags")).isEqualTo("257");
    }
}
