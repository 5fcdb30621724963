package terpan.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import terpan.config.Settings;
import terpan.loop.PretendWire;

/** What workers are told of the client and of the request's way, and whose word about it is believed. */
class ForwardingTest {
    private static final String OK =
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nVia: 1.1 app\r\nX-Request-Id: app\r\n\r\nok";

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

    private static Settings.Forwarding rules(
            Settings.Believed believed, boolean ids, String via, Settings.Told... told) {
        return new Settings.Forwarding(
                List.of(told), believed, ids, Optional.of(via).filter(name -> !name.isEmpty()));
    }

    private static final List<String> ORDER = List.of(
            "X-Forwarded-User",
            "X-Forwarded-For",
            "X-Forwarded-Proto",
            "X-Forwarded-Port",
            "X-Forwarded-Prefix",
            "X-Real-IP",
            "X-Forwarded-Host",
            "Forwarded",
            "Via");

    private static Settings.Forwarding everything(Settings.Believed believed) {
        return rules(believed, false, "", Settings.Told.values());
    }

    /** The fields that an application sees, and who the private field says the client is; | between. */
    private String told(String peer, String version, String fields) {
        String head = fields.isEmpty() ? "" : fields.replace("|", "\r\n") + "\r\n";
        PretendWire client = bench.client(new InetSocketAddress(peer, 5), new InetSocketAddress("192.0.2.1", 8000));
        bench.send(client, "GET / HTTP/" + version + "\r\nHost: h:81\r\n" + head + "\r\n");
        bench.serve(OK);
        List<String> lines = new ArrayList<>(List.of(bench.served.getLast().split("\r\n")));
        lines.removeIf(line -> !line.matches("(X-Forwarded.*|X-Real-IP|Forwarded|X-Terpan-Origin|Via): .*"));
        String origin = lines.removeLast();
        int implied = origin.lastIndexOf(' ');
        String[] words =
                origin.substring(0, implied).replace("X-Terpan-Origin: ", "").split(" ");
        origin.substring(implied + 1)
                .replaceAll("[-0]", "")
                .chars()
                .forEach(letter -> lines.add(implied((char) letter, words)));
        lines.sort(Comparator.comparingInt(line -> ORDER.indexOf(line.substring(0, line.indexOf(':')))));
        lines.add(origin.substring(0, implied));
        return String.join("|", lines);
    }

    /** What a launcher makes of a letter of the private field. */
    private static String implied(char letter, String[] words) {
        return switch (letter) {
            case 'f' -> "X-Forwarded-For: " + words[0];
            case 'p' -> "X-Forwarded-Proto: " + words[2];
            case 'o' -> "X-Forwarded-Port: " + words[4];
            case 'r' -> "X-Real-IP: " + words[0];
            case 'h' -> "X-Forwarded-Host: h:81";
            default -> throw new AssertionError(letter);
        };
    }

    @ParameterizedTest
    @CsvSource({"'', X-Terpan-Origin: 192.0.2.66 5 http 192.0.2.1 8000"})
    void nothingIsToldButWhoTheClientIsWhenNoFieldIsAskedFor(String sent, String told) {
        limits.forwarding = rules(Settings.Believed.AUTO, false, "");
        bench();
        assertThat(told("192.0.2.66", "1.1", sent)).isEqualTo(told);
    }

