package terpan.worker;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Folders and a supervisor for one test on real processes; afterwards no process and no socket file may be left. */
final class WorkerRig implements BeforeEachCallback, AfterEachCallback {
    /** An application that shows what it is given, on request slowly. */
    static final String HELLO = """
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

    final RunningSupervisor.Options options = new RunningSupervisor.Options();
    private Optional<Path> applications = Optional.empty();
    private Optional<Path> run = Optional.empty();
    private Optional<RunningSupervisor> started = Optional.empty();

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        applications = Optional.of(Files.createTempDirectory("terpan-app"));
        run = Optional.of(Files.createTempDirectory(Path.of("/tmp"), "tw"));
    }

    Path applications() {
        return applications.orElseThrow();
    }

    Path run() {
        return run.orElseThrow();
    }

    RunningSupervisor start(String application) throws IOException, StartException {
        Files.writeString(applications().resolve("app.py"), application);
        RunningSupervisor running = RunningSupervisor.start(run(), applications(), options);
        started = Optional.of(running);
        return running;
    }

    /** The one reason for which a supervisor gave up; waits for it. */
    StartFailure failureOf(String application) throws Exception {
        RunningSupervisor running = start(application);
        running.supervisor.ended().get(20, TimeUnit.SECONDS);
        assertThat(running.recorder.failures).hasSize(1);
        return running.recorder.failures.getFirst();
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        if (started.isPresent()) {
            started.get().close();
        }
        await().atMost(Duration.ofSeconds(3)).until(() -> workersOf(run()).isEmpty());
        try (Stream<Path> left = Files.list(run())) {
            assertThat(left.map(path -> path.getFileName().toString())).isSubsetOf("lock");
        }
        Files.deleteIfExists(run().resolve("lock"));
        Files.delete(run());
        try (Stream<Path> left = Files.walk(applications())) {
            for (Path path : left.toList().reversed()) {
                Files.delete(path);
            }
        }
    }

    /** Processes, ours or orphans, whose environment names the run directory. */
    static List<Long> workersOf(Path run) {
        return ProcessHandle.allProcesses()
                .map(ProcessHandle::pid)
                .filter(pid -> environment(pid).contains("=" + run + "/"))
                .toList();
    }

    /** Whether a process runs; one that has ended and was not reaped yet does not. */
    static boolean isRunning(long pid) {
        return !environment(pid).isEmpty();
    }

    private static String environment(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/environ"), ISO_8859_1);
        } catch (IOException gone) {
            return "";
        }
    }

    static String get(SocketAddress address, String path, String origin) throws IOException {
        try (SocketChannel channel = SocketChannel.open(address)) {
            ask(channel, path, origin);
            return answer(channel);
        }
    }

    static void ask(SocketChannel channel, String path, String origin) throws IOException {
        channel.write(ByteBuffer.wrap(("GET " + path + " HTTP/1.1\r\nHost: example.org\r\nX-Terpan-Origin: " + origin
                        + "\r\nConnection: close\r\n\r\n")
                .getBytes(UTF_8)));
    }

    /** All that comes until the worker closes. */
    static String answer(SocketChannel channel) throws IOException {
        ByteBuffer answer = ByteBuffer.allocate(65536);
        while (channel.read(answer) >= 0) {}
        return UTF_8.decode(answer.flip()).toString();
    }

    static void awaitReady(RunningSupervisor running, int count) {
        await().atMost(Duration.ofSeconds(20)).until(() -> running.recorder.ready.size() >= count);
    }

    static void kill(long pid) {
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    }
}
