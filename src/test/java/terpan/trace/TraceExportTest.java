package terpan.trace;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import terpan.config.TraceSettings;
import terpan.json.JsonNode;
import terpan.metrics.TraceCounts;

/** What is sent to collectors that take it, refuse it, are slow, or are not there: whoever hands requests over never waits. */
@Timeout(60)
class TraceExportTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    private final TraceCounts counts = new TraceCounts();
    private final TraceExport export =
            new TraceExport(counts, "1", InstantSource.system(), System::nanoTime, new SplittableRandom(1));
    private final List<String> bodies = new CopyOnWriteArrayList<>();
    private final List<String> heads = new CopyOnWriteArrayList<>();
    private final CountDownLatch release = new CountDownLatch(1);
    private Optional<HttpServer> server = Optional.empty();

    @TempDir
    private Path folder;

    @AfterEach
    void stop() {
        export.close();
        release.countDown();
        server.ifPresent(one -> one.stop(0));
    }

    private static TraceSettings settings(String endpoint, Optional<Path> fields) {
        return new TraceSettings(Optional.of(URI.create(endpoint)), 100_000, "front", fields);
    }

    private String serve(HttpHandler handler) throws IOException {
        HttpServer made = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        made.createContext("/", exchange -> {
            heads.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().getFirst("Content-Type") + " "
                    + exchange.getRequestHeaders().getFirst("Authorization"));
            bodies.add(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
            handler.handle(exchange);
        });
        made.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        made.start();
        server = Optional.of(made);
        return "http://127.0.0.1:" + made.getAddress().getPort();
    }

    private static HttpHandler answering(int status, String body) {
        return exchange -> answer(exchange, status, body);
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private void add(int requests) {
        for (int i = 0; i < requests; i++) {
            export.add(OtlpJsonTest.usual());
        }
    }

    private static int spans(String body) {
        return JsonNode.read(body)
                .get("resourceSpans")
                .each()
                .getFirst()
                .get("scopeSpans")
                .each()
                .getFirst()
                .get("spans")
                .each()
                .size();
    }

    @Test
    void requestsGoTogetherToTheCollectorWithTheFieldsOfTheFile() throws IOException {
        Path fields = Files.writeString(folder.resolve("fields"), "Authorization: Bearer secret\n\n");
        Files.setPosixFilePermissions(fields, PosixFilePermissions.fromString("rw-------"));
        export.change(settings(serve(answering(200, "{}")) + "/base", Optional.of(fields)));
        add(3);
        await().atMost(SOON).until(() -> counts.sent() == 3);
        assertThat(heads).containsExactly("POST /base/v1/traces application/json Bearer secret");
        assertThat(spans(bodies.getFirst())).isEqualTo(12);
    }

    @Test
    void manyGoInMessagesOfABoundedSize() throws IOException {
        export.change(settings(serve(answering(200, "")), Optional.empty()));
        add(TraceExport.MESSAGE_MOST * 3 + 1);
        await().atMost(SOON).until(() -> counts.sent() == TraceExport.MESSAGE_MOST * 3 + 1);
        assertThat(bodies).allSatisfy(body -> assertThat(spans(body)).isBetween(1, 4 * TraceExport.MESSAGE_MOST));
        assertThat(bodies).hasSizeBetween(4, 6);
    }

    @Test
    void whatIsRefusedForGoodIsCountedAndNotSentAgain() throws IOException {
        export.change(settings(serve(answering(400, "no")), Optional.empty()));
        add(2);
        await().atMost(SOON).until(() -> counts.lostAtCollector() == 2);
        assertThat(bodies).hasSize(1);
        assertThat(counts.sent()).isZero();
    }

    @Test
    void spansThatACollectorRejectsAreCounted() throws IOException {
        String partial = "{\"partialSuccess\":{\"rejectedSpans\":\"4\",\"errorMessage\":\"too old\"}}";
        export.change(settings(serve(answering(200, partial)), Optional.empty()));
        add(1);
        await().atMost(SOON).until(() -> counts.lostAtCollector() == 1);
    }

    @Test
    void aCollectorThatIsBusyIsAskedAgain() throws IOException {
        export.change(settings(
                serve(exchange -> answer(exchange, bodies.size() == 1 ? 503 : 200, "")), Optional.empty()));
        add(1);
        await().atMost(SOON).until(() -> counts.sent() == 1);
        assertThat(bodies).hasSize(2);
        assertThat(bodies.getFirst()).isEqualTo(bodies.getLast());
    }

    @Test
    void aRedirectIsNotFollowedForTheFieldsMayBeSecret() throws IOException {
        export.change(settings(
                serve(exchange -> {
                    exchange.getResponseHeaders().set("Location", "/elsewhere");
                    answer(exchange, 307, "");
                }),
                Optional.empty()));
        add(1);
        await().atMost(SOON).until(() -> counts.lostAtCollector() == 1);
        assertThat(heads).hasSize(1);
    }

    @Test
    void behindACollectorThatDoesNotAnswerTheQueueIsBoundedAndNobodyWaits() throws IOException, InterruptedException {
        CountDownLatch asked = new CountDownLatch(1);
        export.change(settings(
                serve(exchange -> {
                    asked.countDown();
                    try {
                        release.await();
                    } catch (InterruptedException ended) {
                        Thread.currentThread().interrupt();
                    }
                }),
                Optional.empty()));
        add(TraceExport.MESSAGE_MOST);
        assertThat(asked.await(SOON.toSeconds(), java.util.concurrent.TimeUnit.SECONDS))
                .isTrue();
        // None where the message was full; where adding them took a second, it had those that were there.
        int left = export.waiting();
        add(TraceExport.QUEUE_MOST - left + 5);
        assertThat(export.waiting()).isEqualTo(TraceExport.QUEUE_MOST);
        assertThat(counts.lostInQueue()).isEqualTo(5);
        export.close();
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(counts.lostAtCollector())
                        .isEqualTo(TraceExport.QUEUE_MOST + TraceExport.MESSAGE_MOST - left));
    }

    @Test
    void aCollectorThatIsNotThereCostsRequestsNothingButTheirTraces() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        export.change(settings("http://127.0.0.1:" + port, Optional.empty()));
        add(2);
        export.close();
        await().atMost(SOON).until(() -> counts.lostAtCollector() == 2);
    }

    @Test
    void theLastRequestsAreSentWhenAllEnds() throws IOException {
        export.change(settings(serve(answering(200, "")), Optional.empty()));
        add(1);
        export.close();
        assertThat(counts.sent()).isOne();
    }

    @Test
    void anotherCollectorTakesTheOnesPlaceAndNoneNothing() throws IOException {
        export.change(settings(serve(answering(400, "")), Optional.empty()));
        add(1);
        await().atMost(SOON).until(() -> counts.lostAtCollector() == 1);
        server.orElseThrow().stop(0);
        export.change(settings(serve(answering(200, "")), Optional.empty()));
        add(1);
        await().atMost(SOON).until(() -> counts.sent() == 1);
        export.change(TraceSettings.NONE);
        add(1);
        await().atMost(SOON).until(() -> export.waiting() == 0);
        assertThat(bodies).hasSize(2);
    }
}
