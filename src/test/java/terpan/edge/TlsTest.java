package terpan.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import terpan.edge.TlsBench.Speaker;
import terpan.edge.http1.ClientConnection;
import terpan.http.RequestCases;
import terpan.http.RequestCases.Case;
import terpan.loop.PretendWire;
import terpan.metrics.Handshake;
import terpan.tls.TlsLibrary;
import terpan.tls.TlsPeer;

/** TLS in front of HTTP/1, without sockets: handshakes, records however they come, and every way to end. */
class TlsTest {
    private static final String GET = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    /** More bytes than a client sends until its request is whole. */
    private static final int BITS_FLIPPED = 1_000;

    private static final int ROUNDS = 6;

    private final EdgeLimits limits = new EdgeLimits();
    private TlsBench tls = new TlsBench(library(), limits);
    private EdgeBench bench = tls.bench;

    /** Whose engine. */
    TlsLibrary library() {
        return TlsLibrary.BORINGSSL;
    }

    private void bench() {
        tls.close();
        tls = new TlsBench(library(), limits);
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
    @ValueSource(booleans = {true, false})
    void theHeaderOfALoadBalancerComesBeforeTheHandshake(boolean together) throws SSLException {
        bench.worker(1);
        PretendWire wire =
                bench.loop.client(new InetSocketAddress("10.0.0.9", 999), new InetSocketAddress("192.0.2.1", 443));
        wire.handler(bench.edge.acceptedBehindProxy(
                wire, known -> bench.edge.acceptedOverTls(known, tls.tls, ClientConnection::new)));
        Speaker client = new Speaker(new TlsPeer(), wire);
        wire.peerSends("PROXY TCP4 203.0.113.9 192.0.2.1 4711 443\r\n");
        if (!together) {
            bench.loop.settle();
        }
        wire.peerSends(client.peer().begins());
        tls.exchange(client);
        tls.send(client, GET);
        bench.serve(OK);
        assertThat(tls.got(client)).endsWith("ok");
        assertThat(bench.served.getFirst()).contains("X-Terpan-Origin: 203.0.113.9 4711 https 192.0.2.1 443 ");
        wire.peerResets();
        bench.loop.settle();
    }

    @Test
    void handshakesThatHangMakeRoomForOthers() {
        PretendWire hangs = bench.client(tls.tls);
        bench.pass(Duration.ofSeconds(2));
        PretendWire fresh = bench.client(tls.tls);
        bench.loop.execute(() -> bench.edge.makeRoom(64));
        bench.loop.settle();
        assertThat(hangs.isOpen()).isFalse();
        assertThat(fresh.isOpen()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void aFlippedBitAnywhereEndsTheConnectionOrChangesNothing(String version) {
        bench.worker(1);
        for (int at = 0; at < BITS_FLIPPED; at += 3) {
            TlsPeer peer = new TlsPeer(version);
            PretendWire wire = bench.client(tls.tls);
            byte[] out = peer.begins();
            int left = at;
            for (int round = 0; round < ROUNDS && out.length > 0 && wire.isOpen(); round++) {
                wire.peerSends(flipped(out, left));
                left -= out.length;
                bench.loop.settle();
                out = answer(peer, wire);
            }
            if (wire.isOpen() && peer.isOpen()) {
                wire.peerSends(flipped(peer.sends(GET), left));
                bench.serve(OK);
            }
            wire.peerResets();
            bench.loop.settle();
            assertThat(bench.bounds.memory().held()).isZero();
        }
        assertThat(bench.served).allMatch(request -> request.startsWith("GET /a HTTP/1.1\r\n"));
    }

    /** With one bit another, if the byte is within. */
    private static byte[] flipped(byte[] bytes, int at) {
        byte[] changed = bytes.clone();
        if (at >= 0 && at < bytes.length) {
            changed[at] ^= (byte) (1 << at % Byte.SIZE);
        }
        return changed;
    }

    /** What the client says to what it was sent; nothing once it does not understand that. */
    private static byte[] answer(TlsPeer peer, PretendWire wire) {
        try {
            peer.receives(wire.sentBytes());
            return peer.sends();
        } catch (SSLException | AssertionError broken) {
            return new byte[0];
        }
    }
}
