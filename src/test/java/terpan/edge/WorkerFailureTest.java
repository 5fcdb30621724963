package terpan.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import terpan.loop.AcceptQueueFullException;
import terpan.loop.PretendWire;

/** What becomes of a request whose worker fails. */
class WorkerFailureTest {
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
    @ValueSource(
            strings = {
                "nonsense|||||||||||||||",
                "HTTP/1.1 200 OK|Content-Length: 2|Content-Length: 2||ok",
                "HTTP/1.1 200 OK|Content-Length: 2|Transfer-Encoding: chunked||ok",
                "HTTP/1.1 200 OK|A: a\u0001b|Content-Length: 2||ok",
                "HTTP/1.1 200 OK|A : b|Content-Length: 2||ok",
                "HTTP/1.1 101 Switching Protocols|Upgrade: x||",
                "HTTP/1.1 20 OK||",
                "HTTP/2 200 OK||",
            })
    void anAnswerOfTheWrongShapeIsA502AndEndsTheConnection(String answer) {
        PretendWire client = bench.client(GET);
        bench.serve(answer.replace("|", "\r\n"));
        assertThat(bench.got(client)).startsWith("HTTP/1.1 502").doesNotContain("A: ");
        assertThat(bench.link(0).isOpen()).isFalse();
        bench.send(client, GET);
        bench.serve(OK);
        assertThat(bench.got(client)).startsWith("HTTP/1.1 200");
    }

    @Test
    void anAnswersHeadPastAllBoundsIsA502() {
        PretendWire client = bench.client(GET);
        bench.serve("HTTP/1.1 200 OK\r\n" + ("A: " + EdgeBench.bytes(1_000) + "\r\n").repeat(70));
        assertThat(bench.got(client)).startsWith("HTTP/1.1 502");
    }

