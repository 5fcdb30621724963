package terpan.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import terpan.loop.PretendWire;

/** What a client may not do, and how long it may take for what it may. */
class ClientLimitsTest {
    private static final String GET = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String POST = "POST /a HTTP/1.1\r\nHost: h\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private final EdgeLimits limits = new EdgeLimits();
    private EdgeBench bench = new EdgeBench();

    private void bench() {
        bench.close();
        bench = new EdgeBench(limits);
        bench.worker(1);
    }

    @AfterEach
    void nothingIsHeld() {
        bench.close();
    }

    @ParameterizedTest
    @CsvSource({
        "'GET / HTTP/1.1||', 400",
        "'GET / HTTP/1.1|Host: h|A : b||', 400",
        "'GET / HTTP/2.0|Host: h||', 505",
        "'POST / HTTP/1.1|Host: h|Content-Length: 9999999999||', 413",
        "'POST / HTTP/1.1|Host: h|Content-Length: 1|Transfer-Encoding: chunked||', 400",
        "'POST / HTTP/1.1|Host: h|Expect: x||', 417",
        "'POST / HTTP/1.1|Host: h|Transfer-Encoding: chunked||g|', 400",
        "'POST / HTTP/1.1|Host: h|Transfer-Encoding: chunked||ffffffff|', 413",
    })
    void aRefusedRequestIsAnsweredOnceAndReachesNoWorker(String lines, int status) {
        bench();
        PretendWire client = bench.client(lines.replace("|", "\r\n") + GET);
        assertThat(bench.got(client))
                .startsWith("HTTP/1.1 " + status)
                .containsOnlyOnce("Date: ")
                .contains("\r\nConnection: close\r\n", "\r\nX-Request-Id: ");
        assertThat(bench.links()).isZero();
        assertThat(client.outputShut()).isTrue();
        client.peerShutsOutput();
        bench.loop.turn();
        assertThat(client.isOpen()).isFalse();
    }

    @Test
    void aHeadLargerThanAllowedIsRefusedWhereverItIsCut() {
        limits.headMost = 20_000;
        for (int piece : new int[] {1_000, 16_384, 30_000}) {
            bench();
            String head = "GET / HTTP/1.1\r\nHost: h\r\n" + ("A: " + EdgeBench.bytes(4_000) + "\r\n").repeat(6);
            PretendWire client = bench.client();
            for (int at = 0; at < head.length(); at += piece) {
                bench.send(client, head.substring(at, Math.min(head.length(), at + piece)));
            }
            assertThat(bench.got(client)).startsWith("HTTP/1.1 431");
        }
    }

    @Test
    void aHeadThatNeedsALargerBufferIsForwardedWithItsBody() {
        bench();
        String fields = ("A: " + EdgeBench.bytes(4_000) + "\r\n").repeat(7);
        PretendWire client = bench.client(GET + POST + fields + "Content-Length: 5\r\n\r\nhel");
        bench.serve(OK);
        bench.send(client, "lo" + GET);
        bench.serve(OK);
        assertThat(bench.served).hasSize(3);
        assertThat(bench.served.get(1)).endsWith("Content-Length: 5\r\n\r\nhello");
        assertThat(bench.got(client)).endsWith("ok");
    }

    @ParameterizedTest
    @CsvSource({"16384, 0", "16384, 1", "20000, 0", "20000, 1", "32768, 0", "32768, 1"})
    void anEmptyLineInFrontTakesNoRoomFromAHead(int most, int more) {
        limits.headMost = most;
        bench();
        String fields =
                GET.substring(0, GET.length() - 2) + ("A: " + EdgeBench.bytes(4_000) + "\r\n").repeat(most / 4_010);
        String head = fields + "B: " + EdgeBench.bytes(most + more - fields.length() - 7) + "\r\n\r\n";
        PretendWire client = bench.client("\r\n" + head);
        bench.serve(OK);
        assertThat(head).hasSize(most + more);
        assertThat(bench.got(client)).startsWith(more == 0 ? "HTTP/1.1 200" : "HTTP/1.1 431");
    }

