package terpan.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import terpan.link.LinkLimits;
import terpan.loop.BufferPool;
import terpan.loop.PretendWire;

/** WebSocket through the front: the handshake, then bytes both ways within bounds, then every end there is. */
class TunnelTest extends TunnelClients {
    @Test
    void aHandshakeReachesTheWorkerAndItsAnswerTheClientAndThenBytesPassBothWays() {
        PretendWire client = bench.client(HANDSHAKE);
        PretendWire worker = bench.lastLink();
        assertThat(worker.sent())
                .contains("Connection: Upgrade\r\n", "Upgrade: websocket\r\n")
                .contains("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "Sec-WebSocket-Protocol: chat\r\n")
                .doesNotContain("keep-alive");
        bench.send(worker, SWITCHED);
        assertThat(bench.got(client))
                .startsWith("HTTP/1.1 101 Switching Protocols\r\n")
                .contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", "Sec-WebSocket-Protocol: chat\r\n")
                .contains("Connection: Upgrade\r\nUpgrade: websocket\r\n")
                .doesNotContain("Content-Length", "Transfer-Encoding", "Connection: close");
        bench.send(client, "ping");
        assertThat(worker.sent()).isEqualTo("ping");
        bench.send(worker, "pong");
        assertThat(bench.got(client)).isEqualTo("pong");
    }

    @Test
    void aTunnelHoldsNoPlaceOfRequestsNorAConnectionOfThemNorABuffer() {
        PretendWire first = open();
        PretendWire second = open();
        assertThat(bench.inFlight()).isZero();
        PretendWire client = bench.client(GET);
        bench.serve(OK);
        assertThat(bench.got(client)).endsWith("ok");
        assertThat(bench.links()).isEqualTo(3);
        client.peerResets();
        bench.loop.settle();
        assertThat(bench.bounds.memory().held()).as("bytes of two idle tunnels").isLessThan(2048);
        assertThat(first.isOpen() && second.isOpen()).isTrue();
    }

    @Test
    void whatCameBehindTheHeadsIsNotLost() {
        PretendWire client = bench.client(HANDSHAKE + "early");
        PretendWire worker = bench.lastLink();
        bench.send(worker, SWITCHED + "hello");
        assertThat(bench.got(client)).endsWith("\r\n\r\nhello");
        assertThat(worker.sent()).endsWith("\r\n\r\nearly");
    }

    @ParameterizedTest
    @CsvSource({
        "Sec-WebSocket-Version: 13, Sec-WebSocket-Version: 8, 426",
        "Sec-WebSocket-Version: 13, X: y, 426",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==, X: y, 400",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==, Sec-WebSocket-Key: c2hvcnQ=, 400",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==, Sec-WebSocket-Key: !!!!IHNhbXBsZSBub25jZQ==, 400",
        "'keep-alive, Upgrade', keep-alive, 400",
        "HTTP/1.1, HTTP/1.0, 400",
    })
    void aBadHandshakeIsAnsweredHereAndItsConnectionGoesOn(String good, String bad, int status) {
        PretendWire client = bench.client(HANDSHAKE.replace(good, bad));
        String answer = bench.got(client);
        assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
        assertThat(answer.contains("Sec-WebSocket-Version: 13\r\n")).isEqualTo(status == 426);
        assertThat(answer.contains("Upgrade: websocket\r\n")).isEqualTo(status == 426);
        assertThat(bench.links()).isZero();
        if (!bad.equals("HTTP/1.0")) {
            bench.send(client, GET);
            bench.serve(OK);
            assertThat(bench.got(client)).endsWith("ok");
        }
    }

    @Test
    void aHandshakeWithABodyIsBad() {
        PretendWire client = bench.client(HANDSHAKE.replace("\r\n\r\n", "\r\nContent-Length: 3\r\n\r\nabc"));
        assertThat(bench.got(client)).startsWith("HTTP/1.1 400 ");
    }

    @Test
    void otherUpgradesAreLeftOut() {
        PretendWire client = bench.client(HANDSHAKE.replace("Upgrade: websocket", "Upgrade: h2c"));
        bench.serve(OK);
        assertThat(bench.got(client)).endsWith("ok");
        assertThat(bench.served.getFirst()).doesNotContain("h2c");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Upgrade: websocket=Upgrade: other",
                "Connection: Upgrade=Connection: close",
                "s3pPLMBiTxaQ9kYGzzhZRbK+xOo==t3pPLMBiTxaQ9kYGzzhZRbK+xOo="
            })
    void aWorkerThatSwitchesWronglyIsNotBelieved(String change) {
        int at = change.indexOf("=", change.startsWith("s3") ? change.indexOf("==") : 0);
        String good = change.substring(0, change.startsWith("s3") ? at + 1 : at);
        String bad = change.substring(good.length() + 1);
        PretendWire client = bench.client(HANDSHAKE);
        bench.send(bench.lastLink(), SWITCHED.replace(good, bad));
        assertThat(bench.got(client)).startsWith("HTTP/1.1 502 ");
        assertThat(bench.lastLink().isOpen()).isFalse();
    }

