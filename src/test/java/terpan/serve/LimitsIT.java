package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Limits, pages and streaming with the whole program: what a client and an operator see of them. */
@Timeout(90)
final class LimitsIT {
    @TempDir
    private Path folder;

    @Test
    void whoAsksTooOftenGets429AndTheOperatorSeesIt() throws Exception {
        try (RunningTerpan terpan =
                RunningTerpan.serve("everything:application", "--workers", "1", "--request-rate", "1")) {
            try (Connection connection = terpan.connect()) {
                assertThat(connection.get("/").status()).isEqualTo(200);
                assertThat(connection.get("/").status()).isEqualTo(200);
                Answer refused = connection.get("/", "Accept: application/json");
                assertThat(refused.status()).isEqualTo(429);
                assertThat(refused.field("retry-after")).isPresent();
                assertThat(refused.body()).startsWith("{\"status\": 429, ");
            }
            assertThat(terpan.metric("terpan_requests_refused_total{reason=\"request-rate\",status=\"429\"}"))
                    .isOne();
        }
    }

    @Test
    void atTheMostConnectionsIdleOnesMakeRoomAndNobodyIsRefused() throws Exception {
        try (RunningTerpan terpan =
                        RunningTerpan.serve("everything:application", "--workers", "1", "--connections", "3");
                Connection first = terpan.connect();
                Connection second = terpan.connect();
                Connection third = terpan.connect()) {
            for (Connection idle : new Connection[] {first, second, third}) {
                assertThat(idle.get("/").status()).isEqualTo(200);
            }
            try (Connection fourth = terpan.connect()) {
                assertThat(fourth.get("/").status()).isEqualTo(200);
            }
            assertThat(first.ended()).isTrue();
            assertThat(terpan.metric("terpan_limits_reached_total{reason=\"connections\"}"))
                    .isPositive();
            assertThat(terpan.metric("terpan_limits_reached_total{reason=\"idle-for-others\"}"))
                    .isPositive();
        }
    }

    @Test
    void withoutADescriptorAcceptingPausesAndGoesOnWhenThereIsOne() throws Exception {
        try (RunningTerpan terpan = RunningTerpan.serve("everything:application", "--workers", "1")) {
            assertThat(terpan.get("/").status()).isEqualTo(200);
            terpan.assertQuiet();
            Processes.allowNoDescriptor(terpan.pid());
            try (Connection waiting = terpan.connect()) {
                waiting.ask("GET", "/");
                long before = Processes.cpuTicks(terpan.pid());
                await("less than half of a second's processor time while it can not accept")
                        .during(Duration.ofSeconds(1))
                        .atMost(Duration.ofSeconds(5))
                        .until(() -> Processes.cpuTicks(terpan.pid()) - before < 50);
                Processes.allowDescriptors(terpan.pid(), 1_000);
                assertThat(waiting.read().status()).isEqualTo(200);
            }
            assertThat(terpan.metric("terpan_limits_reached_total{reason=\"descriptors\"}"))
                    .isPositive();
        }
    }

    @Test
    void withoutADescriptorNoListenerIsSpunOnAndEachSaysSoOnce() throws Exception {
        try (RunningTerpan terpan = RunningTerpan.serve("everything:application", "--workers", "1")) {
            assertThat(terpan.get("/").status()).isEqualTo(200);
            terpan.assertQuiet();
            List<String> lines = List.of("control connections are", "operators are", "clients are");
            Path run = terpan.runDirectory();
            Processes.allowNoDescriptor(terpan.pid());
            try (Connection launcher = Connection.to(UnixDomainSocketAddress.of(run.resolve("control")));
                    Connection operator = Connection.to(UnixDomainSocketAddress.of(run.resolve("operators")));
                    Connection client = terpan.connect()) {
                operator.ask("GET", "/healthz");
                client.ask("GET", "/");
                lines.forEach(line -> terpan.awaitLine(line + " not accepted for now"));
                long before = Processes.cpuTicks(terpan.pid());
                await("less than half of a second's processor time while nothing can be accepted")
                        .during(Duration.ofSeconds(1))
                        .atMost(Duration.ofSeconds(5))
                        .until(() -> Processes.cpuTicks(terpan.pid()) - before < 50);
                Processes.allowDescriptors(terpan.pid(), 1_000);
                assertThat(client.read().status()).isEqualTo(200);
                assertThat(operator.read().body()).isEqualTo("ok\n");
                assertThat(launcher.send("\0\0\0\0").ended())
                        .as("without a token")
                        .isTrue();
                // The kernel had given each of the two the descriptor for its next connection before.
                assertThat(terpan.ask("/healthz")).isEqualTo("ok\n");
                try (Connection next = Connection.to(UnixDomainSocketAddress.of(run.resolve("control")))) {
                    assertThat(next.send("\0\0\0\0").ended()).isTrue();
                }
                lines.forEach(line -> terpan.awaitLine(line + " accepted again"));
                assertThat(terpan.errors().stream().filter(line -> line.contains("not accepted")))
                        .hasSize(lines.size());
            }
        }
    }

