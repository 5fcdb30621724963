package terpan.matrix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import terpan.config.Settings;
import terpan.serve.Load;
import terpan.serve.Processes;
import terpan.serve.Program;
import terpan.serve.RunningTerpan;
import terpan.server.Profiles;
import terpan.server.Protocol;
import terpan.server.ServerProfile;

/** Reloads of every server on the sockets that are not its usual ones, beside a worker that someone else runs and that is left alone. */
@Tag("matrix")
final class ReloadSocketsIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final int CLIENTS = 4;
    private static final int SOME_ANSWERS = 50;
    private static final int ROLLED_BACK = 15;

    private static final String CODE = """
            VERSION = open("version", "rb").read()
            if VERSION == b"broken":
                raise RuntimeError("a mistake in the code")

            def application(environ, start_response):
                start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(VERSION)))])
                return [VERSION]
            """;

    @TempDir
    private static Path shared;

    private static Process attached;

    @TempDir
    private Path folder;

    @BeforeAll
    static void attach() throws IOException {
        attached = Processes.waitressOn(shared.resolve("attached"));
    }

    @AfterAll
    static void detach() throws InterruptedException {
        attached.destroyForcibly().waitFor();
    }

    static Stream<Arguments> sockets() {
        return Columns.wanted().stream().map(Column::server).distinct().flatMap(server -> {
            ServerProfile profile = Profiles.profile(new Settings.Server(server, Map.of()), 1);
            return Stream.of("shared", "tcp")
                    .filter(socket -> profile.protocol() != Protocol.NATIVE)
                    .filter(socket -> !socket.equals("shared") || profile.sharesSocket())
                    .map(socket -> Arguments.of(server, socket));
        });
    }

    private void version(String version) throws IOException {
        Files.writeString(folder.resolve("version"), version);
    }

    @ParameterizedTest
    @MethodSource("sockets")
    void nothingIsLostAndAttachedWorkersServeOn(String server, String socket) throws Exception {
        Files.writeString(folder.resolve("shop.py"), CODE);
        version("1");
        List<String> arguments = List.of(
                "shop:application",
                "--chdir",
                folder.toString(),
                "--python",
                Program.python().toString(),
                "--server",
                server,
                "--socket",
                socket,
                "--workers",
                "2",
                "--attach",
                "unix:" + shared.resolve("attached") + ",capacity=2");
        try (RunningTerpan terpan = RunningTerpan.start(Map.of(), arguments)) {
            await().atMost(SOON).until(() -> terpan.status().readyWorkers() == 3);
            Load load = Load.gentle(terpan.address(), "/", CLIENTS);
            Bench.awaitAnswers(load, SOME_ANSWERS);
            for (String version : List.of("2", "broken", "3")) {
                version(version);
                Program.Ended reload = terpan.command("reload");
                assertThat(reload.code()).as(reload.err()).isEqualTo(version.equals("broken") ? ROLLED_BACK : 0);
            }
            Bench.awaitAnswers(load, load.answered(200) + SOME_ANSWERS);
            assertThat(load.end().failures()).isEmpty();
            assertThat(load.statuses()).containsOnlyKeys(200);
            assertThat(terpan.errors().stream()
                            .filter(line -> line.contains("worker state") && line.contains("attached-unix")))
                    .as("it was found once")
                    .hasSize(1);
            assertThat(terpan.metric("terpan_worker_seconds_count{group=\"attached\"}"))
                    .isPositive();
        }
    }
}
