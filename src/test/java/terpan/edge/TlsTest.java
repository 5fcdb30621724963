package terpan.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import terpan.edge.TlsBench.Speaker;
import terpan.http.RequestCases;
import terpan.http.RequestCases.Case;
import terpan.loop.PretendWire;
import terpan.metrics.Handshake;
import terpan.tls.TlsPeer;

/** TLS in front of HTTP/1, without sockets: handshakes, records however they come, and every way to end. */
class TlsTest {
    private static final String GET = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private final EdgeLimits limits = new EdgeLimits();
    private TlsBench tls = new TlsBench(limits);
    private EdgeBench bench = tls.bench;

    private void bench() {
        tls.close();
        tls = new TlsBench(limits);
        bench = tls.bench;
    }

    @AfterEach
    void nothingIsHeld() {
        tls.close();
    }

    private void assertEnded(Handshake how) {
        for (Handshake each : Handshake.values()) {
            assertThat(bench.metrics.handshakes(each)).as(each.label()).isEqualTo(each == how ? 1 : 0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void aRequestIsAnsweredAndItsWorkerIsToldOfHttps(String version) {
        bench.worker(1);
        Speaker client = tls.client(version);
        assertThat(client.peer().version()).isEqualTo(version);
        tls.send(client, GET);
        bench.serve(OK);
        assertThat(tls.got(client)).startsWith("HTTP/1.1 200 OK\r\n").endsWith("\r\n\r\nok");
        assertThat(bench.served.getFirst()).contains("X-Terpan-Origin: 192.0.2.7 40000 https 192.0.2.1 443 ");
        assertThat(client.wire().isOpen()).isTrue();
        assertEnded(Handshake.DONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void handshakeAndRequestMayComeByteByByte(String version) throws SSLException {
        bench.worker(1);
        TlsPeer peer = new TlsPeer(version);
        PretendWire wire = bench.client(tls.tls);
        byte[] out = peer.begins();
        while (out.length > 0) {
            byByte(wire, out);
            peer.receives(wire.sentBytes());
            out = peer.sends();
        }
        assertThat(peer.isOpen()).isTrue();
        byByte(wire, peer.sends(GET));
        bench.serve(OK);
        assertThat(tls.got(new Speaker(peer, wire))).endsWith("\r\n\r\nok");
    }

    private void byByte(PretendWire wire, byte[] bytes) {
        for (byte each : bytes) {
            wire.peerSends(new byte[] {each});
            bench.loop.settle();
        }
    }

    @Test
    void aTargetOfHttpsIsItsOwn() {
        bench.worker(1);
        Speaker client = tls.client();
        tls.send(client, "GET https://shop.example/a HTTP/1.1\r\nHost: shop.example\r\n\r\n");
        bench.serve(OK);
        assertThat(tls.got(client)).startsWith("HTTP/1.1 200 OK");
    }

    static List<Case> cases() {
        return RequestCases.all().stream()
                .filter(example -> !example.bytes().contains(" https://"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyCaseOfTheTablesIsAnsweredAsWithoutTlsHoweverItsRecordsAreCut(Case example) {
        limits.bodyMost = 1 << 20;
        bench();
        bench.worker(1);
        String bytes = example.bytes();
        PretendWire plain = bench.client(bytes);
        bench.serve(OK);
        String expected = comparable(bench.got(plain));
        boolean ends = plain.outputShut();
        plain.peerResets();
        bench.loop.settle();
        for (int piece : new int[] {bytes.length(), 1 + bytes.length() / 2, 1 + bytes.length() / 20}) {
            Speaker client = tls.client();
            for (int at = 0; at < bytes.length() && client.wire().isOpen(); at += piece) {
                tls.send(client, bytes.substring(at, Math.min(bytes.length(), at + piece)));
                bench.serve(OK);
            }
            assertThat(comparable(tls.got(client))).as("in pieces of %d", piece).isEqualTo(expected);
            assertThat(client.peer().ended()).isEqualTo(ends);
            client.wire().peerResets();
            bench.loop.settle();
        }
    }

    private static String comparable(String answered) {
        String answer = answered.replace("HTTP/1.1 100 Continue\r\n\r\n", "");
        return answer.replaceAll("[0-9a-f]{9,}-[0-9a-f]+", "ID")
                .replaceAll("Content-Length: [0-9]+", "Content-Length: N");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aHandshakeThatIsCutAtAnyByteLeavesNothing(boolean byReset) throws SSLException {
        int first = new TlsPeer("TLSv1.3").begins().length;
        for (int cut = 0; cut < first; cut++) {
            Speaker client = new Speaker(new TlsPeer("TLSv1.3"), bench.client(tls.tls));
            client.wire().peerSends(Arrays.copyOf(client.peer().begins(), cut));
            bench.loop.settle();
            leaves(client.wire(), byReset);
        }
        int second = 0;
        for (int cut = 0; cut <= second; cut++) {
            Speaker client = tls.begins("TLSv1.3");
            bench.loop.settle();
            client.peer().receives(client.wire().sentBytes());
            byte[] finished = client.peer().sends();
            second = finished.length - 1;
            client.wire().peerSends(Arrays.copyOf(finished, cut));
            bench.loop.settle();
            leaves(client.wire(), byReset);
        }
        assertThat(bench.metrics.handshakes(Handshake.LEFT)).isEqualTo(first + second + 1L);
    }

    private void leaves(PretendWire wire, boolean byReset) {
        if (byReset) {
            wire.peerResets();
        } else {
            wire.peerShutsOutput();
        }
        bench.loop.settle();
        assertThat(wire.isOpen()).isFalse();
        assertThat(bench.bounds.memory().held()).isZero();
    }

    @Test
    void aRequestWhoseRecordsAreCutAtAnyByteIsNotRun() {
        bench.worker(1);
        String post = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
        int length = tls.client().peer().sends(post).length;
        for (int cut = 0; cut < length; cut++) {
            Speaker client = tls.client();
            client.wire().peerSends(Arrays.copyOf(client.peer().sends(post), cut));
            bench.loop.settle();
            client.wire().peerShutsOutput();
            bench.serve(OK);
            assertThat(client.wire().isOpen()).isFalse();
        }
        assertThat(bench.served).isEmpty();
    }

    @Test
    void afterCloseNotifyTheRequestBeforeItIsAnswered() {
        bench.worker(1);
        Speaker client = tls.client("TLSv1.3");
        client.wire().peerSends(client.peer().sends(GET));
        client.wire().peerSends(client.peer().closes());
        bench.loop.settle();
        bench.serve(OK);
        assertThat(tls.got(client)).endsWith("\r\n\r\nok");
        assertThat(client.peer().ended()).isTrue();
        assertThat(client.wire().isOpen()).isFalse();
    }

    @Test
    void aClientThatEndsWithoutCloseNotifyIsGone() {
        bench.worker(1);
        Speaker client = tls.client();
        client.wire().peerSends(client.peer().sends(GET));
        client.wire().peerShutsOutput();
        bench.serve(OK);
        assertThat(client.wire().isOpen()).isFalse();
        assertThat(bench.inFlight()).isZero();
    }

    @Test
    void anIdleClientThatSaysCloseNotifyIsAnsweredWithOne() {
        for (String version : List.of("TLSv1.3", "TLSv1.2")) {
            Speaker client = tls.client(version);
            client.wire().peerSends(client.peer().closes());
            tls.exchange(client);
            assertThat(client.peer().ended()).as(version).isTrue();
            assertThat(client.wire().isOpen()).isFalse();
        }
    }

    @Test
    void anAnswerThatEndsTheConnectionEndsWithCloseNotify() {
        bench.worker(1);
        Speaker client = tls.client();
        tls.send(client, "GET /a HTTP/1.0\r\n\r\n");
        bench.serve("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
        assertThat(tls.got(client)).endsWith("\r\n\r\nabc");
        assertThat(client.peer().ended()).isTrue();
        assertThat(client.wire().outputShut()).isTrue();
        tls.send(client, "what comes still is thrown away");
        assertThat(client.wire().isOpen()).isTrue();
        client.wire().peerShutsOutput();
        bench.loop.settle();
        assertThat(client.wire().isOpen()).isFalse();
    }

    @Test
    void anAnswerThatBreaksOffDoesNotLookWhole() {
        bench.worker(1);
        Speaker client = tls.client();
        tls.send(client, "GET /a HTTP/1.0\r\n\r\n");
        bench.lastLink().peerSends("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
        assertThat(tls.got(client)).endsWith("\r\n\r\nabc");
        bench.lastLink().peerShutsOutput();
        bench.loop.settle();
        assertThat(client.wire().wasReset()).isTrue();
        assertThat(client.peer().ended()).isFalse();
    }

    @Test
    void whatTheClientDoesNotTakeWaitsAndComesInOrder() throws SSLException {
        bench.worker(1);
        Speaker client = tls.client();
        client.wire().peerTakes(0);
        client.wire().peerSends(client.peer().sends(GET));
        String body = EdgeBench.bytes(700_000);
        bench.serve("HTTP/1.1 200 OK\r\nContent-Length: 700000\r\n\r\n" + body);
        StringBuilder got = new StringBuilder();
        int steps = 0;
        for (int room = 1; got.length() < 700_000 && steps < 10_000; room = room % 40_000 + 997) {
            client.wire().peerTakes(room);
            bench.loop.settle();
            client.peer().receives(client.wire().sentBytes());
            got.append(client.peer().text());
            steps++;
        }
        assertThat(got.toString()).endsWith("\r\n\r\n" + body);
        client.wire().peerTakes(Integer.MAX_VALUE);
        tls.send(client, GET);
        bench.serve(OK);
        assertThat(tls.got(client)).endsWith("ok");
    }

    @Test
    void anUploadOfManyRecordsArrivesWhole() {
        bench.worker(1);
        Speaker client = tls.client();
        String body = EdgeBench.bytes(500_000);
        tls.send(client, "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 500000\r\n\r\n" + body);
        bench.serve(OK);
        assertThat(tls.got(client)).endsWith("ok");
        assertThat(bench.served.getFirst()).endsWith(body);
    }

    @Test
    void pipelinedRequestsInOneRecordAndInManyAreAllAnswered() {
        bench.worker(1);
        Speaker client = tls.client();
        tls.send(client, GET.repeat(20));
        for (int i = 0; i < 20; i++) {
            client.wire().peerSends(client.peer().sends(GET));
        }
        tls.exchange(client);
        bench.serve(OK);
        assertThat(tls.got(client).split("200 OK", -1)).hasSize(41);
    }

    @Test
    void whoSpeaksPlainHttpIsToldWhatThePortSpeaks() {
        PretendWire wire = bench.client(tls.tls);
        wire.peerSends(GET);
        bench.loop.settle();
        assertThat(wire.sent()).startsWith("HTTP/1.1 400 Bad Request\r\n").contains("use https://");
        assertThat(wire.outputShut()).isTrue();
        assertThat(wire.isOpen()).isTrue();
        wire.peerShutsOutput();
        bench.loop.settle();
        assertThat(wire.isOpen()).isFalse();
        assertEnded(Handshake.PLAIN_HTTP);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\0\1\2\3\4\5", "\u0016\3\1\0\5hello", "\u0080.\1\0\2", "ssh: SSH-2.0-OpenSSH\r\n"})
    void whatIsNoHandshakeEndsTheConnection(String bytes) {
        PretendWire wire = bench.client(tls.tls);
        wire.peerSends(bytes);
        bench.loop.settle();
        assertThat(wire.isOpen()).isFalse();
        assertEnded(Handshake.FAILED);
    }

    @Test
    void aHandshakeHasADeadline() {
        PretendWire wire = bench.client(tls.tls);
        bench.pass(TlsBench.HANDSHAKE.minusSeconds(1));
        assertThat(wire.isOpen()).isTrue();
        bench.pass(Duration.ofSeconds(1));
        assertThat(wire.isOpen()).isFalse();
        assertEnded(Handshake.TIMEOUT);
    }

    @Test
    void aClientMayNotBeginAnotherHandshake() {
        bench.worker(1);
        Speaker client = tls.client("TLSv1.2");
        client.wire().peerSends(client.peer().begsAgain());
        bench.loop.settle();
        assertThat(client.wire().isOpen()).isFalse();
    }

    @Test
    void bytesThatSayNothingDoNotKeepAnIdleConnection() {
        limits.headTimeout = Duration.ofSeconds(5);
        bench();
        Speaker client = tls.client();
        byte[] record = client.peer().sends(GET);
        for (int i = 0; i < 6; i++) {
            client.wire().peerSends(new byte[] {record[i]});
            bench.pass(Duration.ofSeconds(1));
        }
        assertThat(client.wire().outputShut()).isTrue();
    }

    @Test
    void handshakesCountAsConnectionsOfTheirAddress() {
        limits.connectionsPerAddress = 2;
        bench();
        bench.worker(1);
        List<PretendWire> open =
                List.of(bench.client(tls.tls), bench.client(tls.tls), bench.client(tls.tls), bench.client(tls.tls));
        PretendWire tooMany = bench.client(tls.tls);
        bench.loop.settle();
        assertThat(open).allMatch(PretendWire::isOpen);
        assertThat(tooMany.wasReset()).isTrue();
        open.subList(0, 2).forEach(PretendWire::peerResets);
        bench.loop.settle();
        Speaker third = tls.client();
        tls.send(third, GET);
        assertThat(tls.got(third)).startsWith("HTTP/1.1 429 ");
    }

    @Test
    void aHandshakeThatBeganBeforeTheStopIsDoneAndItsRequestAnswered() {
        bench.worker(1);
        Speaker client = tls.begins();
        bench.loop.settle();
        boolean[] empty = new boolean[1];
        bench.edge.stop(() -> empty[0] = true);
        assertThat(empty[0]).isFalse();
        tls.exchange(client);
        tls.send(client, GET);
        bench.serve(OK);
        assertThat(tls.got(client)).contains("Connection: close").endsWith("ok");
        client.wire().peerShutsOutput();
        bench.loop.settle();
        assertThat(empty[0]).isTrue();
    }

    @Test
    void aHandshakeThatHangsDoesNotHoldUpTheStop() {
        bench.client(tls.tls);
        boolean[] empty = new boolean[1];
        bench.edge.stop(() -> empty[0] = true);
        bench.pass(Duration.ofSeconds(1));
        assertThat(empty[0]).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "GET /a HTTP/1.1|Host: shop.example, https://shop.example:8443/a",
        "GET /a?b=%C3%A4&c=? HTTP/1.1|Host: shop.example:8000, https://shop.example:8443/a?b=%C3%A4&c=?",
        "POST /a HTTP/1.1|Host: [::1]:8000|Content-Length: 0, https://[::1]:8443/a",
        "GET /\u00c3\u00a4 HTTP/1.1|Host: [::1], https://[::1]:8443/%C3%A4",
        "GET http://other.example/x HTTP/1.1|Host: other.example, https://other.example:8443/x",
        "OPTIONS * HTTP/1.1|Host: a, https://a:8443/",
    })
    void aRequestWithoutTlsIsSentToTheSameAddressWithHttps(String request, String location) {
        limits.redirectPort = OptionalInt.of(8443);
        bench();
        PretendWire plain = bench.client(request.replace("|", "\r\n") + "\r\n\r\n");
        assertThat(bench.got(plain))
                .startsWith("HTTP/1.1 308 Permanent Redirect\r\n")
                .contains("\r\nLocation: " + location + "\r\n")
                .doesNotContain("Connection: close");
        bench.send(plain, "GET /next HTTP/1.1\r\nHost: b\r\n\r\n");
        assertThat(bench.got(plain)).contains("\r\nLocation: https://b:8443/next\r\n");
    }

    @Test
    void whoCanNotBeSentToHttpsIsToldAndWhoComesWithItIsAnswered() {
        limits.redirectPort = OptionalInt.of(443);
        limits.trustedProxies = List.of("192.0.2.7");
        bench();
        bench.worker(1);
        PretendWire old = bench.client("GET /a HTTP/1.0\r\n\r\n");
        assertThat(bench.got(old)).startsWith("HTTP/1.1 400 ").doesNotContain("Location");
        Speaker client = tls.client();
        tls.send(client, GET);
        bench.serve(OK);
        assertThat(tls.got(client)).endsWith("ok");
        PretendWire behindProxy = bench.client("GET /a HTTP/1.1\r\nHost: h\r\nX-Forwarded-Proto: https\r\n\r\n");
        bench.serve(OK);
        assertThat(bench.got(behindProxy)).endsWith("ok");
        PretendWire plain = bench.client("GET /a HTTP/1.1\r\nHost: h:80\r\nX-Forwarded-Proto: http\r\n\r\n");
        assertThat(bench.got(plain)).contains("\r\nLocation: https://h/a\r\n");
    }

    @Test
    void answersOverTlsSayThatTheHostIsServedSoUnlessTheApplicationDoes() {
        limits.hsts = Optional.of("max-age=600");
        bench();
        bench.worker(1);
        Speaker client = tls.client();
        tls.send(client, GET);
        bench.serve(OK);
        assertThat(tls.got(client)).contains("\r\nStrict-Transport-Security: max-age=600\r\n");
        tls.send(client, GET);
        bench.serve("HTTP/1.1 200 OK\r\nstrict-transport-security: max-age=0\r\nContent-Length: 2\r\n\r\nok");
        assertThat(tls.got(client)).contains("max-age=0").doesNotContain("max-age=600");
        PretendWire plain = bench.client(GET);
        bench.serve(OK);
        assertThat(bench.got(plain)).endsWith("ok").doesNotContain("Strict-Transport-Security");
    }
}
