package terpan.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static terpan.http2.FrameClient.data;
import static terpan.http2.FrameClient.head;
import static terpan.http2.FrameClient.reset;
import static terpan.http2.FrameClient.window;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import terpan.http.WebSocketHandshake;
import terpan.loop.BufferPool;
import terpan.loop.PretendWire;

/** WebSocket in a stream of HTTP/2: an extended CONNECT is the worker's handshake, and DATA are its bytes. */
class Http2TunnelTest extends Http2Clients {
    private static final Pattern KEY = Pattern.compile("sec-websocket-key: (\\S+)\r\n");

    private static byte[] connect(int stream, String protocol, String... fields) {
        List<String> all = new ArrayList<>(List.of(
                ":method: CONNECT", ":protocol: " + protocol, ":scheme: http", ":path: /chat?room=1", ":authority: h"));
        all.addAll(List.of(fields));
        return head(stream, false, all);
    }

    private static byte[] connect(int stream) {
        return connect(stream, "websocket", "sec-websocket-version: 13", "sec-websocket-protocol: chat");
    }

    /** The worker takes the handshake that it was sent. */
    private static void accept(PretendWire worker, String behind) {
        String handshake = worker.sent();
        Matcher key = KEY.matcher(handshake);
        assertThat(key.find()).as(handshake).isTrue();
        worker.peerSends("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: "
                + new String(WebSocketHandshake.accept(key.group(1).getBytes(US_ASCII)), US_ASCII)
                + "\r\nSec-WebSocket-Protocol: chat\r\n\r\n" + behind);
    }

    private PretendWire open() {
        PretendWire client = client(connect(1));
        accept(bench.lastLink(), "");
        assertThat(got(client)).contains("HEADERS 1 :status: 200|sec-websocket-protocol: chat");
        return client;
    }

    @Test
    void anExtendedConnectIsTheWorkersHandshake() {
        PretendWire client = client(connect(1));
        PretendWire worker = bench.lastLink();
        bench.loop.settle();
        String handshake = worker.sent();
        assertThat(handshake)
                .startsWith("GET /chat?room=1 HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n")
                .contains("sec-websocket-version: 13\r\n", "sec-websocket-protocol: chat\r\n")
                .containsOnlyOnce("sec-websocket-key: ")
                .doesNotContain("Content-Length", "Transfer-Encoding", "CONNECT");
        client.peerResets();
    }

    @Test
    void dataAreTheBytesBothWays() {
        PretendWire client = open();
        PretendWire worker = bench.lastLink();
        send(client, data(1, false, "ping"));
        assertThat(worker.sent()).isEqualTo("ping");
        bench.send(worker, "pong");
        assertThat(got(client)).contains("DATA 1 pong");
        assertThat(bench.inFlight()).isZero();
        send(client, get(3, "/"));
        bench.serve(OK);
        assertThat(got(client)).as("requests beside it").contains("DATA 3 ok end");
    }

    /** Any 2xx to a CONNECT would be taken for a tunnel, and the page for its bytes. */
    @Test
    void aWorkerThatAnswersWithAPageIsNoTunnel() {
        for (String answer : List.of(
                "200 OK\r\nContent-Length: 4\r\n\r\npage",
                "204 No Content\r\n\r\n",
                "200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npage\r\n")) {
            PretendWire client = client(connect(1));
            bench.lastLink().peerSends("HTTP/1.1 " + answer);
            String told = String.join(" ", got(client));
            assertThat(told).contains("HEADERS 1 :status: 502").doesNotContain(":status: 20");
            client.peerResets();
            bench.lastLink().peerResets();
            bench.loop.settle();
        }
        PretendWire client = client(connect(1));
        bench.lastLink().peerSends("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnone");
        assertThat(String.join(" ", got(client))).contains("HEADERS 1 :status: 404", "none");
    }

    @Test
    void muchThatCameBeforeTheAnswerReachesTheWorkerWholeWithItsEnd() {
        String piece = "x".repeat(15_000);
        PretendWire client = client(connect(1), data(1, false, piece), data(1, false, piece), data(1, true, piece));
        PretendWire worker = bench.lastLink();
        accept(worker, "");
        bench.loop.settle();
        assertThat(worker.sent()).hasSize(3 * piece.length());
        assertThat(got(client)).isNotEmpty();
    }

