package terpan.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import terpan.dispatch.Admission;
import terpan.link.Failure;
import terpan.picture.Activity;
import terpan.picture.Connections;
import terpan.picture.Front;
import terpan.picture.OpenRequest;
import terpan.picture.Picture;

final class ExpositionTest {
    private static final Pattern SAMPLE =
            Pattern.compile("[a-z_0-9]+(\\{[a-z_]+=\"[^\"]*\"(,[a-z_]+=\"[^\"]*\")*,?})? [0-9.E+-]+(NaN|Inf)?");

    private final Metrics metrics = new Metrics(2);
    private final GroupMetrics quick = metrics.open("quick");
    private final GroupMetrics other = metrics.open("other");
    private final Picture picture = new Picture(
            "0",
            1,
            "serving",
            Instant.ofEpochMilli(1_700_000_000_500L),
            Duration.ZERO,
            List.of(),
            "builtin",
            Optional.empty(),
            2,
            Optional.empty(),
            3,
            1_024,
            5,
            0,
            new Picture.Spool(7_000, 20_000, 2),
            new Picture.Requests(0, 0, 0, 0, 0, 0),
            List.of(group("quick", "builtin", 3), group("other", "waitress", 1)),
            List.of(
                    worker("quick", "w1", "ready", OptionalLong.of(20_000_000)),
                    worker("quick", "w2", "ready", OptionalLong.empty()),
                    worker("other", "w3", "starting", OptionalLong.empty())),
            List.of(new Picture.Slot("quick", "w1", 4, 3, 8, 100), new Picture.Slot("quick", "w2", 1, 0, 8, 90)),
            6,
            10_000,
            new Picture.Buffers(8_000, 9_000),
            new Picture.Dropped(1, 9),
            Optional.of("BoringSSL"),
            List.of(new Picture.Certificate("shop.example", "shop.pem", Instant.ofEpochSecond(1_800_000_000L))),
            new Picture.Issuance(
                    3,
                    2,
                    List.of(new Picture.Renewal(
                            "shop.example", "", Optional.empty(), Instant.ofEpochSecond(1_700_000_000L), 2, "no"))),
            List.of(),
            new Activity(
                    List.of(open("GET /report/{}", "working", "w1"), open("GET /report/{}", "waiting", "")),
                    0,
                    true,
                    connections(),
                    Activity.Rates.NONE,
                    Map.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    new Front(1.5, 1 << 20, 10, 1_024, 5, 9, List.of(new Front.Loop(0, 1, 0.5, 0.2, 0.3, 0.001))),
                    List.of()));

    private static Connections connections() {
        Connections.Counting loop = new Connections.Counting();
        loop.add(Connections.Protocol.UNKNOWN, Connections.State.HANDSHAKE, 2);
        loop.add(Connections.Protocol.HTTP_1, Connections.State.IDLE, 5);
        loop.add(Connections.Protocol.HTTP_2, Connections.State.WORKING, 1);
        return loop.all().plus(loop.all());
    }

    private static OpenRequest open(String route, String state, String worker) {
        Instant at = Instant.ofEpochSecond(1_700_000_000);
        return new OpenRequest("1", "", "", route, "/report/7", "192.0.2.7", state, worker, at, at);
    }

    private static Picture.Group group(String name, String server, int weight) {
        return new Picture.Group(
                name,
                Optional.of(server),
                "private",
                weight,
                1,
                1,
                0,
                0,
                1,
                0,
                OptionalDouble.empty(),
                0,
                0,
                name.equals("quick")
                        ? Optional.of(new Picture.Scaling(2, 8, 3, false, "requests wait", Optional.empty(), 5, 4))
                        : Optional.empty());
    }

    private static Picture.Worker worker(String group, String name, String state, OptionalLong resident) {
        OptionalLong none = OptionalLong.empty();
        return new Picture.Worker(
                name,
                group,
                none,
                state,
                "",
                Instant.EPOCH,
                1,
                0,
                none,
                none,
                none,
                none,
                none,
                OptionalDouble.empty(),
                resident,
                resident.isPresent() ? OptionalDouble.of(2) : OptionalDouble.empty(),
                Optional.empty(),
                "");
    }

    @Test
    void theRoutesThatHoldWorkersAreNamed() throws IOException {
        assertThat(text())
                .contains("terpan_route_requests_open{route=\"GET /report/{}\",state=\"working\"} 1.0\n")
                .contains("terpan_route_requests_open{route=\"GET /report/{}\",state=\"waiting\"} 1.0\n")
                .contains("terpan_route_oldest_seconds{route=\"GET /report/{}\",state=\"waiting\"} ");
    }

