package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import terpan.serve.Collector.Span;

/**
 * One trace from a trusted proxy over Terpan to an application with OpenTelemetry's own middleware, as a real OpenTelemetry Collector has it;
 * and what becomes of requests when the collector is slow or not there.
 */
@Timeout(240)
final class TracesIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String CALLER = "00f067aa0ba902b7";
    private static final String GIVEN = "traceparent: 00-" + TRACE + "-" + CALLER + "-01";
    private static final Pattern TRACEPARENT = Pattern.compile("00-([0-9a-f]{32})-([0-9a-f]{16})-0([01])");

    private static Path program;

    @TempDir
    private Path folder;

    @BeforeAll
    static void make() throws Exception {
        program = Tool.made("go-program", "collector");
    }

    private static RunningTerpan serve(Collector collector, String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of("--traces-endpoint", collector.endpoint()));
        all.addAll(List.of("--traces-service-name", "front", "--access-log", "--access-log-format", "json"));
        all.addAll(List.of(arguments));
        return RunningTerpan.start(
                Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint()),
                "traced:application",
                all.toArray(String[]::new));
    }

    /** What the application was told and did: traceparent, tracestate, its own trace and span. */
    private static String[] told(Answer answer) {
        assertThat(answer.status()).isEqualTo(200);
        return answer.body().split(" ");
    }

    private static Span only(List<Span> spans, String service, String name) {
        List<Span> found = spans.stream()
                .filter(span -> span.service().equals(service) && span.name().equals(name))
                .toList();
        assertThat(found).as(service + " " + name + " of " + spans).hasSize(1);
        return found.getFirst();
    }

    @ParameterizedTest
    @CsvSource({"1, builtin", "2, builtin", "1, waitress", "2, waitress"})
    void aProxysTraceGoesThroughTerpanToTheApplicationWithTheRightParents(int version, String server)
            throws IOException {
        try (Collector collector = Collector.start(program, folder, Pebble.freePort());
                RunningTerpan terpan = serve(
                        collector,
                        "--server",
                        server,
                        "--bind",
                        "127.0.0.1:0" + (version == 2 ? ",h2c" : ""),
                        "--trusted-proxy",
                        "127.0.0.1",
                        "--traces-share",
                        "0%")) {
            String[] told;
            try (Connection client =
                    version == 2 ? Http2Connection.over(terpan.address()) : Connection.to(terpan.address())) {
                told = told(client.get("/shop/7?token=secret", GIVEN, "tracestate: rojo=1"));
            }
            assertThat(told[1]).isEqualTo("rojo=1");
            assertThat(told[2]).isEqualTo(TRACE);
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(collector.of(TRACE)).hasSize(5));

            List<Span> spans = collector.of(TRACE);
            Span whole = only(spans, "front", "GET /shop/{}");
            Span queue = only(spans, "front", "queue");
            Span worker = only(spans, "front", "worker");
            Span send = only(spans, "front", "send");
            Span application = spans.stream()
                    .filter(span -> span.service().equals("application"))
                    .findFirst()
                    .orElseThrow();
            assertThat(whole.parent()).isEqualTo(CALLER);
            assertThat(List.of(queue.parent(), worker.parent(), send.parent())).containsOnly(whole.id());
            assertThat(application.parent())
                    .as("the application's is the worker's child")
                    .isEqualTo(worker.id());
            assertThat(told[0]).isEqualTo("00-" + TRACE + "-" + worker.id() + "-01");
            assertThat(told[3]).isEqualTo(application.id());
            assertThat(List.of(whole.kind(), worker.kind(), application.kind())).containsExactly(2L, 3L, 2L);
            assertThat(whole.from()).isLessThanOrEqualTo(queue.from());
            assertThat(queue.to()).isEqualTo(worker.from());
            assertThat(worker.to()).isEqualTo(send.from());
            assertThat(send.to()).isEqualTo(whole.to());
            assertThat(whole.attributes())
                    .containsEntry("http.response.status_code", "200")
                    .containsEntry("network.protocol.version", version == 2 ? "2" : "1.1")
                    .containsEntry("url.path", "/shop/7")
                    .containsEntry("url.query", "token=***");
            assertThat(worker.attributes().get("terpan.worker")).startsWith(server + "-");
            assertThat(spans).noneMatch(Span::failed);
        }
    }

    @Test
    void aStrangersTraceIsAnewOneAndLogsKnowWhich() throws Exception {
        try (Collector collector = Collector.start(program, folder, Pebble.freePort());
                RunningTerpan terpan = serve(collector, "--log-slow", "1ms")) {
            String[] told = told(terpan.get("/", GIVEN, "tracestate: rojo=1"));
            assertThat(told[1]).as("a stranger's state").isEqualTo("-");
            assertThat(told[2]).isNotEqualTo(TRACE);
            Matcher parent = TRACEPARENT.matcher(told[0]);
            assertThat(parent.matches()).isTrue();
            assertThat(parent.group(1)).isEqualTo(told[2]);
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(collector.of(told[2])).hasSize(5));
            assertThat(only(collector.of(told[2]), "front", "GET /").parent()).isEmpty();
            await().atMost(SOON)
                    .until(() -> terpan.output().stream().anyMatch(line -> line.contains("\"trace\":\"" + told[2])));
            terpan.awaitLine("request was slow");
            assertThat(terpan.errors())
                    .anyMatch(line -> line.contains("request was slow") && line.contains("trace=" + told[2]));

            Answer failed = terpan.get("/raise");
            assertThat(failed.status()).isEqualTo(500);
            String id = failed.field("x-request-id").orElseThrow();
            terpan.awaitLine("the application failed");
            String line = terpan.errors().stream()
                    .filter(text -> text.contains("the application failed"))
                    .findFirst()
                    .orElseThrow();
            Matcher trace =
                    Pattern.compile("request=" + id + " trace=([0-9a-f]{32})").matcher(line);
            assertThat(trace.find()).as(line).isTrue();
            assertThat(terpan.command("explain", id).out()).contains("Its trace is " + trace.group(1) + ".");
            await().atMost(SOON)
                    .untilAsserted(
                            () -> assertThat(collector.of(trace.group(1))).hasSize(5));
            List<Span> spans = collector.of(trace.group(1));
            assertThat(only(spans, "front", "GET /raise").failed()).isTrue();
            assertThat(only(spans, "front", "GET /raise").attributes())
                    .containsEntry("error.type", "the application raised")
                    .containsEntry("terpan.request", id);
            assertThat(terpan.metric("terpan_traced_requests_total{result=\"sent\"}"))
                    .isEqualTo(2);
        }
    }

    @Test
    void whatClientsSayOfTracesIsNeverMoreThanAFieldThatIsReplaced() throws IOException {
        try (Collector collector = Collector.start(program, folder, Pebble.freePort());
                RunningTerpan terpan = serve(collector, "--trusted-proxy", "127.0.0.1", "--loops", "2")) {
            Set<String> traces = new HashSet<>();
            List<String> hostile = List.of(
                    "traceparent: 00-" + "0".repeat(32) + "-" + CALLER + "-01",
                    "traceparent: 00-" + TRACE.toUpperCase(java.util.Locale.ROOT) + "-" + CALLER + "-01",
                    "traceparent: " + "0".repeat(4_000),
                    "traceparent: 00-" + TRACE + "-" + CALLER + "-01-" + "x".repeat(100),
                    "traceparent: ff-" + TRACE + "-" + CALLER + "-01",
                    "traceparent:",
                    "traceparent: \"; drop table",
                    GIVEN + "\r\n" + GIVEN);
            for (String field : hostile) {
                String[] told = told(terpan.get("/", field, "tracestate: rojo=1"));
                assertThat(told[0]).as(field).matches(TRACEPARENT).doesNotContain(TRACE);
                assertThat(told[1]).as(field).isEqualTo("-");
                traces.add(told[2]);
            }
            assertThat(traces).hasSize(hostile.size());
            String[] bounded = told(terpan.get("/", GIVEN, "tracestate: a=" + "x".repeat(600)));
            assertThat(bounded[1]).as("a state that is too long").isEqualTo("-");
            assertThat(bounded[2]).isEqualTo(TRACE);
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(collector.all().stream()
                                    .map(Span::trace)
                                    .distinct()
                                    .count())
                            .isEqualTo(hostile.size() + 1));
        }
    }

    @Test
    void withoutACollectorNothingIsMadeAndWhatCameGoesOn() throws IOException {
        try (RunningTerpan terpan = RunningTerpan.serve("traced:application", "--access-log")) {
            String[] told = told(terpan.get("/", GIVEN, "tracestate: rojo=1"));
            assertThat(told[0]).isEqualTo(GIVEN.substring("traceparent: ".length()));
            assertThat(told[1]).isEqualTo("rojo=1");
            assertThat(told(terpan.get("/"))[0]).isEqualTo("-");
            await().atMost(SOON).until(() -> terpan.output().size() == 2);
            assertThat(terpan.output()).noneMatch(line -> line.contains("trace="));
        }
    }

    @Test
    void aCollectorThatTakesNothingHoldsUpNoRequestAndWhatIsLostIsCounted() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                RunningTerpan terpan = RunningTerpan.serve(
                        "traced:application", "--traces-endpoint", "http://127.0.0.1:" + silent.getLocalPort())) {
            List<Socket> held = new CopyOnWriteArrayList<>();
            Thread.ofVirtual().start(() -> hold(silent, held));
            try (Connection client = Connection.to(terpan.address())) {
                for (int i = 0; i < 3_000; i++) {
                    assertThat(client.get("/").status()).isEqualTo(200);
                }
            }
            assertThat(terpan.metric("terpan_traced_requests_total{result=\"dropped\"}"))
                    .isBetween(3_000.0 - 2_048 - 256, 3_000.0 - 2_048);
            assertThat(terpan.metric("terpan_traced_requests_total{result=\"sent\"}"))
                    .isZero();
            assertThat(held).as("connections to the collector").isNotEmpty();
            assertThat(terpan.errors()).noneMatch(line -> line.contains("ERROR"));
            terpan.signal("TERM");
            assertThat(terpan.exitCode()).isZero();
            assertThat(terpan.errors())
                    .anyMatch(line -> line.contains("traces of requests dropped") && line.contains("no_room="));
        }
    }

    /** Accepts, and says nothing, until the socket is closed. */
    private static void hold(ServerSocket silent, List<Socket> held) {
        try {
            while (true) {
                held.add(silent.accept());
            }
        } catch (IOException closed) {
            // the test is over
        }
    }

    @Test
    void aReloadTakesAnotherCollectorAndAnotherShare() throws Exception {
        try (Collector collector = Collector.start(program, folder, Pebble.freePort())) {
            Path fields = Files.writeString(folder.resolve("fields"), "Authorization: Bearer a-token-of-the-tests\n");
            Files.setPosixFilePermissions(fields, PosixFilePermissions.fromString("rw-------"));
            Path file = Files.writeString(folder.resolve("terpan.toml"), settings(""));
            try (RunningTerpan terpan =
                    RunningTerpan.start(Map.of(RunningTerpan.BIND_OF_FILE, ""), List.of("--config", file.toString()))) {
                assertThat(told(terpan.get("/"))[0]).isEqualTo("-");
                String traces = "[traces]\nendpoint = \"" + collector.endpoint()
                        + "\"\nservice-name = \"front\"\nfields-file = \"" + fields + "\"\n";
                Files.writeString(file, settings(traces));
                assertThat(terpan.command("reload").code()).isZero();
                String[] told = told(terpan.get("/"));
                await().atMost(SOON)
                        .untilAsserted(() -> assertThat(collector.of(told[2])).hasSize(4));
                Files.writeString(file, settings(traces + "share = \"0%\"\n"));
                assertThat(terpan.command("reload").code()).isZero();
                assertThat(told(terpan.get("/"))[0]).endsWith("-00");
                Files.setPosixFilePermissions(fields, PosixFilePermissions.fromString("rw-r--r--"));
                Program.Ended refused = terpan.command("reload");
                assertThat(refused.code()).isNotZero();
                assertThat(refused.out() + refused.err())
                        .contains("traces.fields-file", "chmod 600")
                        .doesNotContain("a-token-of-the-tests");
            }
        }
    }

    private static String settings(String traces) {
        return Stream.of(
                        "bind = [\"127.0.0.1:0\"]",
                        "[application]",
                        "name = \"traced:application\"",
                        "chdir = \"" + Program.APPLICATIONS + "\"",
                        "python = \"" + Program.python() + "\"",
                        traces)
                .reduce("", (before, line) -> before + line + "\n");
    }
}
