package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import terpan.json.JsonNode;

/** A real OpenTelemetry Collector on loopback, which writes the spans that it takes to a file. */
final class Collector implements AutoCloseable {
    private final Process process;
    private final Path spans;
    private final int port;

    /** One span that was taken. */
    record Span(
            String service,
            String name,
            String trace,
            String id,
            String parent,
            long kind,
            long from,
            long to,
            boolean failed,
            Map<String, String> attributes) {}

    private Collector(Process process, Path spans, int port) {
        this.process = process;
        this.spans = spans;
        this.port = port;
    }

    /** Starts one at this port. */
    static Collector start(Path program, Path folder, int port) throws IOException {
        Path spans = folder.resolve("spans-" + port + ".json");
        Path settings = Files.writeString(folder.resolve("collector-" + port + ".yaml"), """
                receivers:
                  otlp:
                    protocols:
                      http:
                        endpoint: 127.0.0.1:%d
                exporters:
                  file:
                    path: %s
                    flush_interval: 100ms
                service:
                  pipelines:
                    traces:
                      receivers: [otlp]
                      exporters: [file]
                  telemetry:
                    metrics:
                      level: none
                """.formatted(port, spans));
        Process process = new ProcessBuilder(program.toString(), "--config=file:" + settings)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("collector-" + port + ".log").toFile())
                .start();
        Collector collector = new Collector(process, spans, port);
        await().atMost(Duration.ofSeconds(60))
                .failFast(() -> assertThat(process.isAlive())
                        .as(() -> log(folder, port))
                        .isTrue())
                .until(() -> isOpen(port));
        return collector;
    }

    private static String log(Path folder, int port) {
        try {
            return Files.readString(folder.resolve("collector-" + port + ".log"));
        } catch (IOException unreadable) {
            return unreadable.toString();
        }
    }

    private static boolean isOpen(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Its address. */
    String endpoint() {
        return "http://127.0.0.1:" + port;
    }

    /** The spans of a trace that it has taken so far. */
    List<Span> of(String trace) throws IOException {
        return all().stream().filter(span -> span.trace().equals(trace)).toList();
    }

    /** All spans that it has taken so far. */
    List<Span> all() throws IOException {
        List<Span> found = new ArrayList<>();
        if (!Files.exists(spans)) {
            return found;
        }
        String text = Files.readString(spans);
        for (String line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
            for (JsonNode resource : JsonNode.read(line).get("resourceSpans").each()) {
                String service = attributes(resource.get("resource")).getOrDefault("service.name", "");
                for (JsonNode scope : resource.get("scopeSpans").each()) {
                    scope.get("spans").each().forEach(span -> found.add(span(service, span)));
                }
            }
        }
        return found;
    }

    private static Span span(String service, JsonNode span) {
        return new Span(
                service,
                span.text("name"),
                span.text("traceId"),
                span.text("spanId"),
                span.text("parentSpanId"),
                span.whole("kind"),
                Long.parseLong(span.text("startTimeUnixNano")),
                Long.parseLong(span.text("endTimeUnixNano")),
                span.get("status").whole("code") == 2,
                attributes(span));
    }

    private static Map<String, String> attributes(JsonNode of) {
        Map<String, String> all = new HashMap<>();
        for (JsonNode one : of.get("attributes").each()) {
            JsonNode value = one.get("value");
            all.put(one.text("key"), value.text("stringValue") + value.text("intValue"));
        }
        return all;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            process.destroyForcibly();
        }
    }
}