    @Test
    void everyDeclaredMetricIsExposedWithItsKindAndHelp() throws IOException {
        metrics.workerStartedAgain("quick", "w1", "crashed");
        metrics.workerEjected("other", "w3", "connect");
        metrics.workerProbed("other", "w3", false);
        metrics.nameLookedUp("other", "w3", true);
        metrics.loop(0).toldRoutes.add(7, "GET /report/<int:id>").settled(500, 9, 2_500_000_000L);
        metrics.loop(1).routes.add(8, "GET /report/<int:id>").settled(200, 9, 500_000_000L);
        metrics.loop(1).routesRefused(2);
        String text = text();
        assertThat(text)
                .contains("terpan_route_requests_total{route=\"GET /report/<int:id>\"} 2.0\n")
                .contains("terpan_route_failures_total{route=\"GET /report/<int:id>\"} 1.0\n")
                .contains("terpan_route_worker_seconds_total{route=\"GET /report/<int:id>\"} 3.0\n")
                .contains("terpan_route_fields_refused_total 2.0\n")
                .contains("terpan_connections_by_state{protocol=\"unknown\",state=\"handshake\"} 4.0\n")
                .contains("terpan_connections_by_state{protocol=\"http/1\",state=\"idle\"} 10.0\n")
                .contains("terpan_connections_by_state{protocol=\"http/2\",state=\"working\"} 2.0\n")
                .contains("terpan_connections_by_state{protocol=\"http/2\",state=\"tunnel\"} 0.0\n")
                .contains("terpan_worker_ejections_total{group=\"other\",reason=\"connect\",worker=\"w3\"} 1.0\n")
                .contains("terpan_worker_probes_total{group=\"other\",result=\"failed\",worker=\"w3\"} 1.0\n")
                .contains("terpan_worker_lookups_total{group=\"other\",result=\"found\",worker=\"w3\"} 1.0\n");
        assertThat(text)
                .contains("terpan_tls_certificate_expiry_timestamp_seconds{certificate=\"shop.example\"} 1.8E9\n");
        for (Metric metric : Metric.values()) {
            assertThat(text)
                    .contains("# TYPE " + metric.exposedName() + " "
                            + metric.kind().name().toLowerCase(java.util.Locale.ROOT) + "\n")
                    .contains("# HELP " + metric.exposedName() + " ");
        }
    }

