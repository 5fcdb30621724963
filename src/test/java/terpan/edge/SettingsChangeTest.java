package terpan.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import terpan.config.Settings;
import terpan.loop.PretendWire;

/** Settings that change while requests run: each request is judged by those that were there when its first byte came. */
class SettingsChangeTest {
    private static final String GET = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String POST =
            "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n" + EdgeBench.bytes(100);
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private final EdgeLimits before = new EdgeLimits();
    private final EdgeLimits after = new EdgeLimits();
    private EdgeBench bench = new EdgeBench();

    private void bench() {
        bench.close();
        bench = new EdgeBench(before);
        bench.worker(1);
    }

    @AfterEach
    void nothingIsHeld() {
        bench.close();
    }

    private static Settings.Forwarding via(String name) {
        return new Settings.Forwarding(List.of(), Settings.Believed.AUTO, false, Optional.of(name));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 30, 60, 120})
    void aRequestThatHasBegunIsJudgedByTheSettingsOfItsFirstByte(int sentBefore) {
        after.bodyMost = 10;
        bench();
        PretendWire client = bench.client(POST.substring(0, sentBefore));
        bench.change(after);
        bench.send(client, POST.substring(sentBefore));
        bench.serve(OK);
        assertThat(bench.got(client)).startsWith("HTTP/1.1 200");
        bench.send(client, POST);
        assertThat(bench.got(client)).startsWith("HTTP/1.1 413");
    }

    @Test
    void whoIsBelievedChangesOnAConnectionThatIsKept() {
        after.trustedProxies = List.of("192.0.2.7");
        String forwarded = "GET /a HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 198.51.100.9\r\n\r\n";
        bench();
        PretendWire client = bench.client(forwarded);
        bench.serve(OK);
        bench.send(client, forwarded.substring(0, 20));
        bench.change(after);
        bench.send(client, forwarded.substring(20));
        bench.serve(OK);
        bench.send(client, forwarded);
        bench.serve(OK);
        assertThat(bench.served.get(0)).contains("X-Terpan-Origin: 192.0.2.7 ");
        assertThat(bench.served.get(1)).contains("X-Terpan-Origin: 192.0.2.7 ");
        assertThat(bench.served.get(2)).contains("X-Terpan-Origin: 198.51.100.9 ");
    }

    @Test
    void anAnswerThatIsAwaitedHasTheTimeThatItBeganWith() {
        after.answerIdle = Duration.ofSeconds(1);
        bench();
        PretendWire client = bench.client(GET);
        bench.change(after);
        bench.pass(Duration.ofSeconds(20));
        bench.serve(OK);
        assertThat(bench.got(client)).startsWith("HTTP/1.1 200");
        bench.send(client, GET);
        bench.pass(Duration.ofSeconds(2));
        assertThat(bench.got(client)).startsWith("HTTP/1.1 504");
    }

    @Test
    void aHeadThatComesSlowlyHasTheTimeThatItBeganWith() {
        before.headTimeout = Duration.ofSeconds(10);
        after.headTimeout = Duration.ofSeconds(2);
        bench();
        PretendWire slow = bench.client(GET.substring(0, 10));
        bench.change(after);
        PretendWire late = bench.client(GET.substring(0, 10));
        bench.pass(Duration.ofSeconds(5));
        assertThat(bench.got(late)).startsWith("HTTP/1.1 408");
        bench.send(slow, GET.substring(10));
        bench.serve(OK);
        assertThat(bench.got(slow)).startsWith("HTTP/1.1 200");
    }

    @Test
    void aHeadThatComesSlowlyIsForWhoHasItsRouteWhenItIsWhole() {
        bench();
        bench.mount(before, before, "h");
        PretendWire slow = bench.client(GET.substring(0, 10));
        bench.mount(before, before, "other");
        bench.send(slow, GET.substring(10));
        assertThat(bench.got(slow)).startsWith("HTTP/1.1 421");
    }

    /** Under the first settings a body is too large and answers say nothing of Via; under the second it fits and all say it. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void noRequestIsJudgedByTwoStatesOfTheSettings(long seed) {
        Random random = new Random(seed);
        before.bodyMost = 10;
        after.forwarding = via("second");
        bench();
        boolean second = false;
        for (int i = 0; i < 40; i++) {
            boolean begunUnderSecond = second;
            PretendWire client = bench.client(POST.substring(0, 1));
            int sent = 1;
            while (sent < POST.length()) {
                if (random.nextBoolean()) {
                    second = !second;
                    bench.change(second ? after : before);
                }
                int to = Math.min(POST.length(), sent + 1 + random.nextInt(POST.length() / 2));
                bench.send(client, POST.substring(sent, to));
                sent = to;
            }
            bench.change(second ? before : after);
            bench.serve(OK);
            bench.change(second ? after : before);
            String answer = bench.got(client);
            if (begunUnderSecond) {
                assertThat(answer)
                        .as("request %s", i)
                        .startsWith("HTTP/1.1 200")
                        .contains("Via: 1.1 second\r\n");
                assertThat(bench.served.getLast()).contains("Via: 1.1 second\r\n");
            } else {
                assertThat(answer)
                        .as("request %s", i)
                        .startsWith("HTTP/1.1 413")
                        .doesNotContain("Via:");
            }
        }
    }
}
