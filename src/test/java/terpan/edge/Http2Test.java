package terpan.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static terpan.http2.FrameClient.all;
import static terpan.http2.FrameClient.data;
import static terpan.http2.FrameClient.hello;
import static terpan.http2.FrameClient.request;
import static terpan.http2.FrameClient.reset;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import terpan.edge.http1.ClientConnection;
import terpan.edge.http2.Http2Protocol;
import terpan.edge.http2.PriorKnowledge;
import terpan.http2.FrameClient;
import terpan.loop.PretendWire;

/** Clients that speak HTTP/2 behind the edge: many exchanges on one connection, each by the rules of any. */
class Http2Test extends Http2Clients {
    @Test
    void aRequestIsAnswered() {
        PretendWire client = client(get(1, "/a?q"));
        bench.serve(OK);
        assertThat(bench.served)
                .containsExactly(
                        "GET /a?q HTTP/1.1\r\nHost: h\r\nX-Terpan-Origin: 192.0.2.7 40000 http 192.0.2.1 8000 fph2\r\n\r\n");
        assertThat(got(client)).containsExactly("HEADERS 1 :status: 200|content-length: 2|" + DATE, "DATA 1 ok end");
        assertThat(bench.metrics.requests(2)).isEqualTo(1);
        send(client, get(3, "/b"));
        bench.serve(OK);
        assertThat(got(client)).endsWith("DATA 3 ok end");
    }

    @Test
    void anyCutOfWhatTheClientSendsIsGood() {
        byte[] bytes =
                all(hello(), request(1, false, "POST", "/p", "content-length: 5"), data(1, true, "hello"), get(3, "/"));
        for (int cut = 1; cut < bytes.length; cut++) {
            begin();
            bench.worker(8);
            PretendWire client = bench.client(
                    new InetSocketAddress("192.0.2.7", 40_000),
                    new InetSocketAddress("192.0.2.1", 8000),
                    new PriorKnowledge(new Http2Protocol(1), ClientConnection::new));
            send(client, java.util.Arrays.copyOf(bytes, cut));
            send(client, java.util.Arrays.copyOfRange(bytes, cut, bytes.length));
            bench.serve(OK);
            assertThat(got(client)).as("cut at %d", cut).contains("DATA 1 ok end", "DATA 3 ok end");
            assertThat(bench.served.stream().sorted().toList().getLast()).endsWith("Content-Length: 5\r\n\r\nhello");
        }
    }

    @Test
    void whoSpeaksHttp1WherePriorKnowledgeIsTakenIsServed() {
        for (int cut = 1; cut < 20; cut++) {
            begin();
            bench.worker(1);
            PretendWire client = bench.client(
                    new InetSocketAddress("192.0.2.7", 40_000),
                    new InetSocketAddress("192.0.2.1", 8000),
                    new PriorKnowledge(new Http2Protocol(1), ClientConnection::new));
            String text = "PRINT / HTTP/1.1\r\nHost: h\r\n\r\n";
            bench.send(client, text.substring(0, cut));
            bench.send(client, text.substring(cut));
            bench.serve(OK);
            assertThat(bench.got(client)).startsWith("HTTP/1.1 200 OK").endsWith("ok");
            assertThat(bench.edge.connections()).isEqualTo(1);
            assertThat(bench.metrics.http2Open()).isZero();
        }
    }

    @Test
    void manyRequestsAreUnderWayAtOnceAndTheQuickerIsFirst() {
        PretendWire client = client(get(1, "/slow"), get(3, "/quick"));
        bench.loop.settle();
        assertThat(bench.inFlight()).isEqualTo(2);
        assertThat(bench.metrics.http2Open()).isOne();
        bench.link(1).peerSends(OK);
        assertThat(got(client)).contains("DATA 3 ok end").noneMatch(word -> word.contains(" 1 "));
        bench.link(0).peerSends(OK);
        assertThat(got(client)).contains("DATA 1 ok end");
    }

    @Test
    void anAnswerToHeadAndOneWithoutBodyEndWithTheirHead() {
        PretendWire client = client(request(1, true, "HEAD", "/"), get(3, "/"));
        bench.serve(text -> text.startsWith("HEAD")
                ? "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"
                : "HTTP/1.1 204 No Content\r\n\r\n");
        assertThat(got(client))
                .containsExactlyInAnyOrder(
                        "HEADERS 1 :status: 200|content-length: 7|" + DATE + " end",
                        "HEADERS 3 :status: 204|" + DATE + " end");
    }