    @Test
    void whoDoesNotTakeTheLastBytesKeepsNoStream() {
        PretendWire client = open();
        bench.send(bench.lastLink(), "x".repeat(100_000));
        send(client, data(1, true, ""));
        bench.pass(Duration.ofSeconds(31));
        bench.pass(Duration.ofSeconds(61));
        assertThat(bench.metrics.tunnelsOpen()).isZero();
        send(client, get(3, "/"));
        bench.serve(OK);
        assertThat(String.join(" ", got(client))).contains("RST 1 ");
    }

    @Test
    void whatComesBeforeTheAnswerIsNotLost() {
        PretendWire client = client(connect(1), data(1, false, "early"));
        PretendWire worker = bench.lastLink();
        accept(worker, "hello");
        assertThat(got(client)).contains("DATA 1 hello");
        assertThat(worker.sent()).isEqualTo("early");
    }

    @Test
    void aClientsOwnKeyIsNotPassedOn() {
        client(connect(1, "websocket", "sec-websocket-version: 13", "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ=="));
        assertThat(bench.lastLink().sent())
                .containsOnlyOnce("sec-websocket-key: ")
                .doesNotContain("dGhlIHNhbXBsZSBub25jZQ==");
    }

    @Test
    void otherProtocolsAndVersionsAreRefused() {
        PretendWire client = client(
                connect(1, "connect-udp"),
                connect(3, "websocket"),
                connect(5, "websocket", "sec-websocket-version: 8"));
        assertThat(got(client))
                .anyMatch(word -> word.startsWith("HEADERS 1 :status: 501"))
                .anyMatch(
                        word -> word.startsWith("HEADERS 3 :status: 400") && word.contains("sec-websocket-version: 13"))
                .anyMatch(word -> word.startsWith("HEADERS 5 :status: 400"));
        assertThat(bench.links()).isZero();
    }

