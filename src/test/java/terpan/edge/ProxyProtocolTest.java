package terpan.edge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import terpan.edge.http1.ClientConnection;
import terpan.loop.PretendWire;

/** The PROXY protocol in front of everything else: who the client is then, and what is cut. */
class ProxyProtocolTest {
    private static final String GET = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";
    private static final String FOUR = "cb007109" + "c0000201" + "1267" + "0050";
    private static final String SIX =
            "20010db8000000000000000000000007" + "20010db8000000000000000000000001" + "1267" + "0050";

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

    private static String hex(String digits) {
        return new String(HexFormat.of().parseHex(digits), ISO_8859_1);
    }

    private static String text(String written) {
        return written.startsWith("hex ") ? hex(written.substring(4)) : written.replace("|", "\r\n");
    }

    private PretendWire balancer(String address) {
        PretendWire wire =
                bench.loop.client(new InetSocketAddress(address, 999), new InetSocketAddress("192.0.2.1", 8000));
        wire.handler(bench.edge.acceptedBehindProxy(wire, known -> bench.edge.accepted(known, ClientConnection::new)));
        return wire;
    }

    /** All words but the last, which tells of fields. */
    private String identity() {
        String request = bench.served.getLast();
        int from = request.indexOf("X-Terpan-Origin: ") + "X-Terpan-Origin: ".length();
        return request.substring(from, request.lastIndexOf(' ', request.indexOf("\r\n", from)));
    }

    @ParameterizedTest
    @CsvSource({
        "PROXY TCP4 203.0.113.9 192.0.2.1 4711 80|, 203.0.113.9 4711 http 192.0.2.1 80",
        "PROXY TCP4 203.0.113.9 192.0.2.1 0 65535|, 203.0.113.9 0 http 192.0.2.1 65535",
        "PROXY TCP6 2001:db8::7 2001:db8::1 4711 80|, 2001:db8::7 4711 http 2001:db8::1 80",
        "PROXY TCP6 ::ffff:203.0.113.9 ::ffff:192.0.2.1 4711 80|, 203.0.113.9 4711 http 192.0.2.1 80",
        "PROXY UNKNOWN|, 10.0.0.9 999 http 192.0.2.1 8000",
        "PROXY UNKNOWN ffff::1 ffff::2 1 2 whatever|, 10.0.0.9 999 http 192.0.2.1 8000",
        "hex " + SIGNATURE + "2111000c" + FOUR + ", 203.0.113.9 4711 http 192.0.2.1 80",
        "hex " + SIGNATURE + "21110012" + FOUR + "030003010203" + ", 203.0.113.9 4711 http 192.0.2.1 80",
        "hex " + SIGNATURE + "21210024" + SIX + ", 2001:db8::7 4711 http 2001:db8::1 80",
        "hex " + SIGNATURE + "20000000, 10.0.0.9 999 http 192.0.2.1 8000",
        "hex " + SIGNATURE + "2011000c" + FOUR + ", 10.0.0.9 999 http 192.0.2.1 8000",
        "hex " + SIGNATURE + "20ff0002abcd, 10.0.0.9 999 http 192.0.2.1 8000",
        "hex " + SIGNATURE + "21000003abcdef, 10.0.0.9 999 http 192.0.2.1 8000",
    })
    void theHeaderSaysWhoTheClientIsHoweverItIsCut(String header, String identity) {
        String bytes = text(header) + GET;
        for (int cut = 0; cut < bytes.length(); cut++) {
            bench();
            PretendWire wire = balancer("10.0.0.9");
            bench.send(wire, bytes.substring(0, cut));
            bench.send(wire, bytes.substring(cut));
            bench.serve(OK);
            assertThat(identity()).as("cut at %d", cut).isEqualTo(identity);
            assertThat(bench.got(wire)).startsWith("HTTP/1.1 200");
            wire.peerResets();
        }
    }

