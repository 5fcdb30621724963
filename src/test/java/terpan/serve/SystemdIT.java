package terpan.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import terpan.handover.NotifyReceiver;

/** Terpan as a service: what systemd is told, and sockets that it hands over, by systemd's own tool. */
@Timeout(90)
final class SystemdIT {
    private static final int ROLLED_BACK = 15;
    /** Several in which systemd would have heard of it. */
    private static final Duration INTERVALS = Duration.ofSeconds(2);

    private Path folder = Path.of("/nowhere");

    @BeforeEach
    void aFolderWithAShortName() throws IOException {
        folder = Files.createTempDirectory(Path.of("/tmp"), "ts");
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
    void systemdIsToldWhenItServesThatItIsWellAndWhenItStops() throws Exception {
        try (NotifyReceiver systemd = NotifyReceiver.at(folder.resolve("notify").toString())) {
            Map<String, String> service = Map.of("NOTIFY_SOCKET", systemd.address(), "WATCHDOG_USEC", "600000");
            try (RunningTerpan terpan = RunningTerpan.start(service, "everything:application", "--workers", "1")) {
                systemd.awaitMessage(
                        0,
                        message -> message.startsWith("READY=1|MAINPID=" + terpan.pid()
                                + "|WATCHDOG=1|STATUS=serving: 1 of 1 workers ready, 0 requests in hand, 0 waiting"));
                assertThat(systemd.messages().getFirst())
                        .isEqualTo("STATUS=starting workers|EXTEND_TIMEOUT_USEC=70000000");
                int alive = systemd.awaitMessage(0, message -> message.contains("WATCHDOG=1"));
                systemd.awaitMessage(alive, message -> message.contains("WATCHDOG=1"));
                assertThat(terpan.otherProcesses())
                        .filteredOn(pid -> environment(pid).contains("name=builtin-1"))
                        .isNotEmpty()
                        .allSatisfy(
                                pid -> assertThat(environment(pid)).doesNotContain("NOTIFY_SOCKET", "WATCHDOG_USEC"));
                terpan.signal("TERM");
                systemd.awaitMessage(
                        alive, message -> message.startsWith("STOPPING=1|EXTEND_TIMEOUT_USEC=45000000|WATCHDOG=1"));
                assertThat(terpan.exitCode()).isZero();
            }
        }
    }

    /** A loop whose thread really stands still: systemd would start another Terpan. */
    @Test
    void aLoopThatStandsStillIsToldAndGetsNoSignOfLife() throws Exception {
        try (NotifyReceiver systemd = NotifyReceiver.at(folder.resolve("notify").toString())) {
            Map<String, String> service = Map.of("NOTIFY_SOCKET", systemd.address(), "WATCHDOG_USEC", "600000");
            try (RunningTerpan terpan =
                    RunningTerpan.start(service, "everything:application", "--workers", "1", "--loops", "2")) {
                int alive = systemd.awaitMessage(0, message -> message.contains("WATCHDOG=1"));
                Process holder = new ProcessBuilder(
                                Program.python().toString(),
                                Program.APPLICATIONS
                                        .resolveSibling("hold_thread.py")
                                        .toString(),
                                Long.toString(terpan.pid()),
                                "terpan-io-1")
                        .redirectErrorStream(true)
                        .start();
                try (BufferedReader said = holder.inputReader(UTF_8)) {
                    assertThat(said.readLine()).isEqualTo("held");
                    int told =
                            systemd.awaitMessage(alive, message -> message.equals("STATUS=event loop 1 does not turn"));
                    assertThat(terpan.ask("/live")).contains("event loop 1 does not turn");
                    await().during(INTERVALS)
                            .atMost(INTERVALS.multipliedBy(5))
                            .until(() -> systemd.messages().stream()
                                    .skip(told)
                                    .noneMatch(message -> message.contains("WATCHDOG=1")));
                    int later = systemd.messages().size();
                    holder.outputWriter(UTF_8).close();
                    systemd.awaitMessage(later, message -> message.contains("WATCHDOG=1"));
                    assertThat(terpan.get("/").status()).isEqualTo(200);
                } finally {
                    holder.destroyForcibly();
                }
            }
        }
    }

    @Test
    void aReloadIsToldWithItsTimeAndItsEndWhateverBecomesOfIt() throws Exception {
        Files.writeString(folder.resolve("shop.py"), """
                import os
                if os.path.exists("broken"):
                    raise RuntimeError("a mistake in the code")

                def application(environ, start_response):
                    start_response("200 OK", [])
                    return []
                """);
        try (NotifyReceiver systemd = NotifyReceiver.at(folder.resolve("notify").toString())) {
            Map<String, String> service = Map.of("NOTIFY_SOCKET", systemd.address());
            String application = folder.resolve("shop.py").toString();
            try (RunningTerpan terpan =
                    RunningTerpan.start(service, application, "--chdir", folder.toString(), "--workers", "1")) {
                int told = systemd.awaitMessage(0, message -> message.startsWith("READY=1|MAINPID="));
                long before = monotonicMicroseconds();
                terpan.signal("HUP");
                told = awaitReload(systemd, told, before);
                before = monotonicMicroseconds();
                assertThat(terpan.command("reload").code()).isZero();
                told = awaitReload(systemd, told, before);
                Files.createFile(folder.resolve("broken"));
                before = monotonicMicroseconds();
                assertThat(terpan.command("reload").code()).isEqualTo(ROLLED_BACK);
                awaitReload(systemd, told, before);
            }
        }
    }

    /** Returns where its last message stands. */
    private static int awaitReload(NotifyReceiver systemd, int from, long before) throws Exception {
        int reloading = systemd.awaitMessage(from, message -> message.startsWith("RELOADING=1|MONOTONIC_USEC="));
        String told = systemd.messages().get(reloading - 1);
        assertThat(Long.parseLong(told.replaceFirst("^RELOADING=1\\|MONOTONIC_USEC=([0-9]+).*", "$1")))
                .isBetween(before, monotonicMicroseconds());
        return systemd.awaitMessage(reloading, message -> message.startsWith("READY=1"));
    }

    /** The clock that systemd compares it with. */
    private static long monotonicMicroseconds() throws Exception {
        Process clock = new ProcessBuilder(
                        Program.python().toString(),
                        "-c",
                        "import time; print(time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000)")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        return Long.parseLong(clock.inputReader().readLine());
    }

    @Test
    void socketsThatAreHandedOverAreServedInsteadOfTheUsualAddress() throws Exception {
        int port = freePort();
        Path socket = folder.resolve("clients");
        List<String> within = activate("web:local", "127.0.0.1:" + port, socket.toString());
        CompletableFuture<String> first = firstAnswer(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        try (RunningTerpan terpan =
                RunningTerpan.startWithin(within, Map.of("PORT", ""), "everything:application", "--workers", "1")) {
            assertThat(first.get()).isEqualTo("Hello");
            assertThat(terpan.addresses())
                    .containsExactly(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                            UnixDomainSocketAddress.of(socket));
            try (Connection local = Connection.to(UnixDomainSocketAddress.of(socket))) {
                assertThat(local.get("/").body()).isEqualTo("Hello");
            }
            assertThat(terpan.otherProcesses())
                    .filteredOn(pid -> environment(pid).contains("name=builtin-1"))
                    .isNotEmpty()
                    .allSatisfy(pid -> assertThat(environment(pid)).doesNotContain("LISTEN_"));
        }
        assertThat(socket).as("it is systemd's").exists();
    }

    @Test
    void anAddressThatIsNamedTakesTheSocketThatListensThereWithItsOptions() throws Exception {
        int port = freePort();
        List<String> within = activate("web", "127.0.0.1:" + port);
        CompletableFuture<Void> woken = CompletableFuture.runAsync(() -> connectTo(port), Thread::startVirtualThread);
        try (RunningTerpan terpan = RunningTerpan.startWithin(
                within,
                Map.of(),
                "everything:application",
                "--workers",
                "1",
                "--bind",
                "127.0.0.1:" + port + ",proxy-protocol",
                "--bind",
                "127.0.0.1:0")) {
            woken.get();
            assertThat(terpan.addresses()).hasSize(2);
            try (Connection proxy = terpan.connect()) {
                proxy.send("PROXY TCP4 192.0.2.7 192.0.2.1 4711 80\r\n");
                assertThat(proxy.get("/environment").body()).contains("192.0.2.7");
            }
        }
    }

    @Test
    void whatIsNoListeningSocketIsRefusedInWords() throws Exception {
        Path socket = folder.resolve("datagrams");
        ProcessBuilder builder = Program.command(
                Map.of(), List.of("serve", "everything:application", "--chdir", Program.APPLICATIONS.toString()));
        List<String> within = new ArrayList<>(
                List.of("systemd-socket-activate", "--datagram", "--fdname=odd", "-l", socket.toString()));
        builder.environment().forEach((name, value) -> within.add("-E" + name));
        builder.command().addAll(0, within);
        Path errors = folder.resolve("errors");
        Process process = builder.redirectErrorStream(true)
                .redirectOutput(errors.toFile())
                .start();
        try {
            await().atMost(Duration.ofSeconds(20)).until(() -> Files.exists(socket));
            Process sender = new ProcessBuilder(
                            Program.python().toString(),
                            "-c",
                            "import socket, sys; socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'x', sys.argv[1])",
                            socket.toString())
                    .inheritIO()
                    .start();
            assertThat(sender.waitFor()).isZero();
            assertThat(process.waitFor()).as(Files.readString(errors)).isEqualTo(5);
            assertThat(Files.readString(errors))
                    .contains(
                            "the socket \"odd\" (descriptor 3) cannot be taken over: it is no stream socket, expected one of ListenStream");
        } finally {
            process.destroyForcibly();
        }
    }

    /** The command that listens, and becomes Terpan at the first connection. */
    private static List<String> activate(String names, String... addresses) {
        List<String> command = new ArrayList<>(List.of("systemd-socket-activate", "--fdname=" + names));
        for (String address : addresses) {
            command.addAll(List.of("-l", address));
        }
        // It passes on nothing else of the environment.
        command.addAll(List.of("-EPATH", "-EHOME", "-ETEST_MARK", "-EPORT"));
        return command;
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private static CompletableFuture<String> firstAnswer(SocketAddress address) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try (Connection connection = awaitConnection(address)) {
                        return connection.get("/").body();
                    } catch (IOException failed) {
                        throw new java.io.UncheckedIOException(failed);
                    }
                },
                Thread::startVirtualThread);
    }

    private static void connectTo(int port) {
        try {
            awaitConnection(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                    .close();
        } catch (IOException failed) {
            throw new java.io.UncheckedIOException(failed);
        }
    }

    private static Connection awaitConnection(SocketAddress address) {
        return await().atMost(Duration.ofSeconds(20))
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> Connection.to(address), java.util.Objects::nonNull);
    }

    private static String environment(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/environ"), java.nio.charset.StandardCharsets.ISO_8859_1)
                    .replace('\0', '\n');
        } catch (IOException gone) {
            return "";
        }
    }
}
