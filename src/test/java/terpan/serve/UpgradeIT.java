package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import terpan.handover.NotifyReceiver;

/** Another process takes a running Terpan's place. */
@Timeout(180)
final class UpgradeIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int CLIENTS = 4;
    private static final int SOME_ANSWERS = 200;
    private static final int REFUSED = 9;
    private static final int ROLLED_BACK = 15;

    private static final String CODE = """
            import os, time
            if os.path.exists("broken"):
                raise RuntimeError("a mistake in the code")
            if os.path.exists("slow"):
                open("imports", "w").close()
                while os.path.exists("slow"):
                    time.sleep(0.01)

            def application(environ, start_response):
                if environ["PATH_INFO"] == "/long":
                    open("asked", "w").close()
                    while not os.path.exists("go"):
                        time.sleep(0.01)
                body = str(os.getppid()).encode()
                start_response("200 OK", [("Content-Length", str(len(body)))])
                return [body]
            """;

    private Path folder = Path.of("/nowhere");
    private Path launcher = Path.of("/nowhere");

    @BeforeEach
    void aFolderWithAShortName() throws IOException {
        folder = Files.createTempDirectory(Path.of("/tmp"), "tu");
        launcher = Program.launcher(folder, "terpan");
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

    private RunningTerpan serve(Map<String, String> environment, String... flags) throws IOException {
        List<String> arguments =
                new ArrayList<>(List.of(folder.resolve("shop.py").toString(), "--chdir", folder.toString()));
        arguments.addAll(List.of("--python", Program.python().toString(), "--workers", "2"));
        arguments.addAll(List.of(flags));
        RunningTerpan terpan = RunningTerpan.start(environment, arguments);
        await().atMost(SOON).until(() -> terpan.status().readyWithout(0, 2));
        return terpan;
    }

    /** Has it done, and waits until nothing of the process before is left. */
    private void upgrade(RunningTerpan terpan) throws Exception {
        ProcessHandle before = ProcessHandle.of(terpan.pid()).orElseThrow();
        Program.Ended upgrade = terpan.command("upgrade", launcher.toString());
        assertThat(upgrade.code()).as(upgrade.out() + upgrade.err()).isZero();
        assertThat(upgrade.out()).contains("it has the sockets, and starts its workers");
        terpan.follow();
        assertThat(terpan.pid()).isNotEqualTo(before.pid());
        await().atMost(SOON).until(() -> !before.isAlive());
        terpan.awaitLock();
    }

    @Test
    void nothingIsLostOnKeptAndNewConnectionsOverTcpAndUnix() throws Exception {
        Path socket = folder.resolve("clients");
        try (RunningTerpan terpan = serve(Map.of(), "--bind", "127.0.0.1:0", "--bind", "unix:" + socket)) {
            List<SocketAddress> addresses = terpan.addresses();
            assertThat(addresses).hasSize(2);
            List<Load> kept = addresses.stream()
                    .map(address -> Load.start(address, "/", CLIENTS))
                    .toList();
            List<NewConnections> fresh =
                    addresses.stream().map(NewConnections::start).toList();
            for (int i = 0; i < 3; i++) {
                upgrade(terpan);
                for (Load load : kept) {
                    long answered = load.answered(200);
                    await().atMost(SOON).until(() -> load.answered(200) > answered + SOME_ANSWERS);
                }
            }
            for (Load load : kept) {
                load.end();
                assertThat(load.failures()).isEmpty();
                assertThat(load.statuses()).containsOnlyKeys(200);
            }
            for (NewConnections connections : fresh) {
                connections.end();
                assertThat(connections.failures()).isEmpty();
                assertThat(connections.answered()).isGreaterThan(SOME_ANSWERS);
            }
            assertThat(terpan.status().workers()).hasSize(2);
            assertThat(terpan.otherProcesses()).hasSize(3); // with the guard
        }
    }

    @Test
    void whatDoesNotStartChangesNothing() throws Exception {
        try (RunningTerpan terpan = serve(Map.of())) {
            long before = terpan.pid();
            Files.createFile(folder.resolve("broken"));
            Program.Ended broken = terpan.command("upgrade", launcher.toString());
            assertThat(broken.code()).as(broken.err()).isEqualTo(ROLLED_BACK);
            assertThat(broken.err()).contains("does not import", "RuntimeError: a mistake in the code");
            Files.delete(folder.resolve("broken"));

            Path other = script("exit 7");
            Program.Ended ends = terpan.command("upgrade", other.toString());
            assertThat(ends.code()).isEqualTo(ROLLED_BACK);
            assertThat(ends.err()).contains("ended with exit status 7 before it asked for the sockets");

            Program.Ended missing =
                    terpan.command("upgrade", folder.resolve("nothing").toString());
            assertThat(missing.code()).isEqualTo(REFUSED);
            assertThat(missing.err()).contains("nothing is no program that this user may run");

            Program.Ended unknown = terpan.command("upgrade");
            assertThat(unknown.code()).isEqualTo(REFUSED);
            assertThat(unknown.err()).contains("it is not known by which command this Terpan was started");

            assertThat(terpan.status().pid()).isEqualTo(before);
            assertThat(terpan.get("/").status()).isEqualTo(200);
            assertThat(terpan.otherProcesses()).hasSize(3);
            upgrade(terpan);
        }
    }

    @Test
    void settingsWithMistakesAreToldByTheCommand() throws Exception {
        Path settings = settings("127.0.0.1:" + freePort());
        try (RunningTerpan terpan = RunningTerpan.start(
                Map.of(RunningTerpan.BIND_OF_FILE, "yes"), List.of("--config", settings.toString()))) {
            Files.writeString(settings, Files.readString(settings) + "\n[http]\nmax-bodi = \"1MiB\"\n");
            Program.Ended mistaken = terpan.command("upgrade", launcher.toString());
            assertThat(mistaken.code()).isEqualTo(ROLLED_BACK);
            assertThat(mistaken.err()).contains("terpan.toml:", "http.max-bodi is no known setting");
            assertThat(terpan.get("/").status()).isEqualTo(200);
        }
    }

    @Test
    void listenersComeAndGoWithTheSettings() throws Exception {
        int stays = freePort();
        int comes = freePort();
        Path leaves = folder.resolve("leaves");
        Path settings = settings("127.0.0.1:" + stays + "\", \"unix:" + leaves);
        try (RunningTerpan terpan = RunningTerpan.start(
                Map.of(RunningTerpan.BIND_OF_FILE, "yes"), List.of("--config", settings.toString()))) {
            settings("127.0.0.1:" + stays + "\", \"127.0.0.1:" + comes);
            upgrade(terpan);
            assertThat(leaves).doesNotExist();
            for (int port : List.of(stays, comes)) {
                try (Connection connection =
                        Connection.to(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
                    assertThat(connection.get("/").body()).isEqualTo(Long.toString(terpan.pid()));
                }
            }
        }
    }

    @Test
    void operatorsAreReachedAtTheSameAddressWithTheSameTokens() throws Exception {
        int port = freePort();
        String token = "a-token-of-the-tests";
        String[] flags = {"--operators-bind", "127.0.0.1:" + port, "--operators-reader-token", token};
        try (RunningTerpan terpan = serve(Map.of(), flags)) {
            SocketAddress operators = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            String status = "GET /status HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token + "\r\n\r\n";
            try (NewConnections asked = NewConnections.start(operators, status)) {
                for (int i = 0; i < 2; i++) {
                    upgrade(terpan);
                    int answered = asked.answered();
                    await().atMost(SOON).until(() -> asked.answered() > answered + 2);
                    try (Connection connection = Connection.to(operators)) {
                        assertThat(connection.send(status).read().body()).contains("\"pid\":" + terpan.pid());
                    }
                }
                asked.end();
                assertThat(asked.failures()).isEmpty();
            }
        }
    }

    @Test
    void aLongAnswerStaysWithTheProcessThatBeganIt() throws Exception {
        try (RunningTerpan terpan = serve(Map.of("_JAVA_SR_SIGNUM", "60", "JAVA_TOOL_OPTIONS", program()))) {
            long before = terpan.pid();
            CompletableFuture<String> answer =
                    CompletableFuture.supplyAsync(() -> body(terpan.address(), "/long"), Thread::startVirtualThread);
            await().atMost(SOON).until(() -> Files.exists(folder.resolve("asked")));
            terpan.signal("USR2"); // by the command that it was started by
            awaitSuccessor(terpan);
            assertThat(body(terpan.address(), "/")).isEqualTo(Long.toString(terpan.pid()));
            Program.Ended again = terpan.command("upgrade");
            assertThat(again.code()).isEqualTo(REFUSED);
            assertThat(again.err()).contains("the Terpan before this one still answers what it has");
            Files.createFile(folder.resolve("go"));
            assertThat(answer.get(60, TimeUnit.SECONDS)).isEqualTo(Long.toString(before));
            await().atMost(SOON).until(() -> ProcessHandle.of(before).isEmpty());
        }
    }

    private String program() {
        return "-Dterpan.program=" + launcher;
    }

    @Test
    void whoIsKilledMeanwhileIsFollowedAllTheSame() throws Exception {
        try (RunningTerpan terpan = serve(Map.of())) {
            Files.createFile(folder.resolve("slow"));
            assertThat(terpan.command("upgrade", launcher.toString(), "--no-wait")
                            .code())
                    .isZero();
            terpan.awaitLine("it has the sockets, and starts its workers");
            await().atMost(SOON).until(() -> Files.exists(folder.resolve("imports")));
            terpan.signal("KILL");
            Files.delete(folder.resolve("slow"));
            awaitSuccessor(terpan);
            assertThat(body(terpan.address(), "/")).isEqualTo(Long.toString(terpan.pid()));
        }
    }

    @Test
    void whoStopsMeanwhileEndsTheOtherToo() throws Exception {
        RunningTerpan terpan = serve(Map.of());
        try (terpan) {
            Files.createFile(folder.resolve("slow"));
            assertThat(terpan.command("upgrade", launcher.toString(), "--no-wait")
                            .code())
                    .isZero();
            terpan.awaitLine("it has the sockets, and starts its workers");
            await().atMost(SOON).until(() -> Files.exists(folder.resolve("imports")));
            terpan.signal("TERM");
            assertThat(terpan.exitCode()).isZero();
            await().atMost(SOON).until(() -> terpan.otherProcesses().isEmpty());
        }
    }

    @Test
    void systemdIsToldWhichProcessIsTheService() throws Exception {
        try (NotifyReceiver systemd = NotifyReceiver.at(folder.resolve("notify").toString());
                RunningTerpan terpan = serve(Map.of("NOTIFY_SOCKET", systemd.address(), "WATCHDOG_USEC", "600000"))) {
            long before = terpan.pid();
            int serving = systemd.awaitMessage(0, message -> message.startsWith("READY=1|MAINPID=" + before));
            upgrade(terpan);
            int told = systemd.awaitMessage(serving, message -> message.equals("MAINPID=" + terpan.pid()));
            int again = systemd.awaitMessage(told, message -> message.startsWith("READY=1|MAINPID=" + terpan.pid()));
            systemd.awaitMessage(again, message -> message.contains("WATCHDOG=1"));
            assertThat(systemd.messages()).noneMatch(message -> message.contains("STOPPING"));
        }
    }

    @Test
    void ofSeveralApplicationsOneThatIsBrokenAnywayIsNotWaitedFor() throws Exception {
        Files.writeString(folder.resolve("bad.py"), "raise RuntimeError('as always')");
        Path settings = Files.writeString(
                folder.resolve("terpan.toml"), """
                bind = ["127.0.0.1:%d"]
                [[applications]]
                name = "good"
                routes = ["good.test"]
                [applications.application]
                name = "shop.py"
                python = "%s"
                [[applications]]
                name = "bad"
                routes = ["bad.test"]
                [applications.application]
                name = "bad.py"
                python = "%s"
                """.formatted(freePort(), Program.python(), Program.python()));
        try (RunningTerpan terpan = RunningTerpan.start(
                Map.of(RunningTerpan.BIND_OF_FILE, "yes"), List.of("--config", settings.toString()))) {
            upgrade(terpan);
            try (Connection connection = terpan.connect()) {
                assertThat(connection
                                .send("GET / HTTP/1.1\r\nHost: good.test\r\n\r\n")
                                .read()
                                .body())
                        .isEqualTo(Long.toString(terpan.pid()));
            }
            upgrade(terpan);
        }
    }

    /** Until operators reach another process, which is meant from then on. */
    private static void awaitSuccessor(RunningTerpan terpan) throws IOException {
        long before = terpan.pid();
        try {
            await().atMost(SOON).until(() -> {
                try {
                    return terpan.status().pid() != before;
                } catch (IOException between) {
                    return false;
                }
            });
        } catch (ConditionTimeoutException none) {
            throw new AssertionError("nobody has taken its place; they said:\n" + terpan.errors(), none);
        }
        terpan.follow();
    }

    private Path settings(String addresses) throws IOException {
        return Files.writeString(folder.resolve("terpan.toml"), """
                bind = ["%s"]
                [application]
                name = "shop.py"
                python = "%s"
                [workers]
                count = 1
                """.formatted(addresses, Program.python()));
    }

    private Path script(String line) throws IOException {
        Path script = Files.writeString(folder.resolve("script"), "#!/bin/sh\n" + line + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return script;
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private static String body(SocketAddress address, String target) {
        try (Connection connection = Connection.to(address)) {
            return connection.get(target).body();
        } catch (IOException lost) {
            throw new java.io.UncheckedIOException(lost);
        }
    }

    /** A client that connects anew for every request, and wants an answer to each. */
    private static final class NewConnections implements AutoCloseable {
        private final SocketAddress address;
        private final String request;
        private final List<String> failures = new ArrayList<>();
        private final Thread thread = Thread.ofPlatform().unstarted(this::run);
        private final AtomicInteger answered = new AtomicInteger();
        private volatile boolean ending;

        private NewConnections(SocketAddress address, String request) {
            this.address = address;
            this.request = request;
        }

        static NewConnections start(SocketAddress address) {
            return start(address, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        }

        static NewConnections start(SocketAddress address, String request) {
            NewConnections connections = new NewConnections(address, request);
            connections.thread.start();
            return connections;
        }

        private void run() {
            while (!ending) {
                try (Connection connection = Connection.to(address)) {
                    Answer answer = connection.send(request).read();
                    if (answer.status() == 200) {
                        answered.incrementAndGet();
                    } else {
                        failures.add("status " + answer.status());
                    }
                } catch (IOException lost) {
                    failures.add(lost.toString());
                }
            }
        }

        void end() throws InterruptedException {
            ending = true;
            assertThat(thread.join(SOON)).isTrue();
        }

        @Override
        public void close() {
            ending = true;
        }

        int answered() {
            return answered.get();
        }

        List<String> failures() {
            return failures;
        }
    }
}