    @ParameterizedTest
    @CsvSource({"1", "1022", "1023", "1024", "1025", "3000"})
    void anEmptyLineInFrontOfASlowHeadIsNoTrouble(int size) {
        bench();
        PretendWire client = bench.client("\r\n");
        bench.pass(Duration.ofSeconds(2));
        bench.send(client, GET.substring(0, GET.length() - 2) + "A: " + EdgeBench.bytes(size) + "\r\n\r\n");
        bench.serve(OK);
        assertThat(bench.got(client)).startsWith("HTTP/1.1 200");
    }

    @Test
    void anEmptyLineBehindABodyIsNotAnswered() {
        bench();
        PretendWire client = bench.client(POST + "Content-Length: 2\r\n\r\nhi\r\n");
        bench.serve(OK);
        assertThat(bench.got(client)).endsWith("ok");
        bench.pass(Duration.ofSeconds(31));
        assertThat(bench.got(client)).isEmpty();
        assertThat(client.outputShut()).isTrue();
        bench.pass(Duration.ofSeconds(3));
        assertThat(client.isOpen()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"16384", "16383", "12289", "12288", "16000", "8000"})
    void aHeadThatEndsAnywhereInTheBufferIsFollowedByItsBody(int headLength) {
        bench();
        String begin = POST + "Content-Length: 9000\r\n";
        int rest = headLength - begin.length() - 2;
        StringBuilder head = new StringBuilder(begin);
        while (rest > 5_000) {
            head.append("A: ").append(EdgeBench.bytes(4_000)).append("\r\n");
            rest -= 4_005;
        }
        head.append("B: ").append(EdgeBench.bytes(rest - 5)).append("\r\n\r\n");
        assertThat(head).hasSize(headLength);
        String body = EdgeBench.bytes(9_000);
        PretendWire client = bench.client(head.toString());
        bench.send(client, body.substring(0, 4_000));
        bench.send(client, body.substring(4_000) + GET);
        bench.serve(OK);
        assertThat(bench.served.getFirst()).endsWith("\r\n\r\n" + body);
        assertThat(bench.served).hasSize(2);
    }

    @Test
    void aSlowHeadIsAnsweredWith408() {
        bench();
        PretendWire client = bench.client("GET / HT");
        bench.pass(Duration.ofSeconds(20));
        bench.send(client, "TP/1.1\r\nHost: h\r\n");
        assertThat(bench.got(client)).isEmpty();
        bench.pass(Duration.ofSeconds(11));
        assertThat(bench.got(client)).startsWith("HTTP/1.1 408").contains("head");
        bench.pass(Duration.ofSeconds(3));
        assertThat(client.isOpen()).isFalse();
    }

    @Test
    void aBodyWithAPauseIsAnsweredWith408() {
        bench();
        PretendWire client = bench.client(POST + "Content-Length: 100000\r\n\r\n" + EdgeBench.bytes(60_000));
        bench.pass(Duration.ofSeconds(29));
        assertThat(bench.got(client)).isEmpty();
        bench.pass(Duration.ofSeconds(2));
        assertThat(bench.got(client)).startsWith("HTTP/1.1 408").contains("body");
    }

    @Test
    void aBodyThatTricklesIsAnsweredWith408() {
        bench();
        PretendWire client = bench.client(POST + "Content-Length: 100000\r\n\r\n");
        for (int second = 0; second < 9; second++) {
            assertThat(bench.got(client)).isEmpty();
            bench.send(client, EdgeBench.bytes(500));
            bench.pass(Duration.ofSeconds(1));
        }
        bench.pass(Duration.ofSeconds(2));
        assertThat(bench.got(client)).startsWith("HTTP/1.1 408");
    }