    @Test
    void aClientOnAUnixSocketHasNoAddress() {
        bench();
        PretendWire wire = balancer("10.0.0.9");
        bench.send(wire, hex(SIGNATURE + "213100d8") + "x".repeat(216) + GET + GET);
        bench.serve(OK);
        assertThat(identity()).isEqualTo("- - http localhost -");
        wire.peerResets();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /a HTTP/1.1|Host: h||",
                " PROXY UNKNOWN|",
                "proxy UNKNOWN|",
                "PROXYUNKNOWN|",
                "PROXY|",
                "PROXY UNKNOWNX|",
                "PROXY TCP4 203.0.113.9 192.0.2.1 4711|",
                "PROXY TCP4 203.0.113.9 192.0.2.1 4711 80 |",
                "PROXY TCP4 203.0.113.9 192.0.2.1 4711 80 1|",
                "PROXY TCP4  203.0.113.9 192.0.2.1 4711 80|",
                "PROXY TCP4 203.0.113.9 192.0.2.1 04711 80|",
                "PROXY TCP4 203.0.113.9 192.0.2.1 70000 80|",
                "PROXY TCP4 203.0.113.9 192.0.2.1 -1 80|",
                "PROXY TCP4 203.0.113.09 192.0.2.1 1 80|",
                "PROXY TCP4 203.0.113 192.0.2.1 1 80|",
                "PROXY TCP4 client.example 192.0.2.1 1 80|",
                "PROXY TCP4 2001:db8::7 2001:db8::1 1 80|",
                "PROXY TCP6 203.0.113.9 192.0.2.1 1 80|",
                "PROXY TCP6 [2001:db8::7] [2001:db8::1] 1 80|",
                "PROXY UDP4 203.0.113.9 192.0.2.1 1 80|",
                "PROXY TCP4 203.0.113.9 192.0.2.1 1 80\n",
                "PROXY TCP4 203.0.113.9 192.0.2.1 1 80\rGET",
                "PROXY TCP4 203.0.113.9 192.0.2.1 1 80 \t|",
                "PROXY TCP4 127.1 192.0.2.1 1 80|",
                "PROXY TCP4 2130706433 192.0.2.1 1 80|",
                "PROXY TCP4 ::ffff:203.0.113.9 ::ffff:192.0.2.1 1 80|",
                "PROXY TCP6 fe80::1%eth0 2001:db8::1 1 80|",
                "PROXY TCP4 203.0.113.9 192.0.2.1 +1 80|",
                "PROXY tcp4 203.0.113.9 192.0.2.1 1 80|",
                "PROXY UNKNOWN a\rb|",
                "PROXY UNKNOWN xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx|",
                "hex 0d0a0d0a000d0a515549540b" + "2111000c" + FOUR,
                "hex " + SIGNATURE + "1111000c" + FOUR,
                "hex " + SIGNATURE + "2211000c" + FOUR,
                "hex " + SIGNATURE + "2111000b" + FOUR,
                "hex " + SIGNATURE + "2112000c" + FOUR,
                "hex " + SIGNATURE + "21110fff" + FOUR,
                "hex " + SIGNATURE + "2121000c" + FOUR,
                "hex " + SIGNATURE + "2141000c" + FOUR,
                "hex " + SIGNATURE + "2113000c" + FOUR,
                "hex " + SIGNATURE + "213200d8" + FOUR,
                "hex " + SIGNATURE + "2131000c" + FOUR,
                "\u0016\u0003\u0001",
            })
    void whatIsNoGoodHeaderIsCutWithoutAnAnswer(String header) {
        bench();
        PretendWire wire = balancer("10.0.0.9");
        bench.send(wire, text(header) + GET);
        assertThat(wire.wasReset()).isTrue();
        assertThat(wire.sent()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PROXY UNKNOWN\n", "PROXY TCP4 203.0.113.9 192.0.2.1 1 80\n", "PROXY \n"})
    void aLineThatEndsWrongIsCutAtOnce(String header) {
        bench();
        PretendWire wire = balancer("10.0.0.9");
        bench.send(wire, header);
        assertThat(wire.wasReset()).isTrue();
    }

    @Test
    void aHeaderThatDoesNotComeInTimeIsCut() {
        limits.headTimeout = Duration.ofSeconds(2);
        bench();
        PretendWire wire = balancer("10.0.0.9");
        bench.send(wire, "PROXY TCP4 203");
        bench.pass(Duration.ofSeconds(1));
        assertThat(wire.isOpen()).isTrue();
        bench.pass(Duration.ofSeconds(2));
        assertThat(wire.wasReset()).isTrue();
    }

    @Test
    void onlyTrustedProxiesMaySayItWhereSomeAreNamed() {
        limits.trustedProxies = List.of("10.0.0.0/8");
        bench();
        PretendWire stranger = balancer("192.0.2.66");
        bench.send(stranger, "PROXY TCP4 203.0.113.9 192.0.2.1 4711 80\r\n" + GET);
        assertThat(stranger.wasReset()).isTrue();
        PretendWire known = balancer("10.0.0.9");
        bench.send(
                known,
                "PROXY TCP4 203.0.113.9 192.0.2.1 4711 80\r\n"
                        + GET.replace("Host", "X-Forwarded-For: 6.6.6.6\r\nHost"));
        bench.serve(OK);
        assertThat(identity()).as("the client is no trusted proxy").startsWith("203.0.113.9 4711 ");
        known.peerResets();
    }

    @Test
    void aStopEndsWhatHasNotBegun() {
        bench();
        boolean[] empty = new boolean[1];
        PretendWire wire = balancer("10.0.0.9");
        bench.edge.stop(() -> empty[0] = true);
        assertThat(wire.isOpen()).isFalse();
        assertThat(empty[0]).isTrue();
    }
}
