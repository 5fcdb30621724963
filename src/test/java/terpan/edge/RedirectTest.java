package terpan.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import terpan.edge.TlsBench.Speaker;
import terpan.loop.PretendWire;
import terpan.tls.TlsLibrary;

/** Plain requests that are sent to https, and what answers over TLS say of it. */
class RedirectTest {
    private static final String GET = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private final EdgeLimits limits = new EdgeLimits();
    private TlsBench tls = new TlsBench(TlsLibrary.BORINGSSL, limits);
    private EdgeBench bench = tls.bench;

    private void bench() {
        tls.close();
        tls = new TlsBench(TlsLibrary.BORINGSSL, limits);
        bench = tls.bench;
    }

    @AfterEach
    void nothingIsHeld() {
        tls.close();
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

    @Test
    void ofSeveralApplicationsBothAreThoseOfAll() {
        EdgeLimits own = new EdgeLimits();
        limits.hsts = Optional.of("max-age=600");
        limits.redirectPort = OptionalInt.of(443);
        bench();
        bench.worker(1);
        bench.mount(limits, own, "h");
        PretendWire plain = bench.client(GET);
        assertThat(bench.got(plain)).startsWith("HTTP/1.1 308").contains("\r\nLocation: https://h/a\r\n");
        Speaker client = tls.client();
        tls.send(client, GET);
        bench.serve(OK);
        assertThat(tls.got(client)).contains("\r\nStrict-Transport-Security: max-age=600\r\n");
        bench.mount(own, limits, "h");
        tls.send(client, GET);
        bench.serve(OK);
        assertThat(tls.got(client)).doesNotContain("Strict-Transport-Security");
        bench.send(plain, GET);
        bench.serve(OK);
        assertThat(bench.got(plain)).startsWith("HTTP/1.1 200");
    }
}