    @Test
    void aBodyWithoutALengthGoesToTheWorkerWithOne() {
        client(request(1, false, "POST", "/"), data(1, false, "hel"), data(1, false, ""), data(1, true, "lo"));
        bench.serve(OK);
        assertThat(bench.served.getFirst()).endsWith("Content-Length: 5\r\n\r\nhello");
    }

    @Test
    void trailersOfARequestAreDropped() {
        client(request(1, false, "POST", "/"), data(1, false, "hello"), FrameClient.head(1, true, List.of("x-sum: 1")));
        bench.serve(OK);
        assertThat(bench.served.getFirst()).doesNotContain("x-sum").endsWith("\r\n\r\nhello");
    }

    @Test
    void aBodyThatIsExpectedIsAskedFor() {
        PretendWire client = client(request(1, false, "POST", "/", "content-length: 5", "expect: 100-continue"));
        assertThat(got(client)).containsExactly("HEADERS 1 :status: 100");
        send(client, data(1, true, "hello"));
        bench.serve(OK);
        assertThat(got(client)).contains("DATA 1 ok end");
    }

    @Test
    void aLargeBodyIsTakenInAsWindowsAllowAndGoesOnWhole() {
        PretendWire client = client(request(1, false, "POST", "/", "content-length: 1000000"));
        String body = EdgeBench.bytes(1_000_000);
        int sent = 0;
        int room = 64 * 1024;
        while (sent < body.length()) {
            int count = Math.min(Math.min(room, 16_000), body.length() - sent);
            assertThat(count).as("window after %d bytes", sent).isPositive();
            send(client, data(1, sent + count == body.length(), body.substring(sent, sent + count)));
            sent += count;
            room -= count;
            for (String word : got(client)) {
                room += word.startsWith("WINDOW 1 ") ? Integer.parseInt(word.substring(9)) : 0;
            }
        }
        bench.serve(OK);
        assertThat(bench.served.getFirst()).endsWith("\r\n\r\n" + body);
        assertThat(got(client)).contains("DATA 1 ok end");
    }

    @Test
    void aRouteThatStreamsHasItsBodyAsItComesAndNoMoreThanTheWorkerTakes() {
        limits.stream = List.of("/upload");
        begin();
        bench.worker(8);
        PretendWire client = client(request(1, false, "POST", "/upload", "content-length: 900000"));
        bench.link(0).peerTakes(100_000);
        String body = EdgeBench.bytes(900_000);
        int sent = 0;
        int room = 64 * 1024;
        while (room > 0 && sent < body.length()) {
            int count = Math.min(room, Math.min(16_000, body.length() - sent));
            send(client, data(1, sent + count == body.length(), body.substring(sent, sent + count)));
            sent += count;
            room -= count;
            for (String word : got(client)) {
                room += word.startsWith("WINDOW 1 ") ? Integer.parseInt(word.substring(9)) : 0;
            }
        }
        assertThat(bench.link(0).sent()).contains("Content-Length: 900000\r\n").contains(body.substring(0, 90_000));
        bench.link(0).peerSends("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno");
        assertThat(got(client)).contains("DATA 1 no end");
    }

    @Test
    void badTrailersBehindAPageThatWaitsAreDropped() {
        limits.stream = List.of("/upload");
        limits.spoolMemory = 4 * 1024;
        limits.answerSpoolMost = 1;
        begin();
        bench.worker(8);
        PretendWire client = bench.client(
                new InetSocketAddress("192.0.2.7", 40_000), new InetSocketAddress("192.0.2.1", 8000), http2);
        send(client, hello(0), request(3, false, "POST", "/upload", "content-length: 500000"));
        bench.link(bench.links() - 1).peerTakes(0);
        for (int i = 0; i < 4; i++) {
            send(client, data(3, false, EdgeBench.bytes(16_000)));
        }
        bench.pass(Duration.ofSeconds(64));
        assertThat(got(client)).anyMatch(word -> word.startsWith("HEADERS 3 :status: 504|"));
        send(client, FrameClient.head(3, true, List.of("x: a\u0001b")), get(5, "/"));
        assertThat(client.wasReset()).isFalse();
    }

    @Test
    void aClientThatLeavesAStreamedBodyLeavesItsWorker() {
        limits.stream = List.of("/upload");
        begin();
        bench.worker(8);
        PretendWire client = client(request(1, false, "POST", "/upload", "content-length: 100"), data(1, false, "abc"));
        bench.loop.settle();
        assertThat(bench.link(0).sent()).endsWith("\r\n\r\nabc");
        send(client, reset(1), get(3, "/"));
        bench.loop.settle();
        assertThat(bench.link(0).outputShut()).isTrue();
        bench.link(0).peerShutsOutput();
        bench.link(1).peerSends(OK);
        assertThat(got(client)).contains("DATA 3 ok end");
        assertThat(bench.inFlight()).isZero();
    }

