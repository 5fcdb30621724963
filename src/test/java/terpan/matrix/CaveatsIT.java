package terpan.matrix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import terpan.serve.Connection;
import terpan.serve.Program;
import terpan.serve.RunningTerpan;

/** What speaks against starting servers by a path, shown with the servers themselves: it is why Terpan's launchers bind. */
@Timeout(60)
@Tag("matrix")
final class CaveatsIT {
    private static final Duration MOST = Duration.ofSeconds(20);

    private Path folder = Path.of("/tmp");
    private final List<Process> started = new java.util.ArrayList<>();

    @BeforeEach
    void begin() throws IOException {
        folder = Files.createTempDirectory(Path.of("/tmp"), "tc");
    }

    @AfterEach
    void end() throws Exception {
        for (Process process : started) {
            process.destroyForcibly().waitFor();
        }
        Files.deleteIfExists(socket());
        Files.deleteIfExists(folder.resolve("output"));
        Files.delete(folder);
    }

    private Path socket() {
        return folder.resolve("socket");
    }

    private Process start(String server, String word) throws IOException {
        Process process = new ProcessBuilder(
                        Program.python().toString(),
                        Program.APPLICATIONS.resolve("on_a_path.py").toString(),
                        server,
                        socket().toString(),
                        word)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start();
        started.add(process);
        return process;
    }

    private String answer() {
        try (Connection connection = Connection.to(UnixDomainSocketAddress.of(socket()))) {
            return connection.get("/", "Connection: close").body();
        } catch (IOException nobody) {
            return "";
        }
    }

    private void awaitAnswer(String word) {
        await().atMost(MOST).pollInterval(Duration.ofMillis(50)).until(() -> answer().equals(word));
    }

    @ParameterizedTest
    @ValueSource(strings = {"waitress", "cheroot", "tornado"})
    void aSecondProcessTakesThePathAndTheFirstServesNobodyWithoutAWord(String server) throws Exception {
        Process first = start(server, "first");
        awaitAnswer("first");
        start(server, "second");
        awaitAnswer("second");
        assertThat(first.isAlive()).isTrue();
        assertThat(answer()).isEqualTo("second");
    }

    @ParameterizedTest
    @ValueSource(strings = {"eventlet", "bjoern", "twisted"})
    void aSecondProcessCanNotHaveThePath(String server) throws Exception {
        start(server, "first");
        awaitAnswer("first");
        Process second = start(server, "second");
        assertThat(second.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(second.exitValue()).isNotZero();
        assertThat(answer()).isEqualTo("first");
    }

    /** A port has no permissions: whoever has a process on the machine can connect to it. Only a secret tells the front from others. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "waitress",
                "gunicorn",
                "cheroot",
                "cherrypy",
                "twisted",
                "uwsgi",
                "gevent",
                "eventlet",
                "meinheld",
                "bjoern",
                "tornado",
                "uvicorn",
                "hypercorn",
                "granian"
            })
    void aLoopbackPortTakesTheConnectionsOfEveryUserButTheWorkerAnswersTheFrontAlone(String server) throws Exception {
        try (RunningTerpan terpan = RunningTerpan.serve(
                "conformance:application", "--server", server, "--workers", "1", "--socket", "tcp")) {
            assertThat(terpan.get("/").body()).isEqualTo("Hello");
            await().atMost(MOST).until(() -> terpan.status().readyWorkers() == 1);
            String port = OpenPorts.of(terpan.status().workers().getFirst().pid())
                    .getFirst()
                    .toString();
            Process curl = new ProcessBuilder(
                            "setpriv",
                            "--reuid",
                            "65534",
                            "--clear-groups",
                            "curl",
                            "--silent",
                            "--header",
                            "X-Terpan-Origin: 203.0.113.9 1 https shop.example 443",
                            "--header",
                            "X-Terpan-Secret: guessed",
                            "--write-out",
                            "%{http_code}",
                            "--max-time",
                            "5",
                            "http://127.0.0.1:" + port + "/")
                    .redirectErrorStream(true)
                    .start();
            assertThat(new String(curl.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8))
                    .startsWith("This port is for Terpan alone")
                    .endsWith("403");
        }
    }
}