    @Test
    void anIdleConnectionIsClosedWithoutAWord() {
        bench();
        PretendWire silent = bench.client();
        bench.pass(Duration.ofSeconds(31));
        assertThat(silent.outputShut()).isTrue();
        PretendWire kept = bench.client(GET);
        bench.serve(OK);
        bench.got(kept);
        bench.pass(Duration.ofSeconds(64));
        assertThat(kept.outputShut()).isFalse();
        bench.pass(Duration.ofSeconds(2));
        assertThat(kept.outputShut()).isTrue();
        assertThat(silent.sent() + kept.sent()).isEmpty();
    }

    @Test
    void continueIsSaidOnlyToAClientThatWaits() {
        bench();
        String head = POST + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n";
        PretendWire waits = bench.client(head);
        assertThat(bench.got(waits)).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
        bench.send(waits, "ab");
        bench.serve(OK);
        assertThat(bench.got(waits)).startsWith("HTTP/1.1 200 OK");
        PretendWire hasSent = bench.client(head + "a");
        assertThat(bench.got(hasSent)).isEmpty();
        PretendWire large = bench.client(head.replace("Length: 2", "Length: 9999999999"));
        assertThat(bench.got(large)).startsWith("HTTP/1.1 413");
    }

    @ParameterizedTest
    @CsvSource({
        "'',true",
        "'GET / HT',true",
        "'POST / HTTP/1.1|Host: h|Content-Length: 3||ab',true",
        "'GET / HTTP/1.1|Host: h||',false",
        "'GET / HTTP/1.1|Host: h||GET',false",
        "'GET / HTTP/1.1|Host: h||POST / HTTP/1.1|Host: h|Content-Length: 3||ab',false",
    })
    void aHalfCloseEndsWhatIsNotWholeAndLeavesWhatIs(String lines, boolean closedAtOnce) {
        bench();
        PretendWire client = bench.client(lines.replace("|", "\r\n"));
        client.peerShutsOutput();
        bench.loop.settle();
        assertThat(client.isOpen()).isNotEqualTo(closedAtOnce);
        bench.serve(OK);
        assertThat(bench.got(client)).hasSize(closedAtOnce ? 0 : 77);
        assertThat(client.isOpen()).isFalse();
    }

    @Test
    void aHalfCloseInLineIsTakenAsGoneAndTheRequestIsNotRun() {
        bench();
        PretendWire first = bench.client(GET);
        PretendWire waits = bench.client(POST + "Content-Length: 2\r\n\r\nhi");
        waits.peerShutsOutput();
        bench.loop.settle();
        assertThat(waits.isOpen()).isFalse();
        bench.serve(OK);
        assertThat(bench.got(first)).endsWith("ok");
        assertThat(bench.served).hasSize(1);
    }

    @Test
    void aHalfCloseIsTakenAsGoneWhenSoConfigured() {
        limits.abortOnHalfClose = true;
        bench();
        PretendWire client = bench.client(GET);
        client.peerShutsOutput();
        bench.loop.settle();
        assertThat(client.isOpen()).isFalse();
    }

    @Test
    void bytesBehindARequestStopTheReadingUntilTheirTurn() {
        bench();
        String many = GET.repeat(3_000);
        PretendWire client = bench.client(many);
        assertThat(client.isReading()).isFalse();
        bench.serve(OK);
        assertThat(bench.served).hasSize(3_000);
        assertThat(client.isReading()).isTrue();
    }

    @Test
    void aClientThatResetsInAnyPhaseLeavesNothingBehind() {
        String[] begins = {"", "GET", POST + "Content-Length: 90000\r\n\r\nab", GET, GET + GET};
        for (String begin : begins) {
            bench();
            PretendWire client = bench.client(begin);
            client.peerResets();
            bench.loop.settle();
            assertThat(client.isOpen()).isFalse();
            assertThat(bench.edge.connections()).isZero();
        }
    }
}
