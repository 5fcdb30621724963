package terpan.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import terpan.matrix.JsonReader;

/** What is shipped for Prometheus and Grafana, with real promtool and Prometheus over a real Terpan. */
@Timeout(240)
final class MonitoringIT {
    private static final Path ROOT = Path.of("").toAbsolutePath();
    private static final Path SHIPPED = ROOT.resolve("examples/monitoring");
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int MAKING_SECONDS = 200;
    private static final String TOKEN = "a-reader-of-the-tests-0123456789abcdef";
    private static final Pattern METRIC = Pattern.compile("\\b((?:terpan|process|jvm)_[a-z0-9_]+)\\b");

    private static Path programs;

    @TempDir
    private Path folder;

    @BeforeAll
    static void make() throws Exception {
        programs = Tool.made("prometheus");
    }

    @Test
    void theDashboardForGrafanaIsWhatGrafanasSchemaAsksForAndWhatIsNotIsFound() throws Exception {
        Path check = Tool.made("go-program", "grafana-schema");
        Path dashboard = SHIPPED.resolve("grafana-dashboard.json");
        assertThat(checked(check, dashboard)).isEmpty();
        Path broken = Files.writeString(
                folder.resolve("broken.json"),
                Files.readString(dashboard).replaceFirst("\"showLegend\": true", "\"showLegende\": true"));
        assertThat(checked(check, broken)).contains("panels[0].options.legend.showLegend: required field is missing");
    }