    @Test
    void everyLineIsACommentOrASample() throws IOException {
        metrics.workerStartedAgain("quick", "w1", "crashed");
        assertThat(text().lines().filter(line -> !line.startsWith("# ")))
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line).matches(SAMPLE));
    }

    @Test
    void theLoopsAreAddedUp() throws IOException {
        metrics.loop(0).requestSettled(200, 1_000_000, 0, 900_000, -1, quick.loop(0));
        metrics.loop(1).requestSettled(200, 2_000_000_000, 1_000_000_000, 1_000_000_000, -1, quick.loop(1));
        metrics.loop(1).requestSettled(0, 10, -1, -1, -1, null);
        assertThat(text())
                .contains("terpan_requests_total{status=\"200\"} 2.0\n")
                .contains("terpan_requests_total{status=\"none\"} 1.0\n")
                .contains("terpan_request_seconds_bucket{le=\"0.001\"} 2\n")
                .contains("terpan_request_seconds_bucket{le=\"+Inf\"} 3\n")
                .contains("terpan_request_seconds_count 3\n")
                .contains("terpan_queue_wait_seconds_count 2\n")
                .contains("terpan_worker_seconds_sum{group=\"quick\"} 1.0009\n");
        assertThat(metrics.requests(2)).isEqualTo(2);
        assertThat(metrics.requests(0)).isEqualTo(1);
        assertThat(metrics.requests(5)).isZero();
    }

    @Test
    void eachGroupHasItsOwnFigures() throws IOException {
        metrics.loop(0).requestSettled(200, 9, 0, 2_000_000, -1, other.loop(0));
        metrics.loop(1).requestSettled(200, 9, 0, 4_000_000, -1, other.loop(1));
        other.loop(0).workerFailed(Failure.NONSENSE);
        assertThat(text())
                .contains("terpan_worker_seconds_count{group=\"quick\"} 0\n")
                .contains("terpan_worker_seconds_count{group=\"other\"} 2\n");
        assertThat(other.sent()).isEqualTo(2);
        assertThat(other.nanos()).isEqualTo(6_000_000);
        assertThat(other.failed()).isEqualTo(1);
        assertThat(quick.sent() + quick.failed()).isZero();
    }

    @Test
    void groupsComeAndGoAndTheOthersKeepWhatTheyHave() throws IOException {
        other.loop(0).workerFailed(Failure.NONSENSE);
        GroupMetrics next = metrics.open("other");
        metrics.close(quick);
        next.loop(1).workerFailed(Failure.NONSENSE);
        metrics.close(other);
        assertThat(text())
                .doesNotContain("terpan_worker_failures_total{group=\"quick\"")
                .contains("terpan_worker_failures_total{group=\"other\",reason=\"nonsense\"} 2.0\n");
        metrics.close(next);
        assertThat(metrics.groups()).isEmpty();
        assertThat(metrics.open("other").failed()).isZero();
    }

    @Test
    void reasonsBecomeLabels() throws IOException {
        LoopMetrics loop = metrics.loop(0);
        loop.requestRejected(Admission.Rejected.WAIT_TOO_LONG);
        other.loop(0).workerFailed(Failure.NONSENSE);
        loop.clientRefused(ClientRefusal.BODY_TOO_LARGE);
        metrics.workerStartedAgain("quick", "w1", "crashed");
        metrics.workerStartedAgain("quick", "w1", "crashed");
        assertThat(text())
                .contains("terpan_requests_rejected_total{reason=\"wait-too-long\"} 1.0\n")
                .contains("terpan_worker_failures_total{group=\"other\",reason=\"nonsense\"} 1.0\n")
                .contains("terpan_requests_refused_total{reason=\"body-too-large\",status=\"413\"} 1.0\n")
                .contains("terpan_worker_restarts_total{group=\"quick\",reason=\"crashed\",worker=\"w1\"} 2.0\n");
    }

    @Test
    void connectionsOpenAreThoseNotClosed() throws IOException {
        LoopMetrics loop = metrics.loop(0);
        loop.connectionOpened();
        loop.connectionOpened();
        loop.connectionClosed();
        assertThat(text()).contains("terpan_connections_total 2.0\n").contains("terpan_connections_open 1.0\n");
    }

    @Test
    void readingsBecomeGauges() throws IOException {
        assertThat(text())
                .contains("terpan_queue_length 3.0\n")
                .contains("terpan_workers{group=\"quick\",state=\"ready\"} 2.0\n")
                .contains("terpan_worker_resident_memory_bytes{group=\"quick\",worker=\"w1\"} 2.0E7\n")
                .doesNotContain("terpan_worker_resident_memory_bytes{group=\"quick\",worker=\"w2\"}")
                .contains("terpan_worker_requests_in_flight{group=\"quick\",worker=\"w1\"} 4.0\n")
                .contains("terpan_worker_places_lost{group=\"quick\",worker=\"w1\"} 3.0\n")
                .contains("terpan_requests_stuck_total 6.0\n")
                .contains("terpan_group_weight{group=\"quick\",server=\"builtin\"} 3.0\n")
                .contains("terpan_workers_bound{bound=\"least\",group=\"quick\"} 2.0\n")
                .contains("terpan_workers_bound{bound=\"most\",group=\"quick\"} 8.0\n")
                .contains("terpan_workers_wanted{group=\"quick\"} 3.0\n")
                .contains("terpan_scalings_total{direction=\"up\",group=\"quick\"} 5.0\n")
                .contains("terpan_scalings_total{direction=\"down\",group=\"quick\"} 4.0\n")
                .contains("terpan_log_lines_dropped_total{log=\"access\"} 9.0\n")
                .contains("process_start_time_seconds 1.7000000005E9\n");
    }

    @Test
    void tooManyRestartSeriesAreCountedTogether() throws IOException {
        for (int worker = 0; worker < 5_000; worker++) {
            metrics.workerStartedAgain("quick", "w" + worker, "crashed");
        }
        assertThat(text())
                .contains("terpan_worker_restarts_total{group=\"quick\",reason=\"other\",worker=\"other\"} 904.0\n");
    }

    @Test
    void openMetricsHasTheSameFiguresAndEndsWithItsMark() throws IOException {
        assertThat(text(MetricsFormat.OPEN_METRICS))
                .contains("# TYPE terpan_requests counter\n", "# TYPE terpan_request_seconds histogram\n")
                .endsWith("# EOF\n");
        assertThat(values(text(MetricsFormat.OPEN_METRICS))).isEqualTo(values(text(MetricsFormat.TEXT)));
    }

    /** The lines that are values. */
    private static Set<String> values(String text) {
        return text.lines().filter(line -> !line.startsWith("#")).collect(Collectors.toSet());
    }

    private String text() throws IOException {
        return text(MetricsFormat.TEXT);
    }

    private String text(MetricsFormat format) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new Exposition(metrics, () -> picture).write(out, format);
        return out.toString(UTF_8);
    }
}
