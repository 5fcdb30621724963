package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Four workers are stuck and the queue is full: whoever looks, by whatever way, is answered at once and told which routes it is. How long each
 * takes is printed; what the test asks for is far more, for a machine that does other things too.
 */
@Timeout(180)
final class AtFaultIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration AT_ONCE = Duration.ofSeconds(5);
    private static final int WORKERS = 4;
    private static final int QUEUE = 3;
    private static final int TIMES = 10;

    @TempDir
    private Path folder;

    private final UnreadRequests open = new UnreadRequests();

    private interface Look {
        String at() throws IOException;
    }

    @Test
    void everyWayToLookAnswersAtOnceAndNamesTheRoutes() throws Exception {
        Path goOn = folder.resolve("go-on");
        try (RunningTerpan terpan = RunningTerpan.start(
                Map.of("GO_ON", goOn.toString()),
                List.of(
                        "watched:app",
                        "--chdir",
                        Program.APPLICATIONS.toString(),
                        "--python",
                        Program.python().toString(),
                        "--workers",
                        Integer.toString(WORKERS),
                        "--queue-size",
                        Integer.toString(QUEUE),
                        "--operators-bind",
                        "127.0.0.1:0"))) {
            try {
                stick(terpan);
                looks(terpan)
                        .forEach((name, look) ->
                                assertThat(slowest(name, look)).as(name).isLessThan(AT_ONCE));
                assertThat(terpan.command("status").out())
                        .contains("held by     GET /report/{}: 4 with workers, the oldest for ")
                        .contains("held by     GET /users/{}: 3 waiting, the oldest for ");
                assertThat(terpan.command("top").out())
                        .contains("GET /report/{}: 4 with workers, the oldest for ")
                        .contains("GET /users/{}: 3 waiting, the oldest for ")
                        .containsPattern(" builtin-\\d +ready +1/1 +\\S+.* GET /report/\\{} +127.0.0.1")
                        .containsPattern(" queue +waiting +\\S+.* GET /users/\\{} +127.0.0.1");
            } finally {
                Files.writeString(goOn, "");
                open.close();
                await().atMost(SOON).untilAsserted(terpan::assertQuiet);
            }
        }
    }

    private void stick(RunningTerpan terpan) throws IOException {
        await().atMost(SOON).until(() -> terpan.status().readyWorkers() == WORKERS);
        for (int i = 0; i < WORKERS; i++) {
            open.ask(terpan, "/report/" + i);
        }
        await().atMost(SOON).until(() -> terpan.metric("terpan_requests_in_flight") == WORKERS);
        for (int i = 0; i < QUEUE; i++) {
            open.ask(terpan, "/users/" + i);
        }
        await().atMost(SOON).until(() -> terpan.metric("terpan_queue_length") == QUEUE);
        assertThat(terpan.get("/users/9").status()).isEqualTo(503);
    }

    /** What status, top, the dashboard and whoever gathers metrics ask. */
    private static Map<String, Look> looks(RunningTerpan terpan) throws Exception {
        Matcher link = Pattern.compile("http://127\\.0\\.0\\.1:(\\d+)/")
                .matcher(terpan.command("dashboard").out());
        assertThat(link.find()).isTrue();
        InetSocketAddress dashboard =
                new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(link.group(1)));
        String token = Files.readString(terpan.runDirectory().resolve("operators-token"))
                .strip();
        Map<String, Look> looks = new LinkedHashMap<>();
        looks.put("status", () -> terpan.ask("/status.txt"));
        looks.put("top, which reads the status as JSON", () -> terpan.ask("/status"));
        looks.put("metrics", () -> terpan.ask("/metrics"));
        looks.put("the dashboard, until its first picture", () -> {
            try (Connection live = Connection.to(dashboard)) {
                live.send("GET /feed HTTP/1.1\r\nHost: 127.0.0.1:" + dashboard.getPort() + "\r\nAuthorization: Bearer "
                        + token + "\r\n\r\n");
                assertThat(live.readHead().status()).isEqualTo(200);
                assertThat(live.readLine()).startsWith("retry: ");
                return live.readLine();
            }
        });
        return looks;
    }

    /** How long the slowest of some looks took, each of which names both routes. */
    private static Duration slowest(String name, Look look) {
        Duration slowest = Duration.ZERO;
        try {
            for (int i = 0; i < TIMES; i++) {
                long begun = System.nanoTime();
                String answer = look.at();
                Duration took = Duration.ofNanos(System.nanoTime() - begun);
                assertThat(answer).as(name).contains("GET /report/{}").contains("GET /users/{}");
                slowest = took.compareTo(slowest) > 0 ? took : slowest;
            }
        } catch (IOException failed) {
            throw new AssertionError(name, failed);
        }
        System.out.printf("slowest of %d: %s: %d ms%n", TIMES, name, slowest.toMillis());
        return slowest;
    }
}
