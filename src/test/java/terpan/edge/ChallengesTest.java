package terpan.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Map;
import java.util.OptionalInt;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import terpan.certificate.SelfSigned;
import terpan.edge.TlsBench.Speaker;
import terpan.loop.PretendWire;
import terpan.tls.ServerTls;
import terpan.tls.TlsLibrary;
import terpan.tls.TlsPeer;

/** How an authority is answered that asks whether a name is ours, and that nothing else gets through by it. */
class ChallengesTest {
    private static final String PATH = "/.well-known/acme-challenge/";
    private static final byte[] DIGEST = new byte[32];

    private final EdgeLimits limits = new EdgeLimits();
    private TlsBench tls = new TlsBench(TlsLibrary.BORINGSSL, limits);
    private EdgeBench bench = tls.bench;

    private void bench() {
        bench(TlsLibrary.BORINGSSL);
    }

    private void bench(TlsLibrary library) {
        tls.close();
        tls = new TlsBench(library, limits);
        bench = tls.bench;
    }

    @AfterEach
    void nothingIsHeld() {
        tls.server.challenges(Map.of());
        tls.close();
    }

    private static String get(String target) {
        return "GET " + target + " HTTP/1.1\r\nHost: shop.example\r\n\r\n";
    }

    @Test
    void aRequestForATokenIsAnsweredBeforeTheRedirectAndTheConnectionLivesOn() {
        limits.redirectPort = OptionalInt.of(443);
        bench();
        bench.challenges.put("to-ken_1", "to-ken_1.thumb");
        PretendWire plain = bench.client(get(PATH + "to-ken_1"));
        assertThat(bench.got(plain))
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("\r\nContent-Type: application/octet-stream\r\n")
                .contains("\r\nContent-Length: 14\r\n")
                .endsWith("\r\n\r\nto-ken_1.thumb");
        bench.send(plain, get("/a"));
        assertThat(bench.got(plain)).startsWith("HTTP/1.1 308 ").contains("\r\nLocation: https://shop.example/a\r\n");
        bench.challenges.forget();
        bench.send(plain, get(PATH + "to-ken_1"));
        assertThat(bench.got(plain)).startsWith("HTTP/1.1 308 ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /.well-known/acme-challenge/ HTTP/1.1",
                "GET /.well-known/acme-challenge HTTP/1.1",
                "GET /.well-known/acme-challenge/token2 HTTP/1.1",
                "GET /.well-known/acme-challenge/../../admin HTTP/1.1",
                "GET /.well-known/acme-challenge/token/more HTTP/1.1",
                "GET /x/.well-known/acme-challenge/token HTTP/1.1",
                "DELETE /.well-known/acme-challenge/token HTTP/1.1",
            })
    void whateverElseIsAskedForIsARequestLikeAnyOther(String line) {
        limits.redirectPort = OptionalInt.of(443);
        bench();
        bench.challenges.put("token", "token.thumb");
        PretendWire plain = bench.client(line + "\r\nHost: h\r\n\r\n");
        assertThat(bench.got(plain)).startsWith("HTTP/1.1 308 ").doesNotContain("thumb");
    }

    @Test
    void whoSendsABodyWithItIsAskedByTheApplication() {
        bench.worker(1);
        bench.challenges.put("token", "token.thumb");
        PretendWire plain = bench.client("GET " + PATH + "token HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx");
        bench.serve("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\napp");
        assertThat(bench.got(plain)).endsWith("app");
    }

    @ParameterizedTest
    @CsvSource({"BORINGSSL,TLSv1.2", "BORINGSSL,TLSv1.3", "JDK,TLSv1.2", "JDK,TLSv1.3"})
    void byTlsTheChallengesCertificateIsShownAndNothingSpoken(TlsLibrary library, String version) throws SSLException {
        bench(library);
        tls.server.challenges(Map.of("shop.example", SelfSigned.forChallenge("shop.example", DIGEST, Instant.now())));
        Speaker authority = tls.begins(TlsPeer.speaking(ServerTls.CHALLENGE, version));
        tls.exchange(authority);
        byte[] extension = authority.peer().shown().getExtensionValue("1.3.6.1.5.5.7.1.31");
        assertThat(extension).hasSize(36).startsWith(4, 34, 4, 32);
        assertThat(authority.peer().shown().getCriticalExtensionOIDs()).contains("1.3.6.1.5.5.7.1.31");
        assertThat(authority.peer().ended()).isTrue();
        assertThat(authority.wire().isOpen()).isFalse();
        assertThat(bench.edge.connections()).isZero();
        Speaker client = tls.client(version);
        assertThat(client.peer().shown().getExtensionValue("1.3.6.1.5.5.7.1.31"))
                .isNull();
    }

    @ParameterizedTest
    @EnumSource
    void aNameThatNobodyProvesHasNoCertificateForIt(TlsLibrary library) {
        bench(library);
        Speaker authority = tls.begins(TlsPeer.speaking(ServerTls.CHALLENGE, "TLSv1.3"));
        assertThatThrownBy(() -> tls.exchange(authority))
                .rootCause()
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("handshake_failure");
        assertThat(authority.wire().isOpen()).isFalse();
    }
}
