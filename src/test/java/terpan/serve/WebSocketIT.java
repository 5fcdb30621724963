package terpan.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import terpan.tls.TestCertificates;

/** WebSocket through real servers, with the websockets library as the client. */
@Timeout(180)
final class WebSocketIT {
    private static final Path CLIENT =
            Program.APPLICATIONS.resolveSibling("websocket").resolve("client.py");
    private static final Path EXAMPLE =
            Program.APPLICATIONS.resolve("../../../../examples/chat").normalize();
    private static final Duration SOON = Duration.ofSeconds(60);

    private static RunningTerpan serve(String server, String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of("--server", server, "--workers", "1"));
        all.addAll(List.of(arguments));
        return RunningTerpan.serve("sockets:application", all.toArray(String[]::new));
    }

    private static String url(RunningTerpan terpan) {
        return "ws://localhost:" + ((InetSocketAddress) terpan.address()).getPort();
    }

    /** A client that runs; closing it ends it. */
    private static final class Client implements AutoCloseable {
        private final Process process;
        private final BufferedReader out;

        private Client(String url, String... arguments) throws IOException {
            List<String> command = new ArrayList<>(List.of(Program.python().toString(), CLIENT.toString(), url));
            command.addAll(List.of(arguments));
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            out = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
        }

        private String line() throws IOException {
            return String.valueOf(out.readLine());
        }

        private void tell(String line) throws IOException {
            process.getOutputStream().write((line + "\n").getBytes(UTF_8));
            process.getOutputStream().flush();
        }

        private List<String> rest() throws Exception {
            List<String> lines = out.lines().toList();
            assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
            return lines;
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    private static List<String> ask(RunningTerpan terpan, String what, String... number) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("-", what));
        arguments.addAll(List.of(number));
        try (Client client = new Client(url(terpan), arguments.toArray(String[]::new))) {
            return client.rest();
        }
    }

    private static void awaitNoTunnel(RunningTerpan terpan) {
        await().atMost(SOON).until(() -> terpan.metric("terpan_tunnels_open") == 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"uvicorn", "hypercorn", "granian"})
    void messagesOfEverySizePassBothWaysAndNothingIsLostToWhoIsSlow(String server) throws Exception {
        try (RunningTerpan terpan = serve(server, "--prefix", "/base")) {
            assertThat(ask(terpan, "echo")).containsExactly("chat", "closed 1000");
            assertThat(ask(terpan, "many", "50")).containsExactly("all");
            assertThat(ask(terpan, "slow")).containsExactly("all");
            assertThat(ask(terpan, "close")).containsExactly("closed 4001 as you like");
            assertThat(ask(terpan, "status").getFirst()).isEqualTo("403");
            assertThat(ask(terpan, "scope").getFirst())
                    .contains(
                            "\"client\": [\"127.0.0.1\", ",
                            "\"scheme\": \"ws\"",
                            "\"query\": \"a=b\"",
                            "\"x-mine\": \"1\"")
                    .contains("\"x-forwarded-proto\": \"http\"", "\"path\": \"/scope\"")
                    .doesNotContain("x-terpan");
            awaitNoTunnel(terpan);
            assertThat(terpan.metric("terpan_requests_in_flight")).isZero();
            assertThat(terpan.get("/").body()).as("requests go on").matches("[0-9]+");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"uvicorn", "hypercorn", "granian"})
    void theChatOfTheExamples(String server) throws Exception {
        try (RunningTerpan terpan = RunningTerpan.start(
                Map.of(),
                List.of(
                        "chat:app",
                        "--chdir",
                        EXAMPLE.toString(),
                        "--python",
                        Program.python().toString(),
                        "--server",
                        server,
                        "--workers",
                        "1"))) {
            assertThat(terpan.get("/").body()).contains("new WebSocket(address)");
            assertThat(ask(terpan, "chat")).containsExactly("hello", "hello", "and you");
        }
    }

    private static RunningTerpan overTls(Path folder, String application, Path directory, String server)
            throws IOException {
        Path settings = Files.writeString(folder.resolve("terpan.toml"), """
                bind = ["127.0.0.1:0,tls"]

                [tls]
                certificates = [{certificate = "%s"}]
                """.formatted(TestCertificates.EC));
        return RunningTerpan.start(
                Map.of("TERPAN_CONFIG", settings.toString(), "PORT", ""),
                List.of(
                        application,
                        "--chdir",
                        directory.toString(),
                        "--python",
                        Program.python().toString(),
                        "--server",
                        server,
                        "--workers",
                        "1"));
    }

    @Test
    void overTls(@TempDir Path folder) throws Exception {
        try (RunningTerpan terpan = overTls(folder, "sockets:application", Program.APPLICATIONS, "uvicorn");
                Client echo = new Client(secure(terpan), TestCertificates.EC.toString(), "echo");
                Client slow = new Client(secure(terpan), TestCertificates.EC.toString(), "slow");
                Client scope = new Client(secure(terpan), TestCertificates.EC.toString(), "scope")) {
            assertThat(echo.rest()).containsExactly("chat", "closed 1000");
            assertThat(slow.rest()).containsExactly("all");
            assertThat(scope.rest().getFirst()).contains("\"scheme\": \"wss\"", "\"x-forwarded-proto\": \"https\"");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"uvicorn", "hypercorn", "granian"})
    void inStreamsOfHttp2(String server, @TempDir Path folder) throws Exception {
        try (RunningTerpan terpan = overTls(folder, "sockets:application", Program.APPLICATIONS, server)) {
            assertThat(streams(terpan, "/echo", 20, 6))
                    .hasSize(21)
                    .contains("connect 1")
                    .contains("200 6 1000");
            assertThat(streams(terpan, "/no", 1, 1)).containsExactly("connect 1", "403 0 0");
            awaitNoTunnel(terpan);
        }
        try (RunningTerpan terpan = overTls(folder, "chat:app", EXAMPLE, server)) {
            assertThat(streams(terpan, "/room", 1, 1))
                    .as("the chat of the examples")
                    .containsExactly("connect 1", "200 1 1000");
        }
    }

    private static List<String> streams(RunningTerpan terpan, String path, int count, int rounds) throws Exception {
        Process process = new ProcessBuilder(
                        Program.python().toString(),
                        CLIENT.resolveSibling("http2.py").toString(),
                        Integer.toString(((InetSocketAddress) terpan.address()).getPort()),
                        TestCertificates.EC.toString(),
                        path,
                        Integer.toString(count),
                        Integer.toString(rounds))
                .redirectErrorStream(true)
                .start();
        List<String> lines = new String(process.getInputStream().readAllBytes(), UTF_8)
                .lines()
                .toList();
        assertThat(process.waitFor()).as(String.join("\n", lines)).isZero();
        return lines;
    }

    private static String secure(RunningTerpan terpan) {
        return url(terpan).replace("ws:", "wss:");
    }

    @ParameterizedTest
    @CsvSource({"waitress, everything:application", "builtin, everything:application", "uvicorn, everything:application"
    })
    void aServerThatCanNotGetsAClear501(String server, String application) throws Exception {
        try (RunningTerpan terpan = RunningTerpan.serve(application, "--server", server, "--workers", "1")) {
            List<String> answer = ask(terpan, "status");
            assertThat(answer.getFirst()).isEqualTo("501");
            assertThat(String.join(" ", answer)).contains("does not speak WebSocket");
        }
    }

    @Test
    void aServerWithoutALibraryForItSaysSo() throws Exception {
        try (RunningTerpan terpan = serve("uvicorn", "--server-option", "ws=none")) {
            List<String> answer = ask(terpan, "status");
            assertThat(answer.getFirst()).isEqualTo("501");
            assertThat(String.join(" ", answer)).contains("install websockets");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"private", "tcp", "shared"})
    void aReloadGivesTunnelsTheirTimeAndTheirClientsComeAgainToTheNewWorker(String socket) throws Exception {
        try (RunningTerpan terpan = serve("uvicorn", "--socket", socket, "--tunnel-drain", "5s");
                Client client = new Client(url(terpan), "-", "hold", "20")) {
            assertThat(client.line()).isEqualTo("open 20");
            assertThat(terpan.metric("terpan_tunnels_open")).isEqualTo(20);
            String before = terpan.get("/").body();
            terpan.signal("HUP");
            await().atMost(SOON).until(() -> !terpan.get("/").body().equals(before));
            client.tell("talk");
            assertThat(client.line()).as("while the old one drains").isEqualTo("talked");
            List<String> ends = client.rest();
            assertThat(ends).hasSize(20);
            awaitNoTunnel(terpan);
            assertThat(ask(terpan, "echo")).containsExactly("chat", "closed 1000");
            await().atMost(SOON)
                    .until(() -> !ProcessHandle.of(Long.parseLong(before)).isPresent());
        }
    }

    @ParameterizedTest
    @CsvSource({"reload, 5m", "restart uvicorn-1, 0s"})
    void neitherAGenerationThatIsKeptForARollbackNorAWorkerThatIsReplacedKeepsTunnels(String order, String keep)
            throws Exception {
        try (RunningTerpan terpan = serve("uvicorn", "--keep", keep, "--tunnel-drain", "1s");
                Client client = new Client(url(terpan), "-", "hold", "3")) {
            assertThat(client.line()).isEqualTo("open 3");
            client.tell("wait");
            assertThat(terpan.command(order.split(" ", -1)).code()).isZero();
            assertThat(client.rest()).hasSize(3).allMatch(line -> line.startsWith("closed 1001"));
            assertThat(terpan.metric("terpan_tunnels_total{reason=\"tunnel-drain\"}"))
                    .isEqualTo(3);
        }
    }

    @Test
    void aStopGivesTunnelsTheirTimeAndIsNoFailure() throws Exception {
        try (RunningTerpan terpan = serve("uvicorn", "--tunnel-drain", "2s");
                Client client = new Client(url(terpan), "-", "hold", "5")) {
            assertThat(client.line()).isEqualTo("open 5");
            terpan.signal("TERM");
            client.tell("talk");
            assertThat(client.line()).isEqualTo("talked");
            assertThat(client.rest()).hasSize(5).allMatch(line -> line.startsWith("closed 1001"));
            assertThat(terpan.exitCode()).isZero();
        }
    }

    @Test
    void aWorkerThatIsKilledEndsItsTunnelsAndOthersComeToTheNext() throws Exception {
        try (RunningTerpan terpan = serve("uvicorn");
                Client client = new Client(url(terpan), "-", "hold", "5")) {
            assertThat(client.line()).isEqualTo("open 5");
            client.tell("wait");
            ProcessHandle.of(Long.parseLong(terpan.get("/").body()))
                    .orElseThrow()
                    .destroyForcibly();
            assertThat(client.rest()).hasSize(5).allMatch(line -> line.startsWith("closed 1006"));
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(ask(terpan, "echo")).contains("closed 1000"));
        }
    }

    @Test
    void clientsThatLeaveWithoutAWordAndAnIdleDeadline() throws Exception {
        try (RunningTerpan terpan =
                serve("uvicorn", "--tunnel-idle", "2s", "--server-option", "ws-ping-interval=3600", "--access-log")) {
            try (Client client = new Client(url(terpan), "-", "hold", "5")) {
                assertThat(client.line()).isEqualTo("open 5");
            }
            await().atMost(SOON).until(() -> terpan.metric("terpan_tunnels_total{reason=\"client\"}") == 5);
            try (Client client = new Client(url(terpan), "-", "hold", "2")) {
                assertThat(client.line()).isEqualTo("open 2");
                client.tell("wait");
                assertThat(client.rest()).hasSize(2).allMatch(line -> line.startsWith("closed 1006"));
            }
            assertThat(terpan.metric("terpan_tunnels_total{reason=\"tunnel-idle\"}"))
                    .isEqualTo(2);
            await().atMost(SOON)
                    .until(() -> terpan.output().stream()
                                    .filter(line -> line.contains("/echo") && line.contains(" 101 "))
                                    .count()
                            == 7);
        }
    }

    @Test
    void tooManyAreRefusedAndRequestsAreNot() throws Exception {
        try (RunningTerpan terpan = serve("uvicorn", "--tunnels", "3");
                Client client = new Client(url(terpan), "-", "hold", "3")) {
            assertThat(client.line()).isEqualTo("open 3");
            assertThat(ask(terpan, "status").getFirst()).isEqualTo("503");
            assertThat(terpan.get("/").body()).matches("[0-9]+");
            terpan.awaitLine("so many are open as may be");
        }
    }

    @Test
    void anAttachedWorkerIsAskedToo() throws Exception {
        try (RunningTerpan behind = serve("uvicorn");
                RunningTerpan terpan = RunningTerpan.start(
                        Map.of(),
                        List.of("--attach", "127.0.0.1:" + ((InetSocketAddress) behind.address()).getPort()))) {
            assertThat(ask(terpan, "echo")).containsExactly("chat", "closed 1000");
        }
    }
}
