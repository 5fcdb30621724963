package terpan.admin;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may come over TCP, and what they may; over real sockets. */
@Timeout(30)
final class TcpDoorTest {
    private static final String OPERATOR = "operators-token-0123456789";
    private static final String READER = "readers-token-0123456789";
    private static final Pattern COOKIE =
            Pattern.compile("Set-Cookie: (terpan-operator=\\S+); HttpOnly; SameSite=Strict; Path=/; Max-Age=\\d+\r\n");

    private final FakeOperations operations = new FakeOperations();
    private final Settable clock = new Settable();
    private Access access;
    private Dashboard dashboard;
    private AdminServer server;

    private static final class Settable implements InstantSource {
        private Instant now = Instant.ofEpochSecond(1_700_000_000);

        @Override
        public Instant instant() {
            return now;
        }
    }

    @BeforeEach
    void start() throws IOException {
        access = new Access(new Access.Token(OPERATOR, OPERATOR), new Access.Token(READER, "that in a file"), clock);
        ServerSocketChannel listener = AdminServer.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        dashboard = new Dashboard((InetSocketAddress) listener.getLocalAddress(), access, List.of("ops.example"));
        server = AdminServer.start(listener, operations, dashboard, Duration.ofSeconds(5));
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private String ask(String method, String path, String... fields) throws IOException {
        return askAt(dashboard.place(), method, path, fields);
    }

    private String askAt(String host, String method, String path, String... fields) throws IOException {
        try (Socket socket =
                new Socket(dashboard.address().getAddress(), dashboard.address().getPort())) {
            StringBuilder request = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: " + host + "\r\n");
            for (String field : fields) {
                request.append(field).append("\r\n");
            }
            socket.getOutputStream().write(request.append("\r\n").toString().getBytes(ISO_8859_1));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        }
    }

    private static String bearer(String token) {
        return "Authorization: Bearer " + token;
    }

    private String session(Role role) throws IOException {
        Matcher cookie = COOKIE.matcher(ask("GET", "/enter?code=" + access.link(role)));
        assertThat(cookie.find()).isTrue();
        return "Cookie: a=b; " + cookie.group(1);
    }

    @Test
    void nobodyComesInWithoutAToken() throws IOException {
        assertThat(ask("GET", "/status")).startsWith("HTTP/1.1 401 ").contains("WWW-Authenticate: Bearer");
        assertThat(ask("GET", "/status", bearer("operators-token-012345678"))).startsWith("HTTP/1.1 401 ");
        assertThat(ask("GET", "/feed")).startsWith("HTTP/1.1 401 ");
        assertThat(ask("POST", "/stop")).startsWith("HTTP/1.1 401 ");
        assertThat(ask("GET", "/")).startsWith("HTTP/1.1 401 ").contains("terpan dashboard");
        assertThat(operations.commands).isEmpty();
    }

    @Test
    void operatorsDoEverythingAndReadersNothing() throws IOException {
        assertThat(ask("POST", "/workers/w1/restart", bearer(OPERATOR))).startsWith("HTTP/1.1 202 ");
        assertThat(ask("GET", "/status", bearer(READER))).startsWith("HTTP/1.1 200 ");
        assertThat(ask("GET", "/metrics", bearer(READER))).startsWith("HTTP/1.1 200 ");
        assertThat(ask("POST", "/stop", bearer(READER))).startsWith("HTTP/1.1 403 ");
        assertThat(ask("POST", "/stop", session(Role.READER), "Origin: http://" + dashboard.place()))
                .startsWith("HTTP/1.1 403 ");
        assertThat(ask("POST", "/workers/w1/stack", bearer(OPERATOR))).endsWith("Thread 1\n  File a\n");
        assertThat(operations.commands).containsExactly("restart w1");
    }

    @Test
    void aLinkOpensOnceAndInTime() throws IOException {
        String code = access.link(Role.OPERATOR);
        assertThat(ask("GET", "/enter?code=" + code))
                .startsWith("HTTP/1.1 303 ")
                .contains("Location: /\r\n")
                .containsPattern(COOKIE);
        assertThat(ask("GET", "/enter?code=" + code)).startsWith("HTTP/1.1 401 ");
        String late = access.link(Role.OPERATOR);
        clock.now = clock.now.plus(Access.LINK).plusSeconds(1);
        assertThat(ask("GET", "/enter?code=" + late)).startsWith("HTTP/1.1 401 ");
        assertThat(ask("GET", "/enter")).startsWith("HTTP/1.1 401 ");
        assertThat(ask("GET", "/dashboard/link", bearer(OPERATOR))).startsWith("HTTP/1.1 404 ");
        assertThat(ask("POST", "/dashboard/link", bearer(OPERATOR))).startsWith("HTTP/1.1 404 ");
    }

    @Test
    void aSessionEndsInTime() throws IOException {
        String session = session(Role.OPERATOR);
        assertThat(ask("GET", "/", session)).startsWith("HTTP/1.1 200 ");
        clock.now = clock.now.plus(Access.SESSION).plusSeconds(1);
        assertThat(ask("GET", "/", session)).startsWith("HTTP/1.1 401 ");
    }

    @Test
    void anotherSitesPageOrdersNothing() throws IOException {
        String session = session(Role.OPERATOR);
        assertThat(ask("POST", "/stop", session)).startsWith("HTTP/1.1 403 ");
        assertThat(ask("POST", "/stop", session, "Origin: https://evil.example"))
                .startsWith("HTTP/1.1 403 ");
        assertThat(ask("POST", "/stop", session, "Origin: http://127.0.0.1:1")).startsWith("HTTP/1.1 403 ");
        assertThat(ask("POST", "/stop", session, "Origin: null")).startsWith("HTTP/1.1 403 ");
        assertThat(ask("POST", "/stop", session, "Sec-Fetch-Site: same-site")).startsWith("HTTP/1.1 403 ");
        assertThat(ask("GET", "/status", session, "Sec-Fetch-Site: cross-site")).startsWith("HTTP/1.1 403 ");
        assertThat(operations.commands).isEmpty();
        assertThat(ask("POST", "/stop", session, "Origin: http://" + dashboard.place(), "Sec-Fetch-Site: same-origin"))
                .startsWith("HTTP/1.1 202 ");
        assertThat(operations.commands).containsExactly("stop");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "evil.example:80",
                "127.0.0.1.evil.example",
                "localhost.evil.example",
                "0.0.0.0",
                "[::2]"
            })
    void anotherNameForThisAddressIsRefused(String host) throws IOException {
        assertThat(askAt(host, "GET", "/status", bearer(OPERATOR))).startsWith("HTTP/1.1 421 ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"localhost:9000", "127.0.0.1:80", "127.0.0.1", "[::1]:9000", "ops.example", "OPS.example:8443"})
    void ownNamesAreTaken(String host) throws IOException {
        assertThat(askAt(host, "GET", "/status", bearer(OPERATOR))).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void aBrowserLoadsAndShowsNothingOfOthers() throws IOException {
        assertThat(ask("GET", "/", session(Role.OPERATOR)))
                .contains("Content-Security-Policy: default-src 'none'; script-src 'self'; ")
                .contains("frame-ancestors 'none'")
                .contains("X-Content-Type-Options: nosniff\r\n")
                .contains("Cache-Control: no-store\r\n");
        assertThat(ask("GET", "/assets/dashboard.js")).contains("text/javascript");
        assertThat(ask("GET", "/assets/../dashboard.html")).startsWith("HTTP/1.1 404 ");
        assertThat(ask("GET", "/assets/dashboard.html")).startsWith("HTTP/1.1 404 ");
        assertThat(ask("POST", "/assets/dashboard.js")).startsWith("HTTP/1.1 405 ");
    }

    @Test
    void whatGoesOnIsTold() throws IOException {
        try (Socket socket =
                new Socket(dashboard.address().getAddress(), dashboard.address().getPort())) {
            socket.getOutputStream()
                    .write(("GET /feed HTTP/1.1\r\nHost: " + dashboard.place() + "\r\n" + bearer(READER) + "\r\n\r\n")
                            .getBytes(ISO_8859_1));
            StringBuilder told = new StringBuilder();
            while (told.indexOf("\n\n", told.indexOf("data: ") + 1) < 0) {
                told.append((char) socket.getInputStream().read());
            }
            assertThat(told)
                    .contains("Content-Type: text/event-stream\r\n")
                    .contains("\"role\":\"reader\"")
                    .contains("\"worker/w1/1\":{\"worker\":{\"name\":\"w1\"");
        }
    }

    @Test
    void aTokenIsToldOnceItIsAskedForOnTheMachine() {
        assertThat(dashboard.invitation(Role.OPERATOR))
                .contains("http://127.0.0.1:" + dashboard.address().getPort() + "/enter?code=")
                .contains(OPERATOR);
        assertThat(dashboard.invitation(Role.READER)).contains("that in a file").doesNotContain(READER);
    }
}
