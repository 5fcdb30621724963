package terpan.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Workers that someone else runs, and that are away, unreachable, not well or elsewhere for a while. */
@Timeout(120)
final class AttachedIT {
    private static final Duration SOON = Duration.ofSeconds(40);

    @TempDir
    private Path files;

    private static void awaitState(RunningTerpan terpan, String worker, String state) {
        await(worker + " " + state)
                .atMost(SOON)
                .until(() -> state(terpan, worker).equals(state));
    }

    private static String state(RunningTerpan terpan, String worker) throws IOException {
        return terpan.status().workers().stream()
                .filter(known -> known.name().equals(worker))
                .map(Status.Worker::state)
                .findFirst()
                .orElse("");
    }

    private static long lines(RunningTerpan terpan, String... parts) {
        return terpan.errors().stream()
                .filter(line -> List.of(parts).stream().allMatch(line::contains))
                .count();
    }

    @Test
    void aWorkerThatIsAwayIsLeftOutSaidAndServesAgainOnceItIsThere() throws Exception {
        Path socket = files.resolve("worker");
        String worker = "attached-unix:" + socket;
        try (RunningTerpan terpan = RunningTerpan.start(
                        Map.of(), List.of("--attach", "unix:" + socket + ",capacity=4", "--queue-wait", "60s"));
                Connection waits = terpan.connect()) {
            assertThat(state(terpan, worker)).isEqualTo("ejected");
            assertThat(terpan.ask("/healthz")).startsWith("not serving: no worker is ready; " + worker + ": ");
            assertThat(terpan.command("status").out()).contains("ejected", "; next probe in ");
            assertThat(terpan.status().json()).contains("\"next_probe\":\"20");
            assertThat(terpan.command("restart", worker).out())
                    .contains("run by someone else; it is left out, and is looked at once more now");
            waits.ask("GET", "/");
            await().until(() -> terpan.metric("terpan_queue_length") == 1);

            Process waitress = Processes.waitressOn(socket);
            try {
                assertThat(waits.read().body())
                        .as("it has waited for the worker")
                        .isEqualTo("Hello");
                awaitState(terpan, worker, "ready");
                assertThat(terpan.ask("/healthz")).isEqualTo("ok\n");
                assertThat(terpan.command("restart", worker).err()).contains("has to be restarted where it runs");
                assertThat(lines(terpan, "worker state", worker, "EJECTED")).isEqualTo(1);
                assertThat(lines(terpan, "worker state", worker, "READY")).isEqualTo(1);
            } finally {
                waitress.destroyForcibly().waitFor();
            }
            Files.deleteIfExists(socket);
            waits.ask("GET", "/");
            awaitState(terpan, worker, "ejected");
            assertThat(terpan.metric("terpan_worker_ejections_total{group=\"attached\",reason=\"connect\",worker=\""
                            + worker + "\"}"))
                    .isEqualTo(2);
            assertThat(terpan.metric("terpan_workers{group=\"attached\",state=\"ejected\"}"))
                    .isEqualTo(1);
            Process again = Processes.waitressOn(socket);
            try {
                assertThat(waits.read().body()).isEqualTo("Hello");
            } finally {
                again.destroyForcibly().waitFor();
                Files.deleteIfExists(socket);
            }
        }
    }

    @Test
    void whereNoWorkerIsReachedARequestIsRefusedAndHealthSaysWhy() throws Exception {
        List<String> arguments = List.of(
                "--attach",
                "unix:" + files.resolve("one"),
                "--attach",
                "unix:" + files.resolve("two"),
                "--queue-wait",
                "200ms");
        try (RunningTerpan terpan = RunningTerpan.start(Map.of(), arguments)) {
            for (int i = 0; i < 3; i++) {
                Answer refused = terpan.get("/");
                assertThat(refused.status()).isEqualTo(503);
                assertThat(refused.field("retry-after")).isPresent();
            }
            assertThat(terpan.ask("/healthz")).contains("not serving: no worker is ready; ", "and 1 more are left out");
        }
    }

    @Test
    void aBlackHoleCostsOneConnectDeadlineAndNoRequestIsLost() throws Exception {
        Path socket = files.resolve("worker");
        Process waitress = Processes.waitressOn(socket);
        List<Socket> filling = new ArrayList<>();
        try (ServerSocket hole = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                RunningTerpan terpan = RunningTerpan.start(
                        Map.of(),
                        List.of(
                                "--attach",
                                "127.0.0.1:" + hole.getLocalPort(),
                                "--attach",
                                "unix:" + socket,
                                "--connect-timeout",
                                "300ms"))) {
            String name = "attached-127.0.0.1:" + hole.getLocalPort();
            awaitState(terpan, name, "ready");
            hole.accept().close();
            fill(hole, filling);
            for (int i = 0; i < 20; i++) {
                assertThat(terpan.get("/").body()).isEqualTo("Hello");
            }
            assertThat(state(terpan, name)).isEqualTo("ejected");
            assertThat(terpan.metric("terpan_worker_failures_total{group=\"attached\",reason=\"connect-timed-out\"}"))
                    .isEqualTo(1);
            terpan.awaitLine("no connection within 300 ms");
        } finally {
            for (Socket one : filling) {
                one.close();
            }
            waitress.destroyForcibly().waitFor();
            Files.deleteIfExists(socket);
        }
    }