    @Test
    void anyOtherAnswerIsOneLikeAnyOther() {
        PretendWire client = client(connect(1), data(1, false, "early"));
        bench.serve("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
        assertThat(got(client))
                .anyMatch(word -> word.startsWith("HEADERS 1 :status: 403"))
                .contains("DATA 1 no end");
    }

    @Test
    void aClientWhoseWindowIsShutStopsItsWorkerAndLosesNothing() {
        PretendWire client = waiting(connect(1));
        PretendWire worker = bench.lastLink();
        accept(worker, "");
        bench.loop.settle();
        String much = EdgeBench.bytes(5 * BufferPool.BYTES);
        bench.send(worker, much);
        assertThat(worker.isReading()).isFalse();
        assertThat(bench.bounds.memory().held()).isLessThan(5 * BufferPool.BYTES);
        send(client, window(1, 1 << 20), window(0, 1 << 20));
        assertThat(bodyOf(got(client))).isEqualTo(much);
        assertThat(worker.isReading()).isTrue();
    }

    private static String bodyOf(List<String> words) {
        StringBuilder body = new StringBuilder();
        for (String word : words) {
            if (word.startsWith("DATA 1 ")) {
                body.append(word.substring("DATA 1 ".length()));
            }
        }
        return body.toString();
    }

    @Test
    void aWorkerThatTakesNothingGetsItsClientNoMoreWindow() {
        PretendWire client = open();
        PretendWire worker = bench.lastLink();
        worker.peerTakes(10);
        String piece = EdgeBench.bytes(10_000);
        send(client, data(1, false, piece), data(1, false, piece), data(1, false, piece));
        assertThat(bench.bounds.memory().held()).isLessThan(6 * BufferPool.BYTES);
        String got = worker.sent();
        worker.peerTakes(Integer.MAX_VALUE);
        bench.loop.settle();
        assertThat(got + worker.sent()).isEqualTo(piece + piece + piece);
        send(client, data(1, false, piece), data(1, false, piece), data(1, false, piece), data(1, false, piece));
        assertThat(worker.sent()).as("behind a window that was given back").hasSize(4 * piece.length());
    }

    @Test
    void whenTheWorkerEndsTheStreamDoes() {
        PretendWire client = open();
        PretendWire worker = bench.lastLink();
        bench.send(worker, "bye");
        worker.peerShutsOutput();
        bench.loop.settle();
        assertThat(String.join(" ", got(client))).contains("DATA 1 bye").contains("end");
        assertThat(bench.metrics.tunnelsOpen()).isZero();
        assertThat(client.isOpen()).isTrue();
    }

    @Test
    void whenTheClientEndsItsSideTheWorkerIsToldAndMayStillSend() {
        PretendWire client = open();
        PretendWire worker = bench.lastLink();
        send(client, data(1, true, "last"));
        assertThat(worker.sent()).isEqualTo("last");
        assertThat(worker.outputShut()).isTrue();
        bench.send(worker, "bye");
        worker.peerShutsOutput();
        bench.loop.settle();
        assertThat(String.join(" ", got(client))).contains("DATA 1 bye").contains("end");
    }

    @Test
    void aStreamThatIsResetEndsTheWorkersConnection() {
        PretendWire client = open();
        send(client, reset(1));
        assertThat(bench.lastLink().isOpen()).isFalse();
        assertThat(bench.metrics.tunnelsOpen()).isZero();
        assertThat(client.isOpen()).isTrue();
    }

    @Test
    void trailersThatAreTooLargeEndItWhereverItIs() {
        byte[] trailers = head(1, true, List.of("x: " + "a".repeat(9_000)));
        PretendWire client = open();
        send(client, trailers);
        assertThat(bench.lastLink().isOpen()).isFalse();
        assertThat(bench.metrics.tunnelsOpen()).isZero();
        PretendWire other = client(connect(1));
        bench.loop.settle();
        send(other, trailers);
        assertThat(String.join(" ", got(other))).contains("HEADERS 1 :status: 431");
        bench.lastLink().peerResets();
        bench.loop.settle();
        assertThat(bench.inFlight()).isZero();
    }

    @Test
    void aConnectionThatIsGoneEndsItsTunnels() {
        PretendWire client = client(connect(1), connect(3));
        bench.loop.settle();
        accept(bench.link(0), "");
        accept(bench.link(1), "");
        bench.loop.settle();
        assertThat(bench.metrics.tunnelsOpen()).isEqualTo(2);
        client.peerResets();
        bench.loop.settle();
        assertThat(bench.metrics.tunnelsOpen()).isZero();
        assertThat(bench.link(0).isOpen() || bench.link(1).isOpen()).isFalse();
    }

    @Test
    void nothingForTooLongEndsItAndNotItsConnection() {
        limits.tunnelIdle = Duration.ofMinutes(5);
        begin();
        bench.worker(8);
        PretendWire client = open();
        bench.pass(Duration.ofMinutes(4));
        bench.send(bench.lastLink(), "x");
        bench.pass(Duration.ofMinutes(4));
        assertThat(bench.lastLink().isOpen()).isTrue();
        bench.pass(Duration.ofSeconds(62));
        assertThat(bench.lastLink().isOpen()).isFalse();
        assertThat(String.join(" ", got(client))).contains("end");
        send(client, get(3, "/"));
        bench.serve(OK);
        assertThat(got(client)).contains("DATA 3 ok end");
    }

    @Test
    void whatAClientDoesNotTakeEndsItAfterAWhile() {
        limits.sendIdle = Duration.ofSeconds(20);
        begin();
        bench.worker(8);
        PretendWire client = waiting(connect(1));
        PretendWire worker = bench.lastLink();
        accept(worker, "");
        bench.loop.settle();
        bench.send(worker, EdgeBench.bytes(3 * BufferPool.BYTES));
        bench.pass(Duration.ofSeconds(22));
        assertThat(worker.isOpen()).isFalse();
        assertThat(got(client)).contains("RST 1 CANCEL");
    }

    @Test
    void whenTerpanStopsTunnelsHaveTheirTime() {
        PretendWire client = open();
        AtomicInteger empty = new AtomicInteger();
        bench.edge.stop(empty::incrementAndGet);
        bench.pass(Duration.ofSeconds(9));
        send(client, data(1, false, "x"));
        assertThat(bench.lastLink().sent()).isEqualTo("x");
        bench.pass(Duration.ofSeconds(5));
        assertThat(bench.lastLink().isOpen()).isFalse();
        assertThat(got(client)).contains("DATA 1 \u0088\u0002\u0003\u00e9 end");
        assertThat(empty).hasValue(1);
    }

    @Test
    void whoWaitsNoLongerCutsNoRequestByThem() {
        open();
        bench.edge.stop(() -> {});
        assertThat(bench.edge.stopWaiting()).isZero();
    }

    @Test
    void aWorkerThatIsGoneEndsTheStream() {
        PretendWire client = open();
        bench.lastLink().peerResets();
        bench.loop.settle();
        assertThat(String.join(" ", got(client))).contains("end");
    }
}
