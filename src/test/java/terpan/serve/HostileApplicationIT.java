package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A whole Terpan as root whose application is nobody, and hostile. */
@Timeout(120)
final class HostileApplicationIT {
    /** Names a file to the front that it may not read: to hold it open so takes no right to read it. */
    private static final String READS_BY_THE_FRONT = """
            import io, os
            from terpan_worker.native import files

            SECRET = os.open(os.environ["SECRET"], os.O_PATH)

            def secret(wrapper):
                found = os.fstat(SECRET)
                return files.RegularFile(SECRET, 0, found.st_size, found.st_dev, found.st_ino)

            files.FileWrapper.regular_file = secret

            def application(environ, start_response):
                start_response("200 OK", [("Content-Type", "text/plain")])
                return environ["wsgi.file_wrapper"](io.BytesIO(b"not the secret, but as long"))
            """;

    private static final String PRELOADED = """
            import os
            IMPORTED = os.getpid()

            def application(environ, start_response):
                print("it prints", flush=True)
                start_response("200 OK", [("Content-Type", "text/plain")])
                return [f"{os.getuid()} {IMPORTED}".encode()]
            """;

    private static final String HELLO = """
            import os

            def application(environ, start_response):
                start_response("200 OK", [("Content-Type", "text/plain")])
                return [f"{os.getuid()} {os.getppid()}".encode()]
            """;

    private Path folder = Path.of("/nowhere");

    @BeforeEach
    void aFolderThatNobodyCanRead() throws IOException {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "only root can become another user");
        folder = Files.createTempDirectory(Path.of("/tmp"), "th");
        mode(folder, "rwxr-xr-x");
    }

    @AfterEach
    void removeIt() throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.toList().reversed()) {
                Files.delete(path);
            }
        }
    }

    private static void mode(Path path, String mode) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    }

    private RunningTerpan serve(String application, String... more) throws IOException {
        Files.writeString(folder.resolve("app.py"), application);
        List<String> arguments = new java.util.ArrayList<>(
                List.of("app:application", "--chdir", folder.toString(), "--python", "/usr/bin/python3"));
        arguments.addAll(List.of("--user", "nobody"));
        arguments.addAll(List.of(more));
        return RunningTerpan.start(Map.of(), arguments);
    }

    @Test
    void theFrontReadsNoFileForIt() throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), "for root's eyes alone, this");
        mode(secret, "rw-------");
        try (RunningTerpan terpan = serve(READS_BY_THE_FRONT, "--env", "SECRET=" + secret)) {
            assertThat(terpan.get("/").body()).isEqualTo("not the secret, but as long");
        }
    }

    /** Every kind of launcher begins as root and goes on as the user; a shared socket is let go of by that user. */
    @ParameterizedTest
    @CsvSource({
        "builtin, private",
        "waitress, private",
        "waitress, shared",
        "waitress, tcp",
        "gunicorn, private",
        "gunicorn, shared",
        "uvicorn, shared",
        "granian, private",
        "granian, shared"
    })
    void everyLauncherServesAsTheUserAndIsReplacedWithoutLoss(String server, String socket) throws Exception {
        Path packages = sitePackages();
        try (RunningTerpan terpan = serve(
                HELLO, "--server", server, "--socket", socket, "--workers", "2", "--env", "PYTHONPATH=" + packages)) {
            LoadIT.awaitWorkers(terpan, 2);
            assertThat(terpan.get("/").body()).startsWith("65534 ");
            String group = terpan.status().workers().getFirst().name().replaceAll("-1$", "");
            assertThat(terpan.command("restart", group + "-2").code()).isZero();
            assertThat(terpan.command("restart", group + "-1").code()).isZero();
            LoadIT.awaitWorkers(terpan, 2);
            assertThat(terpan.get("/").body()).startsWith("65534 ");
            assertThat(terpan.errors()).noneMatch(line -> line.contains("PermissionError"));
        }
    }

    /** Root's half of the fork parent opens what only root can; the other half is the user, and so are all workers. */
    @ParameterizedTest
    @CsvSource({"builtin, private", "waitress, tcp", "gunicorn, shared", "uvicorn, shared"})
    void whatIsPreloadedServesAsTheUserToo(String server, String socket) throws Exception {
        Path packages = sitePackages();
        try (RunningTerpan terpan = serve(
                PRELOADED,
                "--preload",
                "--server",
                server,
                "--socket",
                socket,
                "--workers",
                "2",
                "--env",
                "PYTHONPATH=" + packages)) {
            LoadIT.awaitWorkers(terpan, 2);
            String[] first = terpan.get("/").body().split(" ", -1);
            assertThat(first[0]).isEqualTo("65534");
            terpan.awaitLine("it prints worker=" + server + "-");
            assertThat(terpan.command("restart", "--all").code()).isZero();
            assertThat(terpan.get("/").body()).startsWith("65534 ").endsWith(" " + first[1]);
            long worker = terpan.status().workers().getFirst().pid();
            Processes.kill(worker, "SEGV");
            await().atMost(Duration.ofSeconds(30)).until(() -> terpan.status().readyWithout(worker, 2));
            terpan.awaitLine("reason=\"killed by signal 11\"");

            assertThat(parents(terpan)).hasSize(2);
            for (long half : parents(terpan).reversed()) {
                Processes.kill(half, "KILL");
            }
            terpan.awaitLine("what forks workers has ended");
            long orphan = terpan.status().workers().getFirst().pid();
            Processes.kill(orphan, "KILL");
            await().atMost(Duration.ofSeconds(30)).until(() -> terpan.status().readyWithout(orphan, 2));
            assertThat(terpan.get("/").body()).startsWith("65534 ");
            assertThat(terpan.errors()).noneMatch(line -> line.contains("PermissionError"));
        }
    }

    private static List<Long> parents(RunningTerpan terpan) {
        return ProcessHandle.of(terpan.pid())
                .orElseThrow()
                .descendants()
                .map(ProcessHandle::pid)
                .filter(pid -> Processes.commandLine(pid).contains("-preload "))
                .sorted()
                .toList();
    }

    /** The servers that the tests install, made readable for nobody. */
    private Path sitePackages() throws IOException {
        try (Stream<Path> all = Files.walk(Program.python().resolve("../../lib").normalize(), 3)) {
            return all.filter(path -> path.endsWith("site-packages"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"doctor", "check"})
    void anInterpreterThatTheUserCanNotRunIsToldBeforeServing(String command) throws Exception {
        Files.writeString(folder.resolve("app.py"), HELLO);
        Path closed = Files.writeString(folder.resolve("closed"), "#!/bin/sh\nexec /usr/bin/python3 \"$@\"\n");
        mode(closed, "rwx------");
        Program.Ended ended =
                Program.run(folder, command, "app:application", "--python", closed.toString(), "--user", "nobody");
        assertThat(ended.code()).isNotZero();
        assertThat(ended.out() + ended.err()).contains("as user nobody: ", "Permission denied", closed.toString());
    }

    @Test
    void workersLeaveNothingWhenTheFrontIsKilled() throws Exception {
        try (RunningTerpan terpan = serve(HELLO, "--workers", "2")) {
            LoadIT.awaitWorkers(terpan, 2);
            List<Long> workers =
                    terpan.status().workers().stream().map(Status.Worker::pid).toList();
            terpan.expectLeftovers();
            terpan.signal("KILL");
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> workers.stream()
                            .noneMatch(pid -> ProcessHandle.of(pid)
                                    .filter(ProcessHandle::isAlive)
                                    .isPresent()));
        }
    }
}
