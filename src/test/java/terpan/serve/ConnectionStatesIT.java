package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import terpan.tls.TestCertificates;

/** What connections are at, as {@code terpan_connections_by_state} tells it of both loops together. */
@Timeout(120)
final class ConnectionStatesIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Pattern SAMPLE =
            Pattern.compile("terpan_connections_by_state\\{protocol=\"([^\"]+)\",state=\"([^\"]+)\"} (\\d+)\\.0");

    @TempDir
    private Path folder;

    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    @Test
    void eachIsCountedOnceByWhatItSpeaksAndByWhatItIsAt() throws Exception {
        Path settings = Files.writeString(folder.resolve("terpan.toml"), """
                bind = ["127.0.0.1:0", "127.0.0.1:0,h2c", "127.0.0.1:0,tls", "127.0.0.1:0,proxy-protocol"]

                [tls]
                certificates = [{certificate = "%s"}]
                """.formatted(TestCertificates.EC));
        Path goOn = folder.resolve("go-on");
        try (RunningTerpan terpan = RunningTerpan.start(
                Map.of("TERPAN_CONFIG", settings.toString(), "PORT", "", "GO_ON", goOn.toString()),
                "watched:app",
                "--workers",
                "1",
                "--loops",
                "2")) {
            List<SocketAddress> at = List.copyOf(terpan.addresses());
            connect(at.get(0)).get("/users/1");
            connect(at.get(0)).get("/users/1");
            connect(at.get(0)).send("GET / HTTP/1.1\r\nHo");
            connect(at.get(0)).send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf");
            connect(at.get(1));
            keep(Http2Connection.over(at.get(1))).get("/users/1");
            connect(at.get(2));
            connect(at.get(3));
            Map<String, Integer> quiet = Map.of(
                    "http/1 idle", 2,
                    "http/1 reading", 2,
                    "http/2 idle", 1,
                    "unknown reading", 1,
                    "unknown handshake", 2);
            await().atMost(SOON).untilAsserted(() -> assertThat(counts(terpan)).isEqualTo(quiet));
            assertThat(terpan.metric("terpan_connections_open")).isEqualTo(6);

            connect(at.get(0)).send("GET /report/1 HTTP/1.1\r\nHost: x\r\n\r\n");
            await().atMost(SOON).until(() -> terpan.metric("terpan_requests_in_flight") == 1);
            connect(at.get(0)).send("GET /users/3 HTTP/1.1\r\nHost: x\r\n\r\n");
            Connection both = keep(Http2Connection.over(at.get(1)));
            both.ask("GET", "/users/2");
            both.ask("GET", "/users/2");
            Map<String, Integer> busy = new TreeMap<>(quiet);
            busy.putAll(Map.of("http/1 working", 1, "http/1 waiting", 1, "http/2 waiting", 1));
            await().atMost(SOON).untilAsserted(() -> assertThat(counts(terpan)).isEqualTo(busy));
            Files.writeString(goOn, "");
            closeAll();
            await().atMost(SOON).untilAsserted(() -> assertThat(counts(terpan)).isEmpty());
        } finally {
            closeAll();
        }
    }

    @Test
    void aTunnelIsOne() throws Exception {
        try (RunningTerpan terpan =
                RunningTerpan.serve("sockets:application", "--server", "uvicorn", "--workers", "1")) {
            Connection client = connect(terpan.address());
            client.send(String.join(
                    "\r\n",
                    "GET /echo HTTP/1.1",
                    "Host: x",
                    "Connection: Upgrade",
                    "Upgrade: websocket",
                    "Sec-WebSocket-Version: 13",
                    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
                    "",
                    ""));
            assertThat(client.readHead().status()).isEqualTo(101);
            assertThat(counts(terpan)).isEqualTo(Map.of("http/1 tunnel", 1));
            closeAll();
        } finally {
            closeAll();
        }
    }

    private Connection connect(SocketAddress address) throws IOException {
        return keep(Connection.to(address));
    }

    private Connection keep(Connection connection) {
        open.push(connection);
        return connection;
    }

    private void closeAll() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }

    /** Those that are not zero. */
    private static Map<String, Integer> counts(RunningTerpan terpan) throws IOException {
        Map<String, Integer> counts = new TreeMap<>();
        Matcher sample = SAMPLE.matcher(terpan.ask("/metrics"));
        int series = 0;
        while (sample.find()) {
            series++;
            if (Integer.parseInt(sample.group(3)) > 0) {
                counts.put(sample.group(1) + " " + sample.group(2), Integer.parseInt(sample.group(3)));
            }
        }
        assertThat(series).isEqualTo(16);
        return counts;
    }
}