    @Test
    void whatAStrangerForwardsIsReplaced() {
        limits.forwarding = everything(Settings.Believed.AUTO);
        limits.trustedProxies = List.of("10.0.0.0/8");
        bench();
        String spoofed = "X-Forwarded-For: 6.6.6.6|X-Forwarded-Proto: https|X-Forwarded-Host: evil|X-Forwarded-Port: 1|"
                + "X-Forwarded-Prefix: /evil|X-Forwarded-User: root|X-Real-IP: 6.6.6.6|Forwarded: for=6.6.6.6|"
                + "X-Terpan-Origin: 6.6.6.6 - https - -|X_Forwarded_For: 6.6.6.6";
        assertThat(told("192.0.2.66", "1.1", spoofed))
                .isEqualTo(
                        "X-Forwarded-For: 192.0.2.66|X-Forwarded-Proto: http|X-Forwarded-Port: 8000|"
                                + "X-Real-IP: 192.0.2.66|X-Forwarded-Host: h:81|"
                                + "Forwarded: for=192.0.2.66;proto=http;host=\"h:81\"|X-Terpan-Origin: 192.0.2.66 5 http 192.0.2.1 8000");
        assertThat(told("2001:db8::7", "1.1", ""))
                .contains(
                        "X-Forwarded-For: 2001:db8::7|", "Forwarded: for=\"[2001:db8::7]\";proto=http;host=\"h:81\"|");
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.1, 'X-Forwarded-For: 203.0.113.9', '203.0.113.9, 10.0.0.1', http, 203.0.113.9 -",
        "10.0.0.1, 'X-Forwarded-For: 6.6.6.6, 203.0.113.9, 10.0.0.2|X-Forwarded-Proto: HTTPS',"
                + " '6.6.6.6, 203.0.113.9, 10.0.0.2, 10.0.0.1', https, 203.0.113.9 -",
        "10.0.0.1, 'X-Forwarded-For: 203.0.113.9|X-Forwarded-For: 10.0.0.2', '203.0.113.9, 10.0.0.2, 10.0.0.1', http,"
                + " 203.0.113.9 -",
        "10.0.0.1, 'X-Forwarded-For: 203.0.113.9:4711', '203.0.113.9:4711, 10.0.0.1', http, 203.0.113.9 -",
        "10.0.0.1, 'X-Forwarded-For: [2001:db8::1]:80', '[2001:db8::1]:80, 10.0.0.1', http, 2001:db8::1 -",
        "10.0.0.1, 'X-Forwarded-For: 2001:DB8:0:0::1', '2001:DB8:0:0::1, 10.0.0.1', http, 2001:db8::1 -",
        "10.0.0.1, 'X-Forwarded-For: unknown', 'unknown, 10.0.0.1', http, 10.0.0.1 5",
        "10.0.0.1, 'X-Forwarded-For: 203.0.113.9, unknown, 10.0.0.2', '203.0.113.9, unknown, 10.0.0.2, 10.0.0.1', http,"
                + " 10.0.0.2 -",
        "10.0.0.1, 'X-Forwarded-For: 203.0.113.9,, 10.0.0.2', '203.0.113.9,, 10.0.0.2, 10.0.0.1', http, 10.0.0.2 -",
        "10.0.0.1, 'X-Forwarded-For: 1', '1, 10.0.0.1', http, 10.0.0.1 5",
        "10.0.0.1, 'X-Forwarded-For: 010.0.0.2', '010.0.0.2, 10.0.0.1', http, 10.0.0.1 5",
        "10.0.0.1, 'X-Forwarded-For: fe80::1%eth0', 'fe80::1%eth0, 10.0.0.1', http, 10.0.0.1 5",
        "10.0.0.1, 'X-Forwarded-Proto: https|X-Forwarded-Proto: http', '10.0.0.1', http, 10.0.0.1 5",
        "10.0.0.1, 'X-Forwarded-Proto: ftp', '10.0.0.1', http, 10.0.0.1 5",
        "10.0.0.1, 'A: b', 10.0.0.1, http, 10.0.0.1 5",
        "10.0.0.1, 'Forwarded: for=203.0.113.9;proto=https', '203.0.113.9, 10.0.0.1', https, 203.0.113.9 -",
        "10.0.0.1, 'Forwarded: for=6.6.6.6, For=\"203.0.113.9:80\", for=10.0.0.2', '203.0.113.9, 10.0.0.1', http,"
                + " 203.0.113.9 -",
        "10.0.0.1, 'Forwarded: for=\"[2001:db8::1]\"', '2001:db8::1, 10.0.0.1', http, 2001:db8::1 -",
        "10.0.0.1, 'Forwarded: for=_hidden', '10.0.0.1', http, 10.0.0.1 5",
        "10.0.0.1, 'Forwarded: for=\"203.0.113.9', '10.0.0.1', http, 10.0.0.1 5",
        "10.0.0.1, 'Forwarded: for=\"6.6.6.6|Forwarded: for=203.0.113.9', '203.0.113.9, 10.0.0.1', http, 203.0.113.9 -",
        "10.0.0.1, 'X-Forwarded-For: 203.0.113.9|Forwarded: for=6.6.6.6;proto=https', '203.0.113.9, 10.0.0.1', http,"
                + " 203.0.113.9 -",
        "192.0.2.66, 'X-Forwarded-For: 203.0.113.9|X-Forwarded-Proto: https', 192.0.2.66, http, 192.0.2.66 5",
    })
    void theClientIsTheFirstThatNoTrustedProxyVouchesFor(
            String peer, String fields, String list, String scheme, String client) {
        limits.trustedProxies = List.of("10.0.0.0/8");
        bench();
        assertThat(told(peer, "1.1", fields))
                .contains("X-Forwarded-For: " + list + "|X-Forwarded-Proto: " + scheme + "|")
                .contains("X-Terpan-Origin: " + client + " " + scheme + " 192.0.2.1 8000");
    }

    @Test
    void aTrustedProxysFieldsAreExtended() {
        limits.forwarding = everything(Settings.Believed.AUTO);
        limits.trustedProxies = List.of("10.0.0.0/8");
        bench();
        assertThat(
                        told(
                                "10.0.0.1",
                                "1.1",
                                "X-Forwarded-For: 203.0.113.9|X-Forwarded-Proto: https|X-Forwarded-Host: shop.example|"
                                        + "X-Forwarded-Port: 443|X-Forwarded-Prefix: /shop|X-Forwarded-User: ann|X-Real-IP: 6.6.6.6"))
                .isEqualTo("X-Forwarded-User: ann|X-Forwarded-For: 203.0.113.9, 10.0.0.1|X-Forwarded-Proto: https|"
                        + "X-Forwarded-Port: 443|X-Forwarded-Prefix: /shop|X-Real-IP: 203.0.113.9|"
                        + "X-Forwarded-Host: shop.example|Forwarded: for=203.0.113.9;proto=https;host=\"h:81\"|"
                        + "X-Terpan-Origin: 203.0.113.9 - https 192.0.2.1 8000");
        assertThat(told("10.0.0.1", "1.1", "Forwarded: for=203.0.113.9|X-Forwarded-Host: a b|X-Forwarded-Port: x"))
                .isEqualTo("X-Forwarded-For: 203.0.113.9, 10.0.0.1|X-Forwarded-Proto: http|X-Forwarded-Port: 8000|"
                        + "X-Real-IP: 203.0.113.9|X-Forwarded-Host: h:81|"
                        + "Forwarded: for=203.0.113.9, for=10.0.0.1;proto=http;host=\"h:81\"|"
                        + "X-Terpan-Origin: 203.0.113.9 - http 192.0.2.1 8000");
    }

    @Test
    void oneOfTheTwoFamiliesCanBeChosen() {
        limits.trustedProxies = List.of("10.0.0.0/8");
        String both = "X-Forwarded-For: 203.0.113.9|Forwarded: for=198.51.100.4";
        limits.forwarding = rules(Settings.Believed.FORWARDED, false, "");
        bench();
        assertThat(told("10.0.0.1", "1.1", both)).contains("X-Terpan-Origin: 198.51.100.4 ");
        limits.forwarding = rules(Settings.Believed.X_FORWARDED, false, "");
        bench();
        assertThat(told("10.0.0.1", "1.1", both)).contains("X-Terpan-Origin: 203.0.113.9 ");
        assertThat(told("10.0.0.1", "1.1", "Forwarded: for=198.51.100.4")).contains("X-Terpan-Origin: 10.0.0.1 ");
    }

    @Test
    void viaIsAddedBothWaysWhenItHasAName() {
        limits.forwarding = rules(Settings.Believed.AUTO, false, "edge.example");
        bench();
        assertThat(told("192.0.2.66", "1.1", "")).contains("Via: 1.1 edge.example|");
        assertThat(told("192.0.2.66", "1.0", "Via: 1.1 a|via: 1.1 b")).contains("Via: 1.1 a, 1.1 b, 1.0 edge.example|");
        PretendWire client = bench.client("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        bench.serve(OK);
        assertThat(bench.got(client)).contains("\r\nVia: 1.1 app\r\n", "\r\nVia: 1.1 edge.example\r\n");
    }

    @Test
    void aRequestsIdIsToldToWorkerAndClientWhenAskedFor() {
        limits.forwarding = rules(Settings.Believed.AUTO, true, "");
        limits.trustedProxies = List.of("10.0.0.0/8");
        bench();
        assertThat(id("192.0.2.66", "X-Request-Id: mine\r\n")).matches("[0-9a-f]+-[0-9a-f]+");
        assertThat(id("10.0.0.1", "X-Request-Id: theirs/1\r\n")).isEqualTo("theirs/1");
        assertThat(id("10.0.0.1", "X-Request-Id: bad id\r\n")).matches("[0-9a-f]+-[0-9a-f]+");
        assertThat(id("10.0.0.1", "X-Request-Id: a\r\nX-Request-Id: b\r\n")).matches("[0-9a-f]+-[0-9a-f]+");
    }

    private String id(String peer, String field) {
        PretendWire client = bench.client(new InetSocketAddress(peer, 5), new InetSocketAddress("192.0.2.1", 8000));
        bench.send(client, "GET / HTTP/1.1\r\nHost: h\r\n" + field + "\r\n");
        bench.serve(OK);
        String asked = value(bench.served.getLast());
        assertThat(value(bench.got(client))).isEqualTo(asked);
        return asked;
    }

    private static String value(String message) {
        assertThat(message).containsOnlyOnce("X-Request-Id: ");
        int from = message.indexOf("X-Request-Id: ") + "X-Request-Id: ".length();
        return message.substring(from, message.indexOf("\r\n", from));
    }

    @Test
    void anIdOfATrustedProxyStandsOnPagesEvenWhenNobodyElseIsToldIt() {
        limits.trustedProxies = List.of("10.0.0.0/8");
        limits.answerIdle = java.time.Duration.ofSeconds(1);
        bench();
        PretendWire client =
                bench.client(new InetSocketAddress("10.0.0.1", 5), new InetSocketAddress("192.0.2.1", 8000));
        bench.send(client, "GET / HTTP/1.1\r\nHost: h\r\nX-Request-Id: theirs\r\n\r\n");
        bench.pass(java.time.Duration.ofSeconds(2));
        assertThat(bench.got(client)).startsWith("HTTP/1.1 504 ").contains("X-Request-Id: theirs\r\n");
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.1, X-Forwarded-Proto: https, 200",
        "10.0.0.1, X-Forwarded-Proto: http, 421",
        "10.0.0.1, A: b, 421",
        "192.0.2.66, X-Forwarded-Proto: https, 421",
    })
    void aTargetOfHttpsBelongsElsewhereUnlessTheClientSpeaksIt(String peer, String field, int status) {
        limits.trustedProxies = List.of("10.0.0.0/8");
        bench();
        PretendWire client = bench.client(new InetSocketAddress(peer, 5), new InetSocketAddress("192.0.2.1", 8000));
        bench.send(client, "GET https://h/ HTTP/1.1\r\nHost: h\r\n" + field + "\r\n\r\n");
        bench.serve(OK);
        String got = bench.got(client);
        assertThat(got).startsWith("HTTP/1.1 " + status + " ");
        assertThat(got.contains("\r\nConnection: close\r\n")).isEqualTo(status != 200);
    }
}
