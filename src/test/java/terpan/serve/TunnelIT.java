package terpan.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tunnels beside what else there is: the PROXY protocol, clients that keep their worker, maintenance, a pause. */
@Timeout(180)
final class TunnelIT {
    /** Of a client that says 1000. */
    private static final byte[] CLOSE = {(byte) 0x88, (byte) 0x82, 0, 0, 0, 0, 3, (byte) 0xe8};

    private static RunningTerpan serve(String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of("--server", "uvicorn"));
        all.addAll(List.of(arguments));
        return RunningTerpan.serve("sockets:application", all.toArray(String[]::new));
    }

    private static Connection shake(Connection client, String target, String... fields) throws IOException {
        List<String> all = new ArrayList<>(List.of(
                "Upgrade: websocket",
                "Connection: Upgrade",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                "Sec-WebSocket-Version: 13"));
        all.addAll(List.of(fields));
        return client.ask("GET", target, all.toArray(String[]::new));
    }

    /** The text of the next frame. */
    private static String text(Connection client) throws IOException {
        ByteBuffer head = ByteBuffer.wrap(client.take(2));
        assertThat(head.get()).isEqualTo((byte) 0x81);
        int length = head.get();
        return new String(
                client.take(length == 126 ? ByteBuffer.wrap(client.take(2)).getShort() : length), UTF_8);
    }

    /** What comes back of a short text. */
    private static String echo(Connection client, String text) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(6 + text.length());
        frame.put((byte) 0x81).put((byte) (0x80 | text.length())).putInt(0).put(text.getBytes(UTF_8));
        client.send(frame.flip());
        return text(client);
    }

    private static String proxied(String address) {
        return "PROXY TCP4 " + address + " 192.0.2.1 4321 80\r\n";
    }

    @Test
    void whoIsBehindTheProxyProtocolIsTheApplicationsClientAndItsAddressIsCounted() throws Exception {
        try (RunningTerpan terpan = serve(
                "--bind", "127.0.0.1:0,proxy-protocol", "--trusted-proxy", "127.0.0.1", "--tunnels-per-address", "1")) {
            try (Connection first = terpan.connect();
                    Connection same = terpan.connect();
                    Connection other = terpan.connect()) {
                assertThat(shake(first.send(proxied("203.0.113.7")), "/scope")
                                .readHead()
                                .status())
                        .isEqualTo(101);
                assertThat(text(first)).contains("\"client\": [\"203.0.113.7\", 4321]");
                assertThat(echo(first, "hello")).isEqualTo("hello");
                assertThat(shake(same.send(proxied("203.0.113.7")), "/echo")
                                .read()
                                .status())
                        .isEqualTo(429);
                assertThat(shake(other.send(proxied("203.0.113.8")), "/echo")
                                .readHead()
                                .status())
                        .isEqualTo(101);
            }
            await().until(() -> terpan.metric("terpan_tunnels_open") == 0);
        }
    }

    @Test
    void aClientThatKeepsItsWorkerHasItForTunnelsToo() throws Exception {
        try (RunningTerpan terpan = serve("--workers", "3", "--choice", "sticky", "--sticky", "cookie")) {
            LoadIT.awaitWorkers(terpan, 3);
            String worker;
            String cookie;
            try (Connection client = terpan.connect()) {
                Answer switched = shake(client, "/process").readHead();
                assertThat(switched.status()).isEqualTo(101);
                cookie = switched.field("Set-Cookie").orElseThrow().replaceAll(";.*", "");
                worker = text(client);
            }
            for (int i = 0; i < 6; i++) {
                assertThat(terpan.get("/", "Cookie: " + cookie).body()).isEqualTo(worker);
                try (Connection client = terpan.connect()) {
                    Answer switched =
                            shake(client, "/process", "Cookie: " + cookie).readHead();
                    assertThat(switched.field("Set-Cookie")).isEmpty();
                    assertThat(text(client)).isEqualTo(worker);
                }
            }
            await().until(() -> terpan.metric("terpan_tunnels_open") == 0);
        }
    }

    /** The handler is eventlet's own; what a plain application answers goes to the client as it is. */
    @Test
    void applicationsOfEventletSpeakWebSocketToo() throws Exception {
        try (RunningTerpan terpan = RunningTerpan.serve(
                "eventlet_sockets:application", "--server", "eventlet", "--workers", "1", "--tunnel-drain", "1s")) {
            try (Connection first = terpan.connect();
                    Connection second = terpan.connect();
                    Connection plain = terpan.connect()) {
                assertThat(shake(first, "/echo").readHead().status()).isEqualTo(101);
                assertThat(shake(second, "/echo").readHead().status()).isEqualTo(101);
                assertThat(echo(first, "one") + echo(second, "two") + echo(first, "three"))
                        .isEqualTo("onetwothree");
                assertThat(shake(plain, "/").read().status()).isEqualTo(200);
                first.send(ByteBuffer.wrap(CLOSE));
                assertThat(first.take(2)).startsWith(0x88);
                await().until(() -> terpan.metric("terpan_tunnels_open") == 1);
                assertThat(terpan.command("restart", "eventlet-1").code()).isZero();
                assertThat(second.take(4)).isEqualTo(new byte[] {(byte) 0x88, 2, 3, (byte) 0xe9});
                assertThat(terpan.get("/").body()).matches("[0-9]+");
            }
            await().until(() -> terpan.metric("terpan_tunnels_open") == 0);
            assertThat(terpan.errors()).noneMatch(line -> line.contains("Traceback") || line.contains("raised"));
        }
    }

    @Test
    void maintenanceRefusesHandshakesAndLeavesTunnelsAlone() throws Exception {
        try (RunningTerpan terpan = serve("--workers", "1")) {
            try (Connection open = terpan.connect();
                    Connection refused = terpan.connect()) {
                assertThat(shake(open, "/echo").readHead().status()).isEqualTo(101);
                assertThat(terpan.command("maintenance", "on").code()).isZero();
                assertThat(shake(refused, "/echo").read().status()).isEqualTo(503);
                assertThat(echo(open, "still")).isEqualTo("still");
                assertThat(terpan.command("maintenance", "off").code()).isZero();
                assertThat(shake(refused, "/echo").readHead().status()).isEqualTo(101);
                assertThat(echo(refused, "too")).isEqualTo("too");
            }
            await().until(() -> terpan.metric("terpan_tunnels_open") == 0);
        }
    }

    @Test
    void aPauseHoldsHandshakesAndLeavesTunnelsAlone() throws Exception {
        try (RunningTerpan terpan = serve("--workers", "1")) {
            try (Connection open = terpan.connect();
                    Connection waits = terpan.connect()) {
                assertThat(shake(open, "/echo").readHead().status()).isEqualTo(101);
                assertThat(terpan.command("pause").code()).isZero();
                shake(waits, "/echo");
                await().until(() -> terpan.metric("terpan_queue_length") == 1);
                assertThat(echo(open, "still")).isEqualTo("still");
                assertThat(terpan.command("resume").code()).isZero();
                assertThat(waits.readHead().status()).isEqualTo(101);
                assertThat(echo(waits, "too")).isEqualTo("too");
            }
            await().until(() -> terpan.metric("terpan_tunnels_open") == 0);
        }
    }
}
