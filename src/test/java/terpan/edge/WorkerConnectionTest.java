package terpan.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import terpan.link.LinkLimits;
import terpan.loop.PretendWire;

/** When a connection to a worker is kept, and for how long; what a server does not take. */
class WorkerConnectionTest {
    private static final String GET = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String POST = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private final EdgeBench bench = new EdgeBench();
    private final EdgeBench.Place place = bench.worker(1);

    @AfterEach
    void nothingIsHeld() {
        bench.close();
    }

    private PretendWire kept() {
        PretendWire client = bench.client(GET);
        bench.serve(OK);
        bench.got(client);
        assertThat(bench.links()).isEqualTo(1);
        return client;
    }

    @ParameterizedTest
    @CsvSource({
        "GET, 'HTTP/1.1 200 OK|Content-Length: 2||ok', true",
        "GET, 'HTTP/1.1 200 OK|Content-Length: 2||okx', false",
        "GET, 'HTTP/1.1 200 OK|Content-Length: 2|Connection: close||ok', false",
        "GET, 'HTTP/1.0 200 OK|Content-Length: 2||ok', false",
        "HEAD, 'HTTP/1.1 200 OK|Content-Length: 2||', false",
        "GET, 'HTTP/1.1 204 No Content||', false",
        "GET, 'HTTP/1.1 204 No Content||body', false",
        "GET, 'HTTP/1.1 304 Not Modified|Content-Length: 5||', false",
    })
    void aConnectionIsKeptOnlyWhenNothingWasOdd(String method, String answer, boolean kept) {
        PretendWire client = bench.client(GET.replace("GET", method));
        bench.serve(answer.replace("|", "\r\n"));
        assertThat(bench.got(client)).startsWith("HTTP/1.1 ").doesNotContain("body");
        assertThat(bench.link(0).isOpen()).isEqualTo(kept);
    }

