package terpan.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real Pythons, real servers, real signals. */
@Timeout(60)
final class SupervisorIT {
    private static final String HELLO = """
            import os, time

            def application(environ, start_response):
                if environ["PATH_INFO"] == "/slow":
                    time.sleep(1)
                shown = [str(os.getpid())] + [
                    f"{key}={environ.get(key)!r}"
                    for key in ("REMOTE_ADDR", "REMOTE_PORT", "wsgi.url_scheme", "SERVER_NAME", "SERVER_PORT",
                                "SCRIPT_NAME", "PATH_INFO", "wsgi.multiprocess", "HTTP_X_TERPAN_ORIGIN")
                ] + [f"orders={'TERPAN_LAUNCH' in os.environ}"]
                start_response("200 OK", [("Content-Type", "text/plain")])
                return ["\\n".join(shown).encode()]
            """;

    @TempDir
    Path temporary;

    private Path applications;
    private Path run;
    private final Crews.Options options = new Crews.Options();
    private Optional<Crews> started = Optional.empty();

    @BeforeEach
    void makeFolders() throws IOException {
        applications = Files.createDirectory(temporary.resolve("app"));
        run = Files.createTempDirectory(
                Path.of("/tmp"),
                "tw",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        if (started.isPresent()) {
            started.get().close();
        }
        await().atMost(Duration.ofSeconds(3)).until(() -> workersOf(run).isEmpty());
        try (Stream<Path> left = Files.list(run)) {
            assertThat(left.map(path -> path.getFileName().toString())).containsExactly("lock");
        }
        Files.delete(run.resolve("lock"));
        Files.delete(run);
    }

    private Crews start(String application) throws Exception {
        Crews.write(applications, "app.py", application);
        Crews crews = Crews.start(run, applications, options);
        started = Optional.of(crews);
        return crews;
    }

    /** Processes, ours or orphans, whose environment names the run directory. */
    static List<Long> workersOf(Path run) {
        return ProcessHandle.allProcesses()
                .map(ProcessHandle::pid)
                .filter(pid -> environment(pid).contains("control=" + run + "/control"))
                .toList();
    }

    private static String environment(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/environ"), java.nio.charset.StandardCharsets.ISO_8859_1);
        } catch (IOException gone) {
            return "";
        }
    }

    static String get(SocketAddress address, String path, String origin) throws IOException {
        try (SocketChannel channel = SocketChannel.open(address)) {
            channel.write(ByteBuffer.wrap(("GET " + path + " HTTP/1.1\r\nHost: example.org\r\nX-Terpan-Origin: "
                            + origin + "\r\nConnection: close\r\n\r\n")
                    .getBytes(UTF_8)));
            ByteBuffer answer = ByteBuffer.allocate(65536);
            while (channel.read(answer) >= 0) {}
            return UTF_8.decode(answer.flip()).toString();
        }
    }

    private static void awaitReady(Crews crews, int count) {
        await().atMost(Duration.ofSeconds(20)).until(() -> crews.recorder.ready.size() >= count);
    }

    @ParameterizedTest
    @CsvSource({"waitress, 4", "gunicorn, 1", "gunicorn, 4"})
    void everyServerShowsTheApplicationTheSameRequest(String server, int threads) throws Exception {
        options.server = server;
        options.threads = threads;
        options.count = 2;
        options.prefix = "/shop";
        Crews crews = start(HELLO);
        awaitReady(crews, 2);
        WorkerInfo worker = crews.recorder.ready.getFirst();
        assertThat(get(worker.address(), "/shop/list", "192.0.2.7 4711 https shop.example 443"))
                .startsWith("HTTP/1.1 200")
                .contains(
                        "REMOTE_ADDR='192.0.2.7'",
                        "REMOTE_PORT='4711'",
                        "wsgi.url_scheme='https'",
                        "SERVER_NAME='shop.example'",
                        "SERVER_PORT='443'",
                        "SCRIPT_NAME='/shop'",
                        "PATH_INFO='/list'",
                        "wsgi.multiprocess=True",
                        "HTTP_X_TERPAN_ORIGIN=None",
                        "orders=False");
        assertThat(get(worker.address(), "/shop", "- - http - -"))
                .contains("REMOTE_ADDR=''", "REMOTE_PORT=None", "SERVER_NAME='localhost'", "PATH_INFO=''");
        assertThat(worker.profile().capacity()).isEqualTo(threads);
        WorkerSnapshot snapshot = crews.supervisor.snapshots().getFirst();
        assertThat(snapshot.server()).startsWith(server + " ");
        assertThat(snapshot.python()).matches("3\\.\\d+\\.\\d+");
        assertThat(snapshot.state()).isEqualTo(WorkerState.READY);
    }

