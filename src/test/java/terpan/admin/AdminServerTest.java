package terpan.admin;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
final class AdminServerTest {
    @TempDir
    private Path directory;

    private final FakeOperations operations = new FakeOperations();
    private Path socket;
    private AdminServer server;

    @BeforeEach
    void start() throws IOException {
        socket = directory.resolve(AdminServer.SOCKET_NAME);
        server = AdminServer.start(socket, operations, AdminServer.DEADLINE);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        assertThat(socket).doesNotExist();
    }

    @Test
    void theSocketIsForItsOwnerAlone() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                .isEqualTo("rw-------");
    }

    @Test
    void healthSaysWhyItIsNotServing() throws IOException {
        assertThat(get("/healthz")).startsWith("HTTP/1.1 200 OK\r\n").endsWith("\r\n\r\nok\n");
        operations.health = new Health.NotServing("no worker is ready");
        assertThat(get("/healthz"))
                .startsWith("HTTP/1.1 503 Service Unavailable\r\n")
                .endsWith("\r\n\r\nnot serving: no worker is ready\n");
    }

    @Test
    void metricsAndStatusAreGiven() throws IOException {
        assertThat(get("/metrics")).contains("version=0.0.4").endsWith("\r\n\r\nterpan_queue_length 3.0\n");
        assertThat(get("/status?pretty"))
                .contains("Content-Type: application/json\r\n")
                .endsWith("\r\n\r\n" + StatusJson.write(operations.status()) + "\n");
    }

    @Test
    void commandsReachTheOperations() throws IOException {
        assertThat(post("/workers/w1/restart")).startsWith("HTTP/1.1 202 ").endsWith("Restarting w1.\n");
        assertThat(post("/workers/w9/restart")).startsWith("HTTP/1.1 404 ").contains("there are w1, w2");
        assertThat(post("/stop")).startsWith("HTTP/1.1 202 ");
        assertThat(operations.commands).containsExactly("restart w1", "restart w9", "stop");
        operations.stopResult = new CommandResult.Refused("Not now.");
        assertThat(post("/stop")).startsWith("HTTP/1.1 409 ").endsWith("Not now.\n");
    }

    @Test
    void anUnknownPathIsAnsweredWithTheList() throws IOException {
        assertThat(get("/nothing")).startsWith("HTTP/1.1 404 ").contains("POST /workers/NAME/restart");
    }

    @Test
    void aWrongMethodIsToldTheRightOne() throws IOException {
        assertThat(get("/stop")).startsWith("HTTP/1.1 405 ").contains("Allow: POST\r\n");
        assertThat(post("/status")).startsWith("HTTP/1.1 405 ").contains("Allow: GET\r\n");
        assertThat(operations.commands).isEmpty();
    }

    @Test
    void whatIsNotHttpIsRefused() throws IOException {
        assertThat(send("hello\r\n\r\n")).startsWith("HTTP/1.1 400 ");
        assertThat(send("GET /status HTTP/1.1\r\n\r\n"))
                .startsWith("HTTP/1.1 400 ")
                .contains("Host");
        assertThat(send("POST /stop HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"))
                .startsWith("HTTP/1.1 411 ");
        assertThat(send("POST /stop HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n"))
                .startsWith("HTTP/1.1 413 ");
        assertThat(send("GET /" + "a".repeat(3_000) + " HTTP/1.1\r\nHost: x\r\n\r\n"))
                .startsWith("HTTP/1.1 414 ");
        assertThat(operations.commands).isEmpty();
    }

    @Test
    void aBodyIsReadAndIgnored() throws IOException {
        assertThat(send("POST /stop HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"))
                .startsWith("HTTP/1.1 202 ");
    }

    @Test
    void aSlowOperatorIsCutOffAtTheDeadline() throws IOException {
        Path other = directory.resolve("short");
        try (AdminServer impatient = AdminServer.start(other, operations, Duration.ofMillis(50));
                SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(other))) {
            client.write(ByteBuffer.wrap("GET /healthz HT".getBytes(ISO_8859_1)));
            assertThat(readAll(client)).isEmpty();
            assertThat(impatient).isNotNull();
        }
    }

    @Test
    void idleOperatorsNeitherLockOthersOutForLongNorGrowWithoutBound() throws IOException {
        Path other = directory.resolve("crowded");
        List<SocketChannel> idle = new ArrayList<>();
        try (AdminServer crowded = AdminServer.start(other, operations, Duration.ofSeconds(3))) {
            for (int count = 0; count < AdminServer.CONNECTIONS_MOST; count++) {
                idle.add(SocketChannel.open(UnixDomainSocketAddress.of(other)));
            }
            await().until(() -> crowded.places() == 0);
            assertThat(exchange(other, request("GET", "/healthz"))).startsWith("HTTP/1.1 200 ");
            await().until(() -> crowded.places() > 0);
        } finally {
            for (SocketChannel channel : idle) {
                channel.close();
            }
        }
    }

    @Test
    void aSocketInUseIsNamed() {
        assertThatThrownBy(() -> AdminServer.start(socket, operations, AdminServer.DEADLINE))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(socket.toString());
    }

    private String get(String path) throws IOException {
        return send(request("GET", path));
    }

    private String post(String path) throws IOException {
        return send(request("POST", path));
    }

    private String send(String request) throws IOException {
        return exchange(socket, request);
    }

    private static String request(String method, String path) {
        return method + " " + path + " HTTP/1.1\r\nHost: terpan\r\n\r\n";
    }

    private static String exchange(Path socket, String request) throws IOException {
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            client.write(ByteBuffer.wrap(request.getBytes(ISO_8859_1)));
            return readAll(client);
        }
    }

    private static String readAll(SocketChannel client) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(8_192);
        while (client.read(buffer) >= 0) {
            all.write(buffer.array(), 0, buffer.position());
            buffer.clear();
        }
        return all.toString(ISO_8859_1);
    }
}
