package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Terpan as the first process of a namespace, as in a container: what loses its parent there becomes its child. */
@Timeout(120)
final class FirstProcessIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int MANY = 20;

    /** {@code /orphan} leaves a process that ends at once, {@code /linger} one that would go on; {@code /ended} counts zombies. */
    private static final String CODE = """
            import os, sys

            def left(command):
                child = os.fork()
                if child == 0:
                    if os.fork() == 0:
                        os.setsid()
                        os.execv(command[0], command)
                    os._exit(0)
                os.waitpid(child, 0)

            def states():
                for process in filter(str.isdigit, os.listdir("/proc")):
                    try:
                        with open(f"/proc/{process}/stat", "rb") as file:
                            yield file.read().rpartition(b")")[2].split()[0]
                    except OSError:
                        pass

            def application(environ, start_response):
                path = environ["PATH_INFO"]
                if path == "/orphan":
                    left([sys.executable, "-S", "-c", ""])
                if path == "/linger":
                    left([sys.executable, "-S", "-c", "import sys, time; time.sleep(600)", os.environ["TEST_MARK"]])
                body = str(sum(state == b"Z" for state in states())).encode()
                start_response("200 OK", [("Content-Length", str(len(body)))])
                return [body]
            """;

    private Path folder = Path.of("/nowhere");

    @BeforeEach
    void aFolderWithAShortName() throws IOException {
        folder = Files.createTempDirectory(Path.of("/tmp"), "tf");
        Files.writeString(folder.resolve("shop.py"), CODE);
    }

    @AfterEach
    void removeIt() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.toList().reversed()) {
                Files.delete(path);
            }
        }
    }

    @Test
    void itCollectsWhatIsLeftToItTakesSignalsAndNothingOutlivesIt() throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "only root makes such a namespace");
        String mark = "mark-of-" + folder.getFileName();
        Path socket = folder.resolve("clients");
        Path output = folder.resolve("output");
        ProcessBuilder builder = Program.command(
                Map.of("TEST_MARK", mark, "PYTHONDONTWRITEBYTECODE", "1"),
                List.of(
                        "serve",
                        folder.resolve("shop.py").toString(),
                        "--python",
                        Program.python().toString(),
                        "--workers",
                        "1",
                        "--bind",
                        "unix:" + socket,
                        "--run-directory",
                        folder.resolve("run").toString()));
        builder.command().addAll(0, List.of("unshare", "--pid", "--fork", "--kill-child", "--mount-proc"));
        Process namespace = builder.redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            await().atMost(SOON).until(() -> !namespace.isAlive() || answers(socket));
            for (int i = 0; i < MANY; i++) {
                zombies(socket, "/orphan");
            }
            await().atMost(SOON).until(() -> zombies(socket, "/") == 0);
            zombies(socket, "/linger");
            await().atMost(SOON).until(() -> processesWith(mark) == 1);
            // As a container's engine does.
            assertThat(namespace.children().toList()).hasSize(1).allMatch(ProcessHandle::destroy);
            assertThat(namespace.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(namespace.exitValue()).as(Files.readString(output)).isZero();
            await().atMost(SOON).until(() -> processesWith(mark) == 0);
        } finally {
            namespace.destroyForcibly().waitFor();
        }
    }

    private static boolean answers(Path socket) {
        try {
            return zombies(socket, "/") >= 0;
        } catch (IOException notYet) {
            return false;
        }
    }

    private static int zombies(Path socket, String target) throws IOException {
        try (Connection connection = Connection.to(UnixDomainSocketAddress.of(socket))) {
            return Integer.parseInt(connection.get(target).body());
        }
    }

    private static long processesWith(String mark) {
        return ProcessHandle.allProcesses()
                .filter(process ->
                        process.info().arguments().stream().flatMap(Stream::of).anyMatch(mark::equals))
                .count();
    }
}