    @Test
    void whenClientsHoldAllTheirDescriptorsTheOperatorIsStillAnswered() throws Exception {
        List<Connection> clients = new ArrayList<>();
        try (RunningTerpan terpan =
                RunningTerpan.serveWithDescriptors(400, "everything:application", "--workers", "1")) {
            try {
                for (int i = 0; i < 500; i++) {
                    Connection client = terpan.connect();
                    clients.add(client);
                    client.send("GET /");
                }
                await().atMost(Duration.ofSeconds(10))
                        .until(() -> terpan.metric("terpan_limits_reached_total{reason=\"connections\"}") > 0);
                assertThat(terpan.metric("terpan_connections_open")).isBetween(100.0, 300.0);
                assertThat(terpan.command("status").code()).isZero();
            } finally {
                for (Connection client : clients) {
                    client.close();
                }
            }
            assertThat(terpan.get("/").status()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @CsvSource({"builtin, 1", "builtin, 2", "gunicorn, 1"})
    void aStreamedBodyReachesTheApplicationBeforeItsEnd(String server, int loops) throws Exception {
        Path began = folder.resolve("began-" + server + loops);
        String[] flags = {
            "--server", server, "--workers", "2", "--loops", Integer.toString(loops), "--stream", "/arrives"
        };
        try (RunningTerpan terpan = RunningTerpan.serve("everything:application", flags);
                Connection connection = terpan.connect()) {
            connection
                    .ask("POST", "/arrives?began=" + began, "Content-Length: 200000")
                    .send("first" + "x".repeat(4_091));
            await().atMost(Duration.ofSeconds(20)).until(() -> Files.exists(began));
            connection.send("x".repeat(195_904));
            assertThat(connection.read().body()).isEqualTo("200000");
            assertThat(connection.get("/").body()).isEqualTo("Hello");
        }
    }

    @Test
    void theOperatorsPageIsShownAndInDevelopmentTheCause() throws Exception {
        Files.writeString(folder.resolve("502.html"), "<p>Sorry. {{request-id}}</p>");
        try (RunningTerpan terpan = RunningTerpan.serve(
                        "everything:application",
                        "--workers",
                        "1",
                        "--error-pages",
                        folder.toString(),
                        "--development");
                Connection connection = terpan.connect()) {
            assertThat(connection.get("/say").status()).isEqualTo(200);
            terpan.awaitLine("said by the application");
            Answer own = connection.get("/die", "Accept: text/html");
            assertThat(own.status()).isEqualTo(502);
            assertThat(own.body())
                    .isEqualTo("<p>Sorry. " + own.field("x-request-id").orElseThrow() + "</p>");
            await().atMost(Duration.ofSeconds(20)).until(() -> terpan.status().readyWorkers() == 1);
            assertThat(connection.get("/die").body()).contains("said by the application");
        }
    }

    @Test
    void aPageThatIsNoneStopsTheStartWithAMessage() throws Exception {
        Files.writeString(folder.resolve("50x.html"), "x");
        Program.Ended ended = Program.run(
                folder,
                "serve",
                "everything:application",
                "--chdir",
                Program.APPLICATIONS.toString(),
                "--python",
                Program.python().toString(),
                "--run-directory",
                folder.resolve("run").toString(),
                "--bind",
                "127.0.0.1:0",
                "--error-pages",
                folder.toString());
        assertThat(ended.code()).isEqualTo(3);
        assertThat(ended.err()).contains("50x.html").doesNotContain("\tat ");
    }
}