    @Test
    void socketsAreOpenToTheirOwnerAlone() throws Exception {
        Crews crews = start(HELLO);
        awaitReady(crews, 1);
        for (Path socket : List.of(crews.directory.controlSocket(), run.resolve("w1.1"))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void aLoopbackPortIsTheOtherWay() throws Exception {
        options.loopback = true;
        Crews crews = start(HELLO);
        awaitReady(crews, 1);
        assertThat(get(crews.recorder.ready.getFirst().address(), "/", "- - http - -"))
                .startsWith("HTTP/1.1 200");
    }

    @ParameterizedTest
    @CsvSource({"waitress, 4", "gunicorn, 1", "gunicorn, 4"})
    void aKilledWorkerIsReplacedAtOnce(String server, int threads) throws Exception {
        options.server = server;
        options.threads = threads;
        Crews crews = start(HELLO);
        awaitReady(crews, 1);
        WorkerInfo first = crews.recorder.ready.getFirst();
        assertThat(crews.supervisor.isAlive(first.pid())).isTrue();
        kill(first.pid());
        awaitReady(crews, 2);
        assertThat(crews.supervisor.isAlive(first.pid())).isFalse();
        assertThat(crews.recorder.exits).containsExactly(new ExitInfo(ExitInfo.Cause.CRASHED, 128 + 9));
        WorkerInfo second = crews.recorder.ready.getLast();
        assertThat(second.name()).isEqualTo(first.name());
        assertThat(second.address()).isNotEqualTo(first.address());
        assertThat(get(second.address(), "/", "- - http - -")).startsWith("HTTP/1.1 200");
        assertThat(crews.supervisor.snapshots().getFirst().restarts()).isEqualTo(1);
        await().atMost(Duration.ofSeconds(2)).until(() -> !Files.exists(run.resolve("w1.1")));
    }

    private static void kill(long pid) {
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    }

    @ParameterizedTest
    @CsvSource({"waitress, 4", "gunicorn, 1", "gunicorn, 4"})
    void stopDrainsAndThenEndsThePoliteWay(String server, int threads) throws Exception {
        options.server = server;
        options.threads = threads;
        Crews crews = start(HELLO);
        crews.recorder.idleAtOnce = false;
        awaitReady(crews, 1);
        SocketAddress address = crews.recorder.ready.getFirst().address();
        CompletableFuture<String> running = CompletableFuture.supplyAsync(() -> {
            try {
                return get(address, "/slow", "- - http - -");
            } catch (IOException error) {
                return error.toString();
            }
        });
        CompletableFuture<Void> ended = crews.supervisor.stop(Duration.ofSeconds(10));
        await().until(() -> crews.recorder.draining.size() == 1);
        assertThat(running.get(10, TimeUnit.SECONDS)).startsWith("HTTP/1.1 200");
        assertThat(ended).isNotDone();
        crews.recorder.idles.getFirst().run();
        ended.get(5, TimeUnit.SECONDS);
        assertThat(crews.recorder.exits).containsExactly(new ExitInfo(ExitInfo.Cause.STOPPED, 0));
        assertThat(crews.recorder.hopes).containsExactly(false);
    }

    @Test
    void restartDrainsAndStartsAnother() throws Exception {
        Crews crews = start(HELLO);
        awaitReady(crews, 1);
        assertThat(crews.supervisor.restart("worker-9")).isFalse();
        assertThat(crews.supervisor.restart("worker-1")).isTrue();
        awaitReady(crews, 2);
        assertThat(crews.recorder.draining).hasSize(1);
        assertThat(crews.recorder.exits).containsExactly(new ExitInfo(ExitInfo.Cause.STOPPED, 0));
    }

    @Test
    void aWorkerThatIgnoresItsSignalIsKilledWithItsChildren() throws Exception {
        options.stopTimeout = Duration.ofMillis(300);
        Crews crews = start("""
                import os, signal, subprocess, sys, threading
                child = subprocess.Popen([sys.executable, "-c", "import signal, time; signal.signal(15, 1); time.sleep(600)"])

                def application(environ, start_response):
                    signal.signal(signal.SIGTERM, signal.SIG_IGN)

                signal_, signal.signal = signal.signal, lambda *a: signal_(signal.SIGTERM, signal.SIG_IGN)
                """);
        awaitReady(crews, 1);
        assertThat(workersOf(run)).hasSize(1);
        long pid = crews.recorder.ready.getFirst().pid();
        List<ProcessHandle> children =
                ProcessHandle.of(pid).orElseThrow().children().toList();
        assertThat(children).hasSize(1);
        crews.supervisor.stop(Duration.ZERO).get(10, TimeUnit.SECONDS);
        assertThat(crews.recorder.exits).containsExactly(new ExitInfo(ExitInfo.Cause.KILLED, 128 + 9));
        await().atMost(Duration.ofSeconds(2)).until(() -> !children.getFirst().isAlive());
    }

    @Test
    void anApplicationThatRaisesAtImportFailsTheStartWithItsTraceback() throws Exception {
        options.count = 2;
        Crews crews = start("import os\n\ndef broken():\n    return 1 / 0\n\nbroken()\n");
        crews.supervisor.ended().get(20, TimeUnit.SECONDS);
        assertThat(crews.recorder.failures)
                .singleElement()
                .isInstanceOfSatisfying(StartFailure.ImportFailed.class, it -> {
                    assertThat(it.application()).isEqualTo("app");
                    assertThat(it.text())
                            .startsWith("Traceback")
                            .contains("app.py\", line 4, in broken", "ZeroDivisionError: division by zero")
                            .doesNotContain("terpan_worker");
                });
    }

    @ParameterizedTest
    @CsvSource({"gunicorn, 1", "gunicorn, 4"})
    void anImportThatFailsInTheServersOwnChildFailsTheStartToo(String server, int threads) throws Exception {
        options.server = server;
        options.threads = threads;
        Crews crews = start("raise RuntimeError('no database')");
        crews.supervisor.ended().get(20, TimeUnit.SECONDS);
        assertThat(crews.recorder.failures)
                .singleElement()
                .isInstanceOfSatisfying(
                        StartFailure.ImportFailed.class,
                        it -> assertThat(it.text()).contains("RuntimeError: no database"));
    }

    @Test
    void aModuleThatIsNotThereIsSaidInOneLine() throws Exception {
        options.module = "nowhere";
        Crews crews = start(HELLO);
        crews.supervisor.ended().get(20, TimeUnit.SECONDS);
        assertThat(crews.recorder.failures.getFirst().message())
                .contains("'nowhere' does not import", "no module 'nowhere'")
                .doesNotContain("Traceback");
    }

    @Test
    void aServerThatIsNotInstalledIsNamedWithItsCommand() throws Exception {
        Path bare = temporary.resolve("bare");
        // The test environment's base interpreter has no servers: -I -S keeps even the site's away.
        Files.writeString(bare, "#!/bin/sh\nexec " + TestPython.interpreter().toRealPath() + " -S \"$@\"\n");
        Files.setPosixFilePermissions(bare, PosixFilePermissions.fromString("rwxr-xr-x"));
        options.python = bare.toString();
        Crews crews = start(HELLO);
        crews.supervisor.ended().get(20, TimeUnit.SECONDS);
        assertThat(crews.recorder.failures.getFirst().message())
                .contains("the server 'waitress' can not be imported by", "pip install waitress");
    }

    @Test
    void aMissingInterpreterIsNamed() throws Exception {
        options.python = "/nowhere/python3";
        Crews crews = start(HELLO);
        crews.supervisor.ended().get(20, TimeUnit.SECONDS);
        assertThat(crews.recorder.failures.getFirst().message())
                .contains("'/nowhere/python3' can not be started", "--python");
    }

    @Test
    void whatIsNoPythonIsSaidSo() throws Exception {
        options.python = "/bin/true";
        Crews crews = start(HELLO);
        crews.supervisor.ended().get(20, TimeUnit.SECONDS);
        assertThat(crews.recorder.failures.getFirst()).isInstanceOf(StartFailure.NotPython.class);
    }

    @Test
    void aWorkerThatCrashesAgainAndAgainIsInACrashLoopAndNeverGivenUp() throws Exception {
        options.count = 2;
        Crews crews = start("""
                import os
                if os.path.exists("broken"):
                    print("the last words", flush=True)
                    os._exit(3)
                """ + HELLO);
        awaitReady(crews, 2);
        Files.createFile(applications.resolve("broken"));
        crews.recorder.ready.forEach(worker -> kill(worker.pid()));
        await().atMost(Duration.ofSeconds(20)).until(() -> crews.recorder.hopes.contains(false));
        assertThat(crews.supervisor.snapshots())
                .allSatisfy(worker -> assertThat(worker.restarts()).isGreaterThan(2))
                .anySatisfy(worker -> assertThat(worker.reason()).contains("crash loop"));
        assertThat(crews.recorder.lines).contains("worker-1: the last words", "worker-2: the last words");
        assertThat(crews.recorder.failures).isEmpty();
        Files.delete(applications.resolve("broken"));
        awaitReady(crews, 4);
        assertThat(crews.recorder.hopes.getLast()).isTrue();
    }

    @Test
    void aStartThatTakesTooLongFails() throws Exception {
        options.startTimeout = Duration.ofSeconds(1);
        Crews crews = start("import time\nprint('still waiting')\ntime.sleep(60)\n");
        crews.supervisor.ended().get(20, TimeUnit.SECONDS);
        assertThat(crews.recorder.failures.getFirst().message()).contains("was not ready within PT1S", "still waiting");
    }

    @Test
    void theReadinessPathHasToBeAnsweredBelow500() throws Exception {
        options.readinessPath = Optional.of("/warm");
        Crews crews = start("""
                asked = []

                def application(environ, start_response):
                    asked.append(environ["PATH_INFO"])
                    start_response("503 Warming" if len(asked) < 3 else "204 No Content", [])
                    print("asked", len(asked), environ["PATH_INFO"])
                    return [b""]
                """);
        awaitReady(crews, 1);
        assertThat(crews.recorder.lines).contains("worker-1: asked 3 /warm");
    }
}