    @Test
    void afterALargeBodyAConnectionIsNotUsedAgainForItsServerMayCloseIt() {
        for (int length : new int[] {65_536, 65_537}) {
            bench.client("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + length + "\r\n\r\n" + "b".repeat(length));
            bench.serve(OK);
            assertThat(bench.link(bench.links() - 1).isOpen()).isEqualTo(length == 65_536);
        }
    }

    @Test
    void aByteOnAnIdleConnectionEndsIt() {
        PretendWire client = kept();
        bench.link(0).peerSends("HTTP/1.1 200 OK\r\n\r\n");
        bench.loop.settle();
        assertThat(bench.link(0).isOpen()).isFalse();
        bench.send(client, GET);
        bench.serve(OK);
        assertThat(bench.got(client)).startsWith("HTTP/1.1 200").endsWith("ok");
    }

    @Test
    void anIdleConnectionIsClosedBelowTheServersOwnIdleTime() {
        kept();
        bench.pass(Duration.ofSeconds(4));
        assertThat(bench.link(0).isOpen()).isTrue();
        bench.pass(Duration.ofSeconds(1));
        assertThat(bench.link(0).isOpen()).isFalse();
    }

    @Test
    void aServerThatKeepsNothingGetsAConnectionARequest() {
        bench.gone(place);
        bench.worker(1, new LinkLimits(Duration.ZERO, 64 * 1024, 100, false, () -> EdgeBench.CONNECT_TIMEOUT));
        PretendWire client = bench.client(GET + GET);
        bench.serve(OK);
        assertThat(bench.links()).isEqualTo(2);
        assertThat(bench.served.getFirst()).doesNotContain("X-Terpan-Origin");
        assertThat(bench.got(client)).endsWith("ok");
    }

    @Test
    void whatCanNotBeSentTwiceGetsANewConnectionWhereKeptOnesAreLostAndTheyBecomeNoMoreByIt() {
        bench.gone(place);
        bench.worker(
                1,
                new LinkLimits(
                        Duration.ofSeconds(5),
                        64 * 1024,
                        100,
                        true,
                        () -> EdgeBench.CONNECT_TIMEOUT,
                        false,
                        false,
                        true,
                        true,
                        ""));
        String put = POST.replace("POST", "PUT");
        int made = 0;
        for (String request : new String[] {GET, POST, GET, put, POST.replace("POST", "PURGE"), GET, POST}) {
            made += request.startsWith("PO") || request.startsWith("PUR") || made == 0 ? 1 : 0;
            PretendWire client = bench.client(request);
            bench.serve(OK);
            assertThat(bench.got(client)).startsWith("HTTP/1.1 200");
            assertThat(bench.links()).as(request).isEqualTo(made);
            for (int number = 0; number < made; number++) {
                assertThat(bench.link(number).isOpen()).isEqualTo(number == made - 1);
            }
        }
    }

    @Test
    void aWorkerThatOthersCanReachKnowsTheFrontByItsSecret() {
        bench.gone(place);
        bench.worker(
                1,
                new LinkLimits(
                        Duration.ofSeconds(5),
                        64 * 1024,
                        100,
                        true,
                        () -> EdgeBench.CONNECT_TIMEOUT,
                        false,
                        false,
                        false,
                        true,
                        "abc"));
        bench.client("GET / HTTP/1.1\r\nHost: h\r\nX-Terpan-Secret: theirs\r\n\r\n");
        bench.serve(OK);
        assertThat(bench.served.getFirst())
                .containsOnlyOnce("X-Terpan-Secret: abc\r\n")
                .doesNotContain("theirs");
    }

    @Test
    void whatTheWorkerSaysThatARequestTookStaysBetweenUs() {
        PretendWire client = bench.client(GET);
        bench.serve(OK.replace("\r\n\r\n", "\r\nX-Terpan-Took: 20\r\n\r\n"));
        assertThat(bench.got(client)).startsWith("HTTP/1.1 200").endsWith("ok").doesNotContainIgnoringCase("terpan");
    }

    @Test
    void aHeadThatTheServerDoesNotTakeIsA431ThatNamesTheLimit() {
        bench.gone(place);
        bench.worker(1, new LinkLimits(Duration.ofSeconds(5), 1_000, 10, true, () -> EdgeBench.CONNECT_TIMEOUT));
        PretendWire large = bench.client("GET /" + EdgeBench.bytes(950) + " HTTP/1.1\r\nHost: h\r\n\r\n");
        assertThat(bench.got(large)).startsWith("HTTP/1.1 431").contains("1000");
        PretendWire many = bench.client(
                "GET / HTTP/1.1\r\nHost: h\r\nA:1\r\nB:1\r\nC:1\r\nD:1\r\nE:1\r\nF:1\r\nG:1\r\nI:1\r\n\r\n");
        assertThat(bench.got(many)).startsWith("HTTP/1.1 431").contains("10.");
        bench.send(many, GET);
        bench.serve(OK);
        assertThat(bench.got(many)).startsWith("HTTP/1.1 200");
    }

    @Test
    void anEarlyAnswerIsPassedOnAndItsConnectionNotUsedAgain() {
        String body = EdgeBench.bytes(200_000);
        bench.loop.connectFails(address -> null);
        PretendWire client =
                bench.client(POST.replace("Length: 2", "Length: 200000").replace("ab", ""));
        PretendWire[] link = new PretendWire[1];
        client.peerSends(body);
        bench.loop.turn();
        bench.loop.turn();
        while (bench.links() == 0) {
            bench.loop.turn();
        }
        link[0] = bench.link(0);
        link[0].peerTakes(1_000);
        bench.loop.settle();
        link[0].peerSends("HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n");
        assertThat(bench.got(client)).startsWith("HTTP/1.1 413 No").contains("Content-Length: 0");
        assertThat(link[0].isOpen()).isFalse();
        bench.send(client, GET);
        bench.serve(OK);
        assertThat(bench.got(client)).startsWith("HTTP/1.1 200");
    }

    @Test
    void aWorkerThatEndsFailsWhatItHoldsAndServesNoMore() {
        PretendWire first = bench.client(GET);
        PretendWire second = bench.client(GET);
        bench.gone(place);
        assertThat(bench.got(first)).startsWith("HTTP/1.1 502");
        bench.worker(1);
        bench.serve(OK);
        assertThat(bench.got(second)).startsWith("HTTP/1.1 200");
    }
}