    @Test
    void aPageStandsInThePlaceOfAnAnswer() {
        PretendWire client = client(request(1, false, "POST", "/", "content-length: 2000000000"), get(3, "/"));
        bench.serve(OK);
        assertThat(got(client))
                .anyMatch(word -> word.startsWith("HEADERS 1 :status: 413|content-type: text/plain"))
                .anyMatch(word -> word.startsWith("DATA 1 413 ") && word.endsWith(" end"))
                .contains("DATA 3 ok end");
        bench.pass(Duration.ofSeconds(1));
        assertThat(got(client)).containsExactly("RST 1 NO_ERROR");
        bench.gone(bench.worker(1));
    }

    @Test
    void aTargetOfHttpsIsMisdirectedWithoutTls() {
        PretendWire client = client(
                FrameClient.head(1, true, List.of(":method: GET", ":scheme: https", ":authority: h", ":path: /")));
        assertThat(got(client)).anyMatch(word -> word.startsWith("HEADERS 1 :status: 421|"));
    }

    @Test
    void aRedirectLeadsToHttps() {
        limits.redirectPort = OptionalInt.of(443);
        begin();
        PretendWire client = client(get(1, "/a"));
        assertThat(got(client))
                .anyMatch(
                        word -> word.startsWith("HEADERS 1 :status: 308|") && word.contains("|location: https://h/a|"));
    }

    @Test
    void whatHttp2ForbidsEndsItsStreamAlone() {
        PretendWire client = client(request(1, true, "GET", "/", "Upper: x"), get(3, "/"));
        bench.serve(OK);
        assertThat(got(client)).contains("RST 1 PROTOCOL_ERROR", "DATA 3 ok end");
    }

    // A client that leaves

    @Test
    void aResetTakesTheRequestOutOfTheQueue() {
        limits.queueSize = 10;
        begin();
        bench.worker(1);
        PretendWire client = client(get(1, "/"), get(3, "/waits"));
        assertThat(bench.snapshot().waiting()).isEqualTo(1);
        send(client, reset(3));
        assertThat(bench.snapshot().waiting()).isZero();
        bench.serve(OK);
        assertThat(got(client)).contains("DATA 1 ok end").noneMatch(word -> word.contains(" 3 "));
        assertThat(bench.served).hasSize(1);
        send(client, get(5, "/"));
        bench.serve(OK);
        assertThat(got(client)).contains("DATA 5 ok end");
    }

    @Test
    void aResetWithinAnAnswerEndsThatAloneAndLetsTheWorkerGo() {
        PretendWire client = client(get(1, "/"), get(3, "/"));
        bench.loop.settle();
        bench.link(0).peerSends("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        assertThat(got(client)).contains("DATA 1 half");
        send(client, reset(1));
        bench.link(0).peerShutsOutput();
        bench.link(1).peerSends(OK);
        assertThat(got(client)).contains("DATA 3 ok end");
        assertThat(bench.inFlight()).isZero();
        assertThat(bench.metrics.requests(2)).isEqualTo(2);
    }

    @Test
    void aClientThatLeavesTakesAllItsRequestsAlong() {
        PretendWire client = client(get(1, "/"), get(3, "/"), request(5, false, "POST", "/"), data(5, false, "abc"));
        client.peerShutsOutput();
        bench.loop.settle();
        assertThat(bench.edge.connections()).isZero();
        assertThat(bench.metrics.http2Open()).isZero();
        assertThat(bench.metrics.requests(0)).isEqualTo(3);
    }

    @Test
    void anAnswerThatBreaksOffIsReset() {
        PretendWire client = client(get(1, "/"));
        bench.loop.settle();
        bench.link(0).peerSends("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        got(client);
        bench.link(0).peerResets();
        assertThat(got(client)).containsExactly("RST 1 INTERNAL_ERROR");
    }

    @Test
    void rapidResetsCostTheConnection() {
        PretendWire client = client();
        for (int stream = 1; stream < 1_000 && client.isOpen(); stream += 2) {
            send(client, get(stream, "/"), reset(stream));
        }
        assertThat(got(client)).last().asString().startsWith("GOAWAY ").endsWith(" ENHANCE_YOUR_CALM");
        assertThat(bench.snapshot().waiting()).isZero();
        client.peerShutsOutput();
        bench.loop.settle();
        assertThat(bench.edge.connections()).isZero();
    }
}
