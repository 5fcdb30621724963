package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What Kubernetes asks of a pod, before and while it stops. */
@Timeout(120)
final class ProbesIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    @Test
    void beforeItStopsItIsNotReadyButServes() throws Exception {
        int operators = Pebble.freePort();
        try (RunningTerpan terpan = RunningTerpan.serve(
                "everything:application",
                "--workers",
                "1",
                "--live-path",
                "/live",
                "--ready-path",
                "/ready",
                "--stop-delay",
                "5s",
                "--operators-bind",
                "127.0.0.1:" + operators)) {
            assertThat(terpan.get("/live").status()).isEqualTo(200);
            assertThat(terpan.get("/ready").status()).isEqualTo(200);
            assertThat(terpan.get("/ready?x=1").status()).isEqualTo(200);
            assertThat(terpan.get("/readyx").status()).isEqualTo(404);
            assertThat(asked(operators, "/live")).isEqualTo(200);
            assertThat(asked(operators, "/ready")).isEqualTo(200);
            assertThat(asked(operators, "/status")).isEqualTo(401);

            terpan.signal("TERM");
            await().atMost(SOON).until(() -> terpan.get("/ready").status() == 503);
            assertThat(asked(operators, "/ready")).isEqualTo(503);
            assertThat(asked(operators, "/live")).isEqualTo(200);
            assertThat(terpan.get("/live").status()).isEqualTo(200);
            assertThat(terpan.get("/").status()).isEqualTo(200);
            assertThat(terpan.exitCode()).isZero();
            terpan.awaitLine("not ready any more, stopping soon");
        }
    }

    @Test
    void whereNobodyAsksForItTheApplicationAnswers() throws Exception {
        try (RunningTerpan terpan = RunningTerpan.serve("everything:application", "--workers", "1")) {
            assertThat(terpan.get("/ready").status()).isEqualTo(404);
            assertThat(terpan.ask("/ready")).isEqualTo("ok\n");
        }
    }

    private static int asked(int port, String target) throws Exception {
        try (Connection connection = Connection.to(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
            connection.send("GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n\r\n");
            return connection.read().status();
        }
    }
}
