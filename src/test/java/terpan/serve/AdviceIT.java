package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the operator reads where clients are refused, or misunderstood, for a reason that a setting would change. */
@Timeout(120)
final class AdviceIT {
    private static final String[] HANDSHAKE = {
        "Connection: keep-alive, Upgrade",
        "Upgrade: WebSocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    };

    private static List<String> lines(RunningTerpan terpan, String part) {
        return terpan.errors().stream().filter(line -> line.contains(part)).toList();
    }

    @Test
    void aWebSocketHandshakeIsRefusedInWordsAndItsConnectionGoesOn() throws Exception {
        try (RunningTerpan terpan = RunningTerpan.serve("everything:application", "--workers", "1");
                Connection client = terpan.connect()) {
            for (int i = 0; i < 5; i++) {
                Answer answer = client.get("/socket.io/?transport=websocket", HANDSHAKE);
                assertThat(answer.status()).isEqualTo(501);
                assertThat(answer.body()).contains("does not speak WebSocket");
            }
            assertThat(client.get("/", "Connection: Upgrade", "Upgrade: h2c").status())
                    .as("another upgrade, which is ignored")
                    .isEqualTo(200);
            assertThat(terpan.metric("terpan_requests_refused_total{reason=\"not-implemented\",status=\"501\"}"))
                    .isEqualTo(5);
            terpan.awaitLine("WebSocket handshakes are answered with 501");
            assertThat(lines(terpan, "WebSocket handshakes"))
                    .singleElement()
                    .satisfies(line -> assertThat(line)
                            .contains("times=1", "/socket.io/?transport=websocket", "hint=", "long polling"));
        }
    }

    @Test
    void aProxyThatNobodyNamedIsToldOfOnce() throws Exception {
        try (RunningTerpan terpan = RunningTerpan.serve("everything:application", "--workers", "1")) {
            for (int i = 0; i < 3; i++) {
                assertThat(terpan.get("/", "X-Forwarded-For: 203.0.113.9", "X-Forwarded-Proto: https")
                                .status())
                        .isEqualTo(200);
            }
            assertThat(terpan.get("/", "Forwarded: for=203.0.113.9").status()).isEqualTo(200);
            terpan.awaitLine("are not believed");
            assertThat(lines(terpan, "are not believed"))
                    .singleElement()
                    .satisfies(
                            line -> assertThat(line).contains("last=127.0.0.1", "--trusted-proxy", "trusted-proxies"));
        }
        try (RunningTerpan terpan =
                RunningTerpan.serve("everything:application", "--workers", "1", "--trusted-proxy", "127.0.0.1")) {
            assertThat(terpan.get("/", "X-Forwarded-For: 203.0.113.9").status()).isEqualTo(200);
            terpan.assertQuiet();
            assertThat(lines(terpan, "are not believed")).isEmpty();
        }
    }

    @Test
    void refusalsOfTheQueueLeaveALineForMany() throws Exception {
        try (RunningTerpan terpan = RunningTerpan.serve(
                        "everything:application",
                        "--workers",
                        "1",
                        "--threads",
                        "1",
                        "--queue-size",
                        "1",
                        "--queue-wait",
                        "1s");
                Connection works = terpan.connect();
                Connection waits = terpan.connect()) {
            works.ask("GET", "/sleep?seconds=6");
            await().atMost(Duration.ofSeconds(20)).until(() -> terpan.metric("terpan_requests_in_flight") == 1);
            waits.ask("GET", "/waits");
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> terpan.metric("terpan_queue_length") == 1
                            || !lines(terpan, "queue-wait").isEmpty());
            assertThat(waits.read().status()).isEqualTo(503);
            terpan.awaitLine("they waited for queue-wait");
            assertThat(lines(terpan, "they waited for queue-wait"))
                    .singleElement()
                    .satisfies(line -> assertThat(line).contains("times=1", "last=/waits", "--threads", "--workers"));
        }
    }

    @Test
    void anAddressThatAsksTooMuchLeavesALineForMany() throws Exception {
        try (RunningTerpan terpan = RunningTerpan.serve(
                        "everything:application", "--workers", "1", "--request-rate", "1", "--request-burst", "1");
                Connection client = terpan.connect()) {
            int refused = 0;
            for (int i = 0; i < 20; i++) {
                refused += client.get("/").status() == 429 ? 1 : 0;
            }
            assertThat(refused).isGreaterThan(2);
            terpan.awaitLine("an address sends too many");
            assertThat(lines(terpan, "an address sends too many"))
                    .hasSizeLessThan(refused)
                    .first()
                    .satisfies(line -> assertThat(line).contains("last=127.0.0.1", "request-rate"));
        }
    }
}