    /** Until the kernel drops what comes: as an address behind which there is nothing. */
    private static void fill(ServerSocket hole, List<Socket> filling) throws IOException {
        while (filling.size() < 64) {
            Socket one = new Socket();
            filling.add(one);
            try {
                one.connect(hole.getLocalSocketAddress(), 200);
            } catch (SocketTimeoutException full) {
                return;
            }
        }
        throw new IOException("the kernel takes any number of connections");
    }

    private static HttpServer serverOn(String address, int port) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral(address), port), 16);
        server.createContext("/", exchange -> {
            byte[] body = address.getBytes(UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        return server;
    }

    @Test
    void aNameIsFollowedWhereverItLeads() throws Exception {
        Path hosts = Files.writeString(files.resolve("hosts"), "192.0.2.1 elsewhere\n");
        HttpServer first = serverOn("127.0.0.1", 0);
        int port = first.getAddress().getPort();
        String worker = "attached-app:" + port;
        Map<String, String> environment = Map.of("JAVA_TOOL_OPTIONS", "-Djdk.net.hosts.file=" + hosts);
        try (RunningTerpan terpan =
                RunningTerpan.start(environment, List.of("--attach", "app:" + port, "--connect-timeout", "500ms"))) {
            assertThat(state(terpan, worker)).isEqualTo("ejected");
            terpan.awaitLine("the name app leads nowhere");
            Files.writeString(hosts, "127.0.0.1 app\n");
            assertThat(terpan.get("/").body()).as("waits for the name").isEqualTo("127.0.0.1");

            HttpServer second = serverOn("127.0.0.2", port);
            try {
                Files.writeString(hosts, "127.0.0.2 app\n");
                first.stop(0);
                assertThat(terpan.get("/").body()).isEqualTo("127.0.0.2");
                terpan.awaitLine("[127.0.0.2:" + port + "]");
                Files.writeString(hosts, "127.0.0.2 app\n127.0.0.3 app\n");
                HttpServer third = serverOn("127.0.0.3", port);
                second.stop(0);
                assertThat(terpan.get("/").body()).as("one of two is enough").isEqualTo("127.0.0.3");
                third.stop(0);
            } finally {
                second.stop(0);
            }
            assertThat(terpan.metric("terpan_worker_lookups_total{group=\"attached\",result=\"failed\",worker=\""
                            + worker + "\"}"))
                    .isPositive();
        } finally {
            first.stop(0);
        }
    }

    @Test
    void aWorkerWhoseCheckPathIsNotAnsweredWellGetsNoRequest() throws Exception {
        Path one = files.resolve("one");
        Path two = files.resolve("two");
        Path unwell = files.resolve("unwell");
        Process first = Processes.waitressOn(one);
        Process second = Processes.waitressOn(two);
        List<String> arguments = List.of(
                "--attach",
                "unix:" + one + ",check-path=/well?unless=" + unwell + ",check-every=100ms",
                "--attach",
                "unix:" + two);
        try (RunningTerpan terpan = RunningTerpan.start(Map.of(), arguments)) {
            String worker = "attached-unix:" + one;
            awaitState(terpan, worker, "ready");
            EndsIT.touch(unwell);
            awaitState(terpan, worker, "ejected");
            terpan.awaitLine("was answered with 503");
            String other = Long.toString(second.pid());
            for (int i = 0; i < 6; i++) {
                assertThat(terpan.get("/process").body()).isEqualTo(other);
            }
            assertThat(terpan.metric("terpan_worker_ejections_total{group=\"attached\",reason=\"check\",worker=\""
                            + worker + "\"}"))
                    .isPositive();
            Files.delete(unwell);
            awaitState(terpan, worker, "ready");
            await().atMost(SOON).until(() -> !terpan.get("/process").body().equals(other));
            Processes.kill(first.pid(), "STOP");
            awaitState(terpan, worker, "ejected");
            Processes.kill(first.pid(), "CONT");
            awaitState(terpan, worker, "ready");
        } finally {
            first.destroyForcibly().waitFor();
            second.destroyForcibly().waitFor();
            Files.deleteIfExists(one);
            Files.deleteIfExists(two);
        }
    }

    @Test
    void aWorkerThatTakesConnectionsAndSaysNothingIsLeftOut() throws Exception {
        try (ServerSocket mute = new ServerSocket(0, 16, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> closeAll(mute));
            String name = "attached-127.0.0.1:" + mute.getLocalPort();
            try (RunningTerpan terpan = RunningTerpan.start(
                    Map.of(), List.of("--attach", "127.0.0.1:" + mute.getLocalPort(), "--queue-wait", "5s"))) {
                for (int i = 0; i < 3; i++) {
                    assertThat(terpan.get("/").status()).isEqualTo(502);
                }
                terpan.awaitLine("3 requests in a row got no answer");
                for (int i = 0; i < 4; i++) {
                    assertThat(terpan.get("/").status())
                            .as("one at a time is tried")
                            .isEqualTo(502);
                }
                await().atMost(SOON).until(() -> state(terpan, name).equals("ejected"));
                assertThat(terpan.ask("/healthz")).startsWith("not serving");
            }
        }
    }

    private static void closeAll(ServerSocket mute) {
        try {
            while (true) {
                mute.accept().close();
            }
        } catch (IOException over) {
            // The test has ended.
        }
    }
}