    @Test
    void anyOtherAnswerIsOneLikeAnyOther() {
        PretendWire client = bench.client(HANDSHAKE);
        bench.serve("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
        assertThat(bench.got(client)).startsWith("HTTP/1.1 403 Forbidden\r\n").endsWith("no");
        bench.send(client, GET);
        bench.serve(OK);
        assertThat(bench.got(client)).endsWith("ok");
    }

    @Test
    void aServerThatCanNotGetsNoHandshake() {
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
                        false,
                        ""));
        PretendWire client = bench.client(HANDSHAKE);
        assertThat(bench.got(client)).startsWith("HTTP/1.1 501 ").contains("does not speak WebSocket");
        assertThat(bench.links()).isZero();
        assertThat(bench.inFlight()).isZero();
    }

    @Test
    void aClientThatTakesNothingStopsItsWorkerAndLosesNothing() {
        PretendWire client = open();
        PretendWire worker = bench.lastLink();
        String much = EdgeBench.bytes(5 * BufferPool.BYTES);
        client.peerTakes(100);
        bench.send(worker, much);
        assertThat(worker.isReading()).isFalse();
        assertThat(bench.bounds.memory().held()).isLessThan(2 * BufferPool.BYTES);
        String got = bench.got(client);
        client.peerTakes(Integer.MAX_VALUE);
        assertThat(got + bench.got(client)).isEqualTo(much);
        assertThat(worker.isReading()).isTrue();
    }

    @Test
    void aWorkerThatTakesNothingStopsItsClientAndLosesNothing() {
        PretendWire client = open();
        PretendWire worker = bench.lastLink();
        String much = EdgeBench.bytes(5 * BufferPool.BYTES);
        worker.peerTakes(100);
        bench.send(client, much);
        assertThat(client.isReading()).isFalse();
        assertThat(bench.bounds.memory().held()).isLessThan(2 * BufferPool.BYTES);
        String got = worker.sent();
        worker.peerTakes(Integer.MAX_VALUE);
        bench.loop.settle();
        assertThat(got + worker.sent()).isEqualTo(much);
        assertThat(client.isReading()).isTrue();
    }

    @Test
    void anEndThatKeepsWhatItIsGivenIsNotGivenMoreBeforeItIsTaken() {
        PretendWire client = open();
        PretendWire worker = bench.lastLink();
        client.keepsWhatPeerDoesNotTake();
        client.peerTakes(0);
        String much = EdgeBench.bytes(5 * BufferPool.BYTES);
        bench.send(worker, much);
        assertThat(worker.isReading()).isFalse();
        String got = bench.got(client);
        assertThat(got.length()).isLessThan(2 * BufferPool.BYTES);
        client.peerTakes(Integer.MAX_VALUE);
        assertThat(got + bench.got(client)).isEqualTo(much);
    }

    @Test
    void whenTheWorkerEndsTheClientGetsAllThatCameBefore() {
        PretendWire client = open();
        PretendWire worker = bench.lastLink();
        client.peerTakes(2);
        worker.peerSends("goodbye");
        worker.peerShutsOutput();
        bench.loop.settle();
        assertThat(client.outputShut()).isFalse();
        client.peerTakes(Integer.MAX_VALUE);
        assertThat(bench.got(client)).isEqualTo("goodbye");
        assertThat(client.outputShut()).isTrue();
        assertThat(client.wasReset()).isFalse();
        assertThat(worker.isOpen()).isFalse();
    }

    @Test
    void whenTheClientEndsItsSideTheWorkerIsToldAndMayStillSend() {
        PretendWire client = open();
        PretendWire worker = bench.lastLink();
        bench.send(client, "last");
        client.peerShutsOutput();
        bench.loop.settle();
        assertThat(worker.sent()).isEqualTo("last");
        assertThat(worker.outputShut()).isTrue();
        bench.send(worker, "bye");
        assertThat(bench.got(client)).isEqualTo("bye");
        worker.peerShutsOutput();
        bench.loop.settle();
        assertThat(client.isOpen()).isFalse();
    }

    @Test
    void aWorkerThatDoesNotEndAfterItsClientIsWaitedForForAWhile() {
        PretendWire client = open();
        client.peerShutsOutput();
        bench.loop.settle();
        bench.pass(Duration.ofSeconds(29));
        assertThat(bench.lastLink().isOpen()).isTrue();
        bench.pass(Duration.ofSeconds(2));
        assertThat(bench.lastLink().isOpen()).isFalse();
    }

    @Test
    void aClientThatIsGoneEndsTheWorkersConnection() {
        PretendWire client = open();
        client.peerResets();
        bench.loop.settle();
        assertThat(bench.lastLink().isOpen()).isFalse();
        assertThat(bench.metrics.tunnelsOpen()).isZero();
    }

    @Test
    void aWorkerThatIsGoneEndsItsTunnels() {
        PretendWire client = open();
        assertThat(bench.metrics.tunnelsOpen()).isEqualTo(1);
        bench.gone(place);
        assertThat(client.outputShut()).isTrue();
        assertThat(bench.metrics.tunnelsOpen()).isZero();
    }

    @Test
    void nothingForTooLongEndsItAndAnyByteCounts() {
        limits.tunnelIdle = Duration.ofMinutes(5);
        again();
        PretendWire client = open();
        bench.pass(Duration.ofMinutes(4));
        bench.send(client, "x");
        bench.pass(Duration.ofMinutes(4));
        bench.send(bench.lastLink(), "y");
        bench.pass(Duration.ofMinutes(4));
        assertThat(client.outputShut()).isFalse();
        bench.pass(Duration.ofSeconds(61));
        assertThat(client.outputShut()).isTrue();
        assertThat(bench.lastLink().isOpen()).isFalse();
    }

    @Test
    void zeroIsForEver() {
        limits.tunnelIdle = Duration.ZERO;
        again();
        PretendWire client = open();
        bench.pass(Duration.ofDays(2));
        bench.send(client, "x");
        assertThat(bench.lastLink().sent()).isEqualTo("x");
    }

    @Test
    void whatWaitsForAClientThatTakesNothingIsNotHeldForLong() {
        limits.sendIdle = Duration.ofSeconds(20);
        again();
        PretendWire client = open();
        client.peerTakes(3);
        bench.send(bench.lastLink(), "abcdef");
        bench.pass(Duration.ofSeconds(19));
        assertThat(bench.lastLink().isOpen()).isTrue();
        bench.pass(Duration.ofSeconds(2));
        assertThat(bench.lastLink().isOpen()).isFalse();
    }

    @Test
    void whatWaitsForAWorkerThatTakesNothingIsNotHeldForEverThoughItSends() {
        limits.tunnelIdle = Duration.ofMinutes(5);
        again();
        PretendWire client = open();
        PretendWire worker = bench.lastLink();
        worker.peerTakes(3);
        bench.send(client, "abcdef");
        for (int minute = 0; minute < 4; minute++) {
            bench.pass(Duration.ofMinutes(1));
            bench.send(worker, "x");
        }
        assertThat(worker.isOpen()).isTrue();
        bench.pass(Duration.ofSeconds(61));
        assertThat(worker.isOpen()).isFalse();
        assertThat(client.outputShut()).isTrue();
        assertThat(bench.metrics.tunnelsOpen()).isZero();
    }

    @Test
    void thereAreNoMoreTunnelsThanTheApplicationMayHave() {
        limits.tunnels = 2;
        again();
        PretendWire first = open();
        open();
        PretendWire third = bench.client(HANDSHAKE);
        assertThat(bench.got(third)).startsWith("HTTP/1.1 503 ").contains("Retry-After: 1\r\n");
        first.peerResets();
        bench.loop.settle();
        open();
    }

    @Test
    void thereAreNoMoreTunnelsThanAnAddressMayHave() {
        limits.tunnelsPerAddress = 1;
        again();
        PretendWire first = open();
        PretendWire second = bench.client(HANDSHAKE);
        assertThat(bench.got(second)).startsWith("HTTP/1.1 429 ");
        PretendWire other =
                bench.client(new InetSocketAddress("192.0.2.9", 40_000), new InetSocketAddress("192.0.2.1", 8000));
        bench.send(other, HANDSHAKE);
        bench.send(bench.lastLink(), SWITCHED);
        assertThat(bench.got(other)).startsWith("HTTP/1.1 101 ");
        first.peerResets();
        bench.loop.settle();
        open();
    }

    @Test
    void aHandshakeThatFailsGivesItsPlaceBack() {
        limits.tunnels = 1;
        again();
        bench.client(HANDSHAKE);
        bench.serve("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        PretendWire second = bench.client(HANDSHAKE);
        second.peerResets();
        bench.loop.settle();
        bench.lastLink().peerResets();
        bench.loop.settle();
        open();
    }
}