    @Test
    void anAnswersLargeHeadIsPassedOn() {
        PretendWire client = bench.client(GET);
        String fields = ("A: " + EdgeBench.bytes(1_000) + "\r\n").repeat(60);
        bench.serve("HTTP/1.1 200 OK\r\n" + fields + "Content-Length: 2\r\n\r\nok");
        assertThat(bench.got(client)).contains(fields).endsWith("\r\n\r\nok");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"HTTP/1.1 200 OK|Content-Length: 9||ok", "HTTP/1.1 200 OK|Transfer-Encoding: chunked||2|ok|"})
    void anAnswerBrokenOffCutsTheClient(String begin) {
        for (boolean reset : new boolean[] {true, false}) {
            PretendWire client = bench.client(GET);
            bench.serve(begin.replace("|", "\r\n"));
            if (reset) {
                bench.lastLink().peerResets();
            } else {
                bench.lastLink().peerShutsOutput();
            }
            bench.loop.settle();
            assertThat(client.wasReset()).isTrue();
            assertThat(bench.inFlight()).isZero();
        }
    }

    @Test
    void badChunksAreA502AsLongAsNothingHasLeft() {
        PretendWire client = bench.client(GET);
        bench.serve("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nokxx");
        assertThat(bench.got(client)).startsWith("HTTP/1.1 502 ").doesNotContain("200 OK");
        assertThat(client.isOpen()).isTrue();
    }

    @Test
    void badChunksBehindWhatHasLeftCutTheClient() {
        PretendWire client = bench.client(GET);
        bench.serve("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok");
        bench.lastLink().peerSends("xx");
        bench.loop.settle();
        assertThat(client.wasReset()).isTrue();
    }

    @Test
    void anAnswerThatEndsWithTheStreamIsChunkedForTheClient() {
        PretendWire client = bench.client(GET);
        bench.serve("HTTP/1.0 200 OK\r\n\r\nhel");
        bench.link(0).peerSends("lo");
        bench.loop.settle();
        bench.link(0).peerShutsOutput();
        assertThat(bench.got(client)).endsWith("3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n");
        bench.send(client, GET);
        assertThat(bench.links()).isEqualTo(2);
    }

    @Test
    void anOldClientLearnsTheEndOfSuchAnAnswerByTheClose() {
        PretendWire client = bench.client("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        bench.serve("HTTP/1.0 200 OK\r\n\r\nhello");
        bench.link(0).peerShutsOutput();
        assertThat(bench.got(client)).contains("\r\nConnection: close\r\n").endsWith("\r\n\r\nhello");
        assertThat(client.outputShut()).isTrue();
    }

    @Test
    void aNewConnectionThatClosesIsA502() {
        PretendWire client = bench.client(GET);
        bench.link(0).peerShutsOutput();
        assertThat(bench.got(client)).startsWith("HTTP/1.1 502");
        assertThat(bench.links()).isEqualTo(1);
    }

    @Test
    void aKeptConnectionThatClosesIsTriedOnceMore() {
        PretendWire client = kept();
        bench.send(client, GET);
        bench.link(0).peerShutsOutput();
        bench.loop.settle();
        assertThat(bench.inFlight()).isZero();
        bench.pass(Duration.ofMillis(60));
        assertThat(bench.links()).isEqualTo(2);
        bench.link(1).peerShutsOutput();
        assertThat(bench.got(client)).startsWith("HTTP/1.1 502");
    }

    @Test
    void aRequestThatMayHaveAnEffectIsNotTriedAgain() {
        PretendWire client = kept();
        bench.send(client, POST);
        bench.link(0).peerShutsOutput();
        assertThat(bench.got(client)).startsWith("HTTP/1.1 502");
    }

    @Test
    void aRequestThatItsWorkerDiedWithIsNotTriedOnAnother() {
        PretendWire client = kept();
        bench.worker(1);
        bench.send(client, GET);
        bench.link(0).peerShutsOutput();
        bench.loop.settle();
        bench.gone(place);
        bench.pass(Duration.ofMillis(60));
        assertThat(bench.got(client)).startsWith("HTTP/1.1 502").contains("died");
        assertThat(bench.links()).isEqualTo(1);
    }

    @Test
    void aClientThatLeavesBeforeTheRetryLeavesNothing() {
        PretendWire client = kept();
        bench.send(client, GET);
        bench.link(0).peerShutsOutput();
        bench.loop.settle();
        client.peerResets();
        bench.pass(Duration.ofMillis(100));
        assertThat(bench.links()).isEqualTo(1);
    }

    @Test
    void aByteBeforeTheCloseForbidsARetry() {
        for (String begin : new String[] {"H", "HTTP/1.1 103 Early Hints\r\n\r\n"}) {
            PretendWire client = bench.client(GET);
            bench.serve(OK);
            bench.got(client);
            bench.send(client, GET);
            bench.lastLink().peerSends(begin);
            bench.loop.settle();
            bench.lastLink().peerShutsOutput();
            assertThat(bench.got(client)).startsWith("HTTP/1.1 502");
        }
    }

    @Test
    void refusedConnectsAreTriedTenTimesFiftyMillisecondsApart() {
        AtomicInteger connects = new AtomicInteger();
        bench.loop.connectFails(address -> {
            connects.incrementAndGet();
            return new IOException("Connection refused");
        });
        PretendWire client = bench.client(POST);
        bench.pass(Duration.ofMillis(49));
        assertThat(connects).hasValueBetween(1, 2);
        bench.pass(Duration.ofSeconds(2));
        assertThat(connects).hasValue(11);
        assertThat(bench.got(client)).startsWith("HTTP/1.1 502").contains("No connection");
    }

    @Test
    void aConnectThatTakesTooLongIsTriedElsewhere() {
        bench.loop.connectsHang(true);
        PretendWire client = bench.client(POST);
        PretendWire hangs = bench.link(0);
        bench.pass(EdgeBench.CONNECT_TIMEOUT.minusMillis(100));
        assertThat(hangs.isOpen()).isTrue();
        bench.loop.connectsHang(false);
        bench.pass(Duration.ofMillis(200));
        assertThat(hangs.isOpen()).isFalse();
        bench.serve(OK);
        assertThat(bench.got(client)).startsWith("HTTP/1.1 200");
        assertThat(bench.served.getFirst()).endsWith("\r\n\r\nab");
        bench.pass(EdgeBench.CONNECT_TIMEOUT.multipliedBy(2));
        assertThat(bench.inFlight()).isZero();
    }

    @Test
    void aClientThatLeavesWhileItsConnectHangsLeavesNothing() {
        bench.loop.connectsHang(true);
        PretendWire client = bench.client(GET);
        client.peerResets();
        bench.loop.settle();
        assertThat(bench.link(0).isOpen()).isFalse();
        assertThat(bench.inFlight()).isZero();
    }

    @Test
    void aConnectThatSucceedsLaterServesTheRequest() {
        bench.loop.connectFails(address -> new IOException("No such file or directory"));
        PretendWire client = bench.client(POST);
        bench.loop.connectFails(address -> null);
        bench.pass(Duration.ofMillis(60));
        bench.serve(OK);
        assertThat(bench.got(client)).startsWith("HTTP/1.1 200");
        assertThat(bench.served.getFirst()).endsWith("\r\n\r\nab");
    }

    @Test
    void aFullAcceptQueueIsTriedThreeTimesInQuickSuccession() {
        AtomicInteger connects = new AtomicInteger();
        bench.loop.connectFails(address -> {
            connects.incrementAndGet();
            return new AcceptQueueFullException("Die Ressource ist zur Zeit nicht verfügbar");
        });
        PretendWire client = bench.client(GET);
        assertThat(connects).hasValue(1);
        bench.pass(Duration.ofMillis(30));
        assertThat(connects).hasValueBetween(2, 3);
        client.peerResets();
        bench.loop.settle();
        int before = connects.get();
        bench.pass(Duration.ofMillis(300));
        assertThat(connects).hasValue(before);
    }
}