    private static String checked(Path check, Path dashboard) throws Exception {
        Process process = new ProcessBuilder(check.toString(), dashboard.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(MAKING_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue() == 0).as(said).isEqualTo(said.isEmpty());
        return said;
    }

    @Test
    void everyAlertFiresOnItsFiguresAndOnNoOthers() throws Exception {
        assertThat(promtool(
                        "",
                        "check",
                        "rules",
                        SHIPPED.resolve("terpan-rules.yml").toString()))
                .contains("SUCCESS");
        assertThat(promtool(
                        "",
                        "test",
                        "rules",
                        SHIPPED.resolve("terpan-rules-test.yml").toString()))
                .contains("SUCCESS");
        String rules = Files.readString(SHIPPED.resolve("terpan-rules.yml"));
        String tests = Files.readString(SHIPPED.resolve("terpan-rules-test.yml"));
        List<String> alerts = found("- alert: (\\w+)", rules);
        assertThat(alerts)
                .hasSizeGreaterThan(10)
                .allSatisfy(alert ->
                        assertThat(tests).contains("name: " + alert + " fires", "name: " + alert + " is silent"));
        assertDeclared(rules);
        assertDeclared(tests);
    }

    @Test
    void prometheusTakesHistogramsAsNativeOnes() throws Exception {
        int operators = Pebble.freePort();
        Path token = token();
        try (RunningTerpan terpan = served("watched:app", operators, token)) {
            assertThat(terpan.get("/export/1").status()).isEqualTo(200);
            Path file = Files.writeString(folder.resolve("prometheus.yml"), """
                    scrape_configs:
                      - job_name: terpan
                        scrape_interval: 1s
                        scrape_timeout: 1s
                        authorization: {credentials_file: reader-token}
                        static_configs: [{targets: ["127.0.0.1:%d"]}]
                    """.formatted(operators));
            withPrometheus(file, List.of("--enable-feature=native-histograms"), api -> {
                await().ignoreExceptions()
                        .atMost(SOON)
                        .until(() -> api.value("histogram_count(terpan_worker_seconds)")
                                .equals("1"));
                double took = Double.parseDouble(api.value("histogram_sum(terpan_worker_seconds)"));
                for (String quantile : List.of("0.01", "0.5", "0.99")) {
                    double told = Double.parseDouble(
                            api.value("histogram_quantile(" + quantile + ", terpan_worker_seconds)"));
                    assertThat(told).isBetween(took / 1.0906, took * 1.0906);
                }
                assertThat(api.value("histogram_count(terpan_request_seconds)")).isEqualTo("1");
                assertThat(api.value("histogram_count(terpan_sending_seconds)")).isEqualTo("1");
                assertThat(api.value("histogram_count(terpan_queue_wait_seconds)"))
                        .isEqualTo("1");
                assertThat(api.value("terpan_requests_total{status=\"200\"}")).isEqualTo("1");
                assertThat(api.value("terpan_connections_bound")).isNotEqualTo("0");
                assertThat(found("\"(terpan_[a-z_]+_bucket)\"", api.get("/api/v1/label/__name__/values")))
                        .as("classic buckets, which Prometheus leaves out where there are native ones")
                        .isEmpty();
            });
        }
    }

    private Path token() throws IOException {
        Path token = Files.writeString(folder.resolve("reader-token"), TOKEN);
        Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
        return token;
    }

    private static RunningTerpan served(String application, int operators, Path token) throws IOException {
        return RunningTerpan.serve(
                application,
                "--workers",
                "1",
                "--operators-bind",
                "127.0.0.1:" + operators,
                "--operators-reader-token-file",
                token.toString());
    }

    private interface Asking {
        void ask(Api api) throws Exception;
    }

    private void withPrometheus(Path settings, List<String> more, Asking asking) throws Exception {
        int port = Pebble.freePort();
        List<String> command = new ArrayList<>(List.of(
                programs.resolve("prometheus").toString(),
                "--config.file=" + settings,
                "--storage.tsdb.path=" + folder.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port,
                "--log.level=warn"));
        command.addAll(more);
        Process prometheus = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("prometheus.log").toFile())
                .start();
        try (HttpClient client = HttpClient.newHttpClient()) {
            Api api = new Api(client, port);
            await().ignoreExceptions()
                    .atMost(SOON)
                    .until(() -> api.value("up{job=\"terpan\"}").equals("1"));
            asking.ask(api);
        } finally {
            prometheus.destroy();
            assertThat(prometheus.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void prometheusScrapesEveryFigureAndUnderstandsTheDashboard() throws Exception {
        int operators = Pebble.freePort();
        Path token = token();
        try (RunningTerpan terpan = served("everything:application", operators, token)) {
            for (int request = 0; request < 7; request++) {
                assertThat(terpan.get("/").status()).isEqualTo(200);
            }
            String plain = terpan.ask("/metrics");
            assertThat(promtool(plain, "check", "metrics")).isEmpty();

            Files.copy(SHIPPED.resolve("terpan-rules.yml"), folder.resolve("terpan-rules.yml"));
            String settings = Files.readString(SHIPPED.resolve("prometheus.yml"))
                    .replace("scrape_interval: 15s", "scrape_interval: 1s\n  scrape_timeout: 1s")
                    .replace("127.0.0.1:9000", "127.0.0.1:" + operators);
            Path file = Files.writeString(folder.resolve("prometheus.yml"), settings);
            withPrometheus(file, List.of(), api -> {
                assertThat(api.value("terpan_requests_total{status=\"200\"}")).isEqualTo("7");
                assertThat(api.value("terpan_request_seconds_count")).isEqualTo("7");
                String dashboard = Files.readString(SHIPPED.resolve("grafana-dashboard.json"));
                for (String expression : expressions(dashboard)) {
                    assertDeclared(expression);
                    api.query(expression.replace("$__rate_interval", "1m").replace("$instance", ".*"));
                }
                assertThat(api.get("/api/v1/rules"))
                        .contains("TerpanNoWorkerReady")
                        .doesNotContain("\"health\":\"err\"");
            });
        }
    }

    /** The HTTP interface of a Prometheus. */
    private record Api(HttpClient client, int port) {
        String get(String target) throws IOException, InterruptedException {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + target))
                            .timeout(Duration.ofSeconds(20))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(target + " " + answer.body()).isEqualTo(200);
            return answer.body();
        }

        String query(String expression) throws IOException, InterruptedException {
            return get("/api/v1/query?query=" + URLEncoder.encode(expression, UTF_8));
        }

        /** Of the only series. */
        String value(String expression) throws IOException, InterruptedException {
            List<String> values = found("\"value\":\\[[0-9.]+,\"([^\"]+)\"\\]", query(expression));
            assertThat(values).as(expression).hasSize(1);
            return values.getFirst();
        }
    }

    /** Those of a dashboard, which is checked to have what Grafana needs of it. */
    private static List<String> expressions(String json) {
        Map<?, ?> dashboard = (Map<?, ?>) JsonReader.read(json);
        assertThat(dashboard.get("title")).isEqualTo("Terpan");
        assertThat(dashboard.get("uid")).isEqualTo("terpan");
        assertThat(dashboard.get("schemaVersion")).isNotNull();
        List<String> expressions = new ArrayList<>();
        List<Object> ids = new ArrayList<>();
        for (Object each : (List<?>) Objects.requireNonNull(dashboard.get("panels"))) {
            Map<?, ?> panel = (Map<?, ?>) each;
            ids.add(panel.get("id"));
            assertThat((String) panel.get("title")).isNotBlank();
            assertThat(panel.get("type")).isEqualTo("timeseries");
            assertThat(((Map<?, ?>) Objects.requireNonNull(panel.get("gridPos")))
                            .keySet()
                            .toString())
                    .isEqualTo("[x, y, w, h]");
            for (Object target : (List<?>) Objects.requireNonNull(panel.get("targets"))) {
                expressions.add((String) ((Map<?, ?>) target).get("expr"));
            }
        }
        assertThat(ids).doesNotHaveDuplicates().hasSizeGreaterThan(10);
        return expressions;
    }

    /** Whether each metric that is named is one of ours. */
    private static void assertDeclared(String text) throws IOException {
        String page = Files.readString(ROOT.resolve("docs/metrics.md"));
        Matcher metric = METRIC.matcher(text);
        while (metric.find()) {
            String name = metric.group(1).replaceAll("_seconds_(bucket|count|sum)$", "_seconds");
            assertThat(page).contains("| `" + name + "` |");
        }
    }

    private static List<String> found(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(result -> result.group(1))
                .toList();
    }

    /** What it says; it has to be content. */
    private String promtool(String input, String... arguments) throws Exception {
        List<String> command =
                new ArrayList<>(List.of(programs.resolve("promtool").toString()));
        command.addAll(List.of(arguments));
        Path given = Files.writeString(folder.resolve("input"), input);
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(given.toFile())
                .start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
        return said;
    }
}
