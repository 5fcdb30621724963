package terpan.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import terpan.config.Settings;
import terpan.loop.PretendWire;

/** A client has the same worker each time: known by its address, or by a cookie that the worker does not see. */
class StickinessTest {
    private static final Pattern COOKIE = Pattern.compile("\r\nSet-Cookie: (terpan_worker=([\\w-]+))(.*)\r\n");

    private final Map<String, Long> served = new HashMap<>();
    private EdgeBench bench = bench(Settings.Sticky.COOKIE, "a key of one run directory 123456");

    private static EdgeBench bench(Settings.Sticky sticky, String key) {
        EdgeLimits limits = new EdgeLimits();
        limits.choice = Settings.Choice.STICKY;
        limits.sticky = sticky;
        limits.trustedProxies = List.of("192.0.2.99");
        if (sticky == Settings.Sticky.COOKIE) {
            limits.stickyKey = Optional.of(new SecretKeySpec(key.getBytes(US_ASCII), "HmacSHA256"));
        }
        EdgeBench made = new EdgeBench(limits);
        for (int i = 1; i <= 4; i++) {
            made.worker("w" + i, 2, i);
        }
        return made;
    }

    @AfterEach
    void nothingIsHeld() {
        bench.close();
    }

    /** A request with these lines more; the whole answer. */
    private String ask(PretendWire client, String... fields) {
        StringBuilder request = new StringBuilder("GET / HTTP/1.1\r\nHost: h\r\n");
        for (String field : fields) {
            request.append(field).append("\r\n");
        }
        bench.send(client, request + "\r\n");
        bench.serve(text -> "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nSet-Cookie: own=1\r\n\r\nok");
        return bench.got(client);
    }

    private String ask(String... fields) {
        return ask(bench.client(), fields);
    }

    /** Who has served since this was asked last. */
    private String lastWorker() {
        List<String> names = new ArrayList<>();
        bench.snapshot().slots().forEach(slot -> {
            if (slot.settled() > served.getOrDefault(slot.name(), 0L)) {
                names.add(slot.name());
            }
            served.put(slot.name(), slot.settled());
        });
        return String.join(" and ", names);
    }

    private static String cookie(String answer) {
        Matcher found = COOKIE.matcher(answer);
        assertThat(found.find()).as(answer).isTrue();
        return found.group(1);
    }

    @Test
    void aClientWithoutACookieGetsOneThatBringsItBack() {
        String answer = ask();
        String worker = lastWorker();
        Matcher found = COOKIE.matcher(answer);
        assertThat(found.find()).isTrue();
        assertThat(found.group(2)).hasSize(32).doesNotContain("w1");
        assertThat(found.group(3)).isEqualTo("; Path=/; HttpOnly; SameSite=Lax");
        for (int i = 0; i < 8; i++) {
            assertThat(ask("Cookie: " + found.group(1)))
                    .doesNotContain("terpan_worker")
                    .contains("Set-Cookie: own=1");
            assertThat(lastWorker()).isEqualTo(worker);
        }
    }

