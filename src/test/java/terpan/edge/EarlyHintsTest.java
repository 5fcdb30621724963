package terpan.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static terpan.http2.FrameClient.request;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import terpan.config.Settings;
import terpan.loop.PretendWire;

/** What an application says before its answer: who is told, and what. */
final class EarlyHintsTest extends Http2Clients {
    private static final String LINK = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n";
    private static final String HINTED = "HEADERS 1 :status: 103|link: </a.css>; rel=preload";

    @Test
    void aClientOfHttp2IsToldBeforeTheAnswerIsThere() {
        PretendWire client = client(get(1, "/"));
        bench.link(0).peerSends(LINK);
        assertThat(got(client)).containsExactly(HINTED);
        bench.link(0).peerSends(LINK.replace("a.css", "b.js") + OK);
        assertThat(got(client))
                .containsExactly(
                        HINTED.replace("a.css", "b.js"),
                        "HEADERS 1 :status: 200|content-length: 2|" + DATE,
                        "DATA 1 ok end");
    }

    @Test
    void whatAnAnswerMayNotSayIsLeftOut() {
        PretendWire client = client(get(1, "/"));
        bench.link(0)
                .peerSends("HTTP/1.1 103 Early Hints\r\nConnection: x-own\r\nX-Own: 1\r\nKeep-Alive: 5\r\nLink: x\r\n"
                        + "X-Terpan-Took: 5\r\nX-Terpan-Raised: 1 trace\r\n\r\n" + OK);
        assertThat(got(client)).first().isEqualTo("HEADERS 1 :status: 103|link: x");
        assertThat(got).last().isEqualTo("DATA 1 ok end");
    }

    @Test
    void otherInformationalAnswersArePassedOnButThoseThatTheFrontGives() {
        PretendWire client = client(get(1, "/"));
        bench.link(0).peerSends("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + OK);
        assertThat(got(client)).hasSize(3).first().isEqualTo("HEADERS 1 :status: 102");
    }

    @ParameterizedTest
    @CsvSource({
        "OFF, 1.1, false",
        "HTTP2, 1.1, false",
        "ALL, 1.1, true",
        "ALL, 1.0, false",
        "HTTP2, 2, true",
        "OFF, 2, false"
    })
    void whoIsToldIsASetting(Settings.EarlyHints rule, String version, boolean told) {
        limits.earlyHints = rule;
        begin();
        bench.worker(8);
        PretendWire client = version.equals("2")
                ? client(get(1, "/"))
                : bench.client("GET / HTTP/" + version + "\r\nHost: h\r\n\r\n");
        bench.loop.settle();
        bench.link(0).peerSends(LINK);
        bench.loop.settle();
        if (version.equals("2")) {
            assertThat(got(client)).isEqualTo(told ? List.of(HINTED) : List.of());
        } else {
            assertThat(bench.got(client)).isEqualTo(told ? LINK : "");
        }
        bench.link(0).peerSends(OK);
        assertThat(version.equals("2") ? got(client).toString() : bench.got(client))
                .contains("200")
                .doesNotContain("103");
    }

    @Test
    void noMoreThanEightKibibytesArePassedOnAndTheAnswerIsRight() {
        PretendWire client = client(get(1, "/"));
        String large = LINK.replace("a.css", "a".repeat(3000));
        bench.link(0).peerSends(large.repeat(4) + OK);
        assertThat(got(client))
                .filteredOn(word -> word.contains(":status: 103"))
                .hasSize(2);
        assertThat(got).last().isEqualTo("DATA 1 ok end");
    }

    @Test
    void aWorkerThatOnlySaysSoTimeAndAgainIsNonsense() {
        PretendWire client = client(get(1, "/"));
        bench.link(0).peerSends(LINK.repeat(17) + OK);
        assertThat(got(client))
                .filteredOn(word -> word.contains(":status: 103"))
                .hasSize(16);
        assertThat(got).anyMatch(word -> word.contains(":status: 502"));
    }

    @Test
    void aPageFollowsWhereTheWorkerFails() {
        limits.earlyHints = Settings.EarlyHints.ALL;
        begin();
        bench.worker(8);
        PretendWire kept = bench.client("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        bench.loop.settle();
        bench.link(0).peerSends(LINK);
        bench.loop.settle();
        bench.link(0).peerShutsOutput();
        assertThat(bench.got(kept)).startsWith(LINK + "HTTP/1.1 502 ").contains("Content-Length: ");
        bench.send(kept, "GET /next HTTP/1.1\r\nHost: h\r\n\r\n");
        bench.serve(OK);
        assertThat(bench.got(kept)).endsWith("ok");
    }

    @Test
    void theyCountAsAWordOfTheWorkers() {
        limits.answerIdle = Duration.ofSeconds(2);
        begin();
        bench.worker(8);
        PretendWire client = client(get(1, "/"));
        for (int i = 0; i < 3; i++) {
            bench.pass(Duration.ofMillis(1_500));
            bench.link(0).peerSends(LINK);
            bench.loop.settle();
        }
        bench.link(0).peerSends(OK);
        assertThat(got(client)).contains("DATA 1 ok end");
    }

    @Test
    void whoTakesNothingHasNothingOfThemKept() {
        PretendWire client = client(request(1, true, "GET", "/"));
        client.peerTakes(0);
        for (int stream = 3; stream < 17; stream += 2) {
            send(client, get(stream, "/"));
        }
        bench.loop.settle();
        String large = LINK.replace("a.css", "a".repeat(6000));
        for (int i = 0; i < 8; i++) {
            bench.link(i).peerSends(large + OK);
            bench.loop.settle();
        }
        client.peerTakes(Integer.MAX_VALUE);
        bench.loop.settle();
        assertThat(got(client)).filteredOn(word -> word.startsWith("DATA")).hasSize(8);
        assertThat(got).filteredOn(word -> word.contains(":status: 103")).hasSizeBetween(1, 4);
    }
}