    @Test
    void clientsAreSharedOutUntilTheyHaveAWorker() {
        List<String> workers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            ask();
            workers.add(lastWorker());
        }
        assertThat(workers).containsExactlyInAnyOrder("w1", "w2", "w3", "w4");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "terpan_worker=#|",
                "a=1; terpan_worker=#|a=1",
                "terpan_worker=#; a=1|a=1",
                "a=1; terpan_worker=#; b=2|a=1; b=2",
                "a=1;terpan_worker=#;b=2|a=1;b=2",
                "a=1; terpan_worker=#; terpan_worker=other; b=2; c|a=1; b=2; c",
                "a=1; terpan_worker_other=#; b=2|a=1; b=2",
                "xterpan_worker=#|xterpan_worker=#",
                "terpan_workers=1; a=\"terpan_worker=#\"|terpan_workers=1; a=\"terpan_worker=#\"",
            })
    void theWorkerDoesNotSeeIt(String sent, String seen) {
        String value = cookie(ask()).substring("terpan_worker=".length());
        bench.served.clear();
        ask("Cookie: " + sent.replace("#", value), "Accept: */*");
        String request = bench.served.getFirst();
        if (seen == null) {
            assertThat(request).doesNotContainIgnoringCase("cookie");
        } else {
            assertThat(request).contains("\r\nCookie: " + seen.replace("#", value) + "\r\n");
        }
        assertThat(request).contains("\r\nAccept: */*\r\n");
    }

    @Test
    void ofSeveralLinesEachIsLookedAt() {
        String cookie = cookie(ask());
        String worker = lastWorker();
        bench.served.clear();
        ask("Cookie: a=1", "Cookie: " + cookie, "Cookie: b=2; " + cookie);
        assertThat(lastWorker()).isEqualTo(worker);
        assertThat(bench.served.getFirst()).contains("\r\nCookie: a=1; b=2\r\n").doesNotContain("terpan_worker");
    }

    @Test
    void whatIsNotOursToTheLastByteIsNoCookie() {
        String cookie = cookie(ask());
        char last = cookie.charAt(cookie.length() - 1);
        List<String> forged = List.of(
                cookie.substring(0, cookie.length() - 1) + (last == 'A' ? 'B' : 'A'),
                cookie.substring(0, 14) + (cookie.charAt(14) == 'A' ? 'B' : 'A') + cookie.substring(15),
                cookie.substring(0, cookie.length() - 1),
                cookie + "A",
                "terpan_worker=",
                "terpan_worker=" + "!".repeat(32),
                "terpan_worker=" + "\u00e9".repeat(32),
                "terpan_worker=\"" + cookie.substring(14) + "\"");
        for (String each : forged) {
            bench.served.clear();
            String answer = ask("Cookie: " + each);
            assertThat(answer).as(each).containsPattern(COOKIE);
            assertThat(bench.served.getFirst()).doesNotContain("terpan_worker");
        }
    }

    @Test
    void aCookieOfAnotherKeyIsNone() {
        String cookie = cookie(ask());
        bench.close();
        bench = bench(Settings.Sticky.COOKIE, "the key of another one, 123456789");
        assertThat(ask("Cookie: " + cookie)).containsPattern(COOKIE);
    }

    @Test
    void aCookieOutlivesTheFrontIfItsKeyDoes() {
        String cookie = cookie(ask());
        String worker = lastWorker();
        bench.close();
        served.clear();
        bench = bench(Settings.Sticky.COOKIE, "a key of one run directory 123456");
        for (int i = 0; i < 3; i++) {
            assertThat(ask("Cookie: " + cookie)).doesNotContain("terpan_worker");
            assertThat(lastWorker()).isEqualTo(worker);
        }
    }

    @Test
    void whoseWorkerIsGoneGetsAnotherAndItsCookie() {
        EdgeBench.Place last = bench.worker("w5", 2, 5);
        String cookie = "";
        for (String worker = ""; !worker.equals("w5"); worker = lastWorker()) {
            cookie = cookie(ask());
        }
        bench.gone(last);
        String answer = ask("Cookie: " + cookie);
        String other = lastWorker();
        assertThat(other).isNotEqualTo("w5");
        ask("Cookie: " + cookie(answer));
        assertThat(lastWorker()).isEqualTo(other);
    }

    @Test
    void overTlsItIsForTlsAlone() {
        PretendWire proxy =
                bench.client(new InetSocketAddress("192.0.2.99", 40_000), new InetSocketAddress("192.0.2.1", 8000));
        assertThat(ask(proxy, "X-Forwarded-Proto: https", "X-Forwarded-For: 203.0.113.1"))
                .contains("; SameSite=Lax; Secure\r\n");
    }

    @Test
    void byAddressAClientIsWhomItsTrustedProxyNames() {
        bench.close();
        bench = bench(Settings.Sticky.ADDRESS, "");
        served.clear();
        List<String> workers = new ArrayList<>();
        PretendWire proxy =
                bench.client(new InetSocketAddress("192.0.2.99", 40_000), new InetSocketAddress("192.0.2.1", 8000));
        for (int client = 1; client <= 32; client++) {
            assertThat(ask(proxy, "X-Forwarded-For: 203.0.113." + client)).doesNotContain("terpan_worker");
            workers.add(lastWorker());
        }
        assertThat(workers.stream().distinct()).hasSize(4);
        for (int client = 1; client <= 32; client++) {
            ask(proxy, "X-Forwarded-For: 203.0.113." + client);
            assertThat(lastWorker()).isEqualTo(workers.get(client - 1));
        }
        PretendWire itself =
                bench.client(new InetSocketAddress("203.0.113.5", 50_000), new InetSocketAddress("192.0.2.1", 8000));
        ask(itself, "X-Forwarded-For: 203.0.113.6");
        assertThat(lastWorker()).as("nobody else is believed").isEqualTo(workers.get(4));
    }

    @Test
    void aRequestWaitsForItsWorkerWhileOthersAreIdle() {
        String cookie = cookie(ask());
        String worker = lastWorker();
        List<PretendWire> clients = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            PretendWire client = bench.client();
            bench.send(client, "GET / HTTP/1.1\r\nHost: h\r\nCookie: " + cookie + "\r\n\r\n");
            clients.add(client);
        }
        assertThat(bench.snapshot().waiting()).isEqualTo(1);
        bench.serve("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        clients.forEach(client -> assertThat(bench.got(client)).endsWith("ok"));
        assertThat(lastWorker()).isEqualTo(worker);
    }
}
