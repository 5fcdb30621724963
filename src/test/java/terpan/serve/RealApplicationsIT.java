package terpan.serve;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import terpan.server.Profiles;

/**
 * Applications written with the frameworks that people use, served by the servers that people use: one worker, mounted under a
 * prefix, asked for what a server or a front may spoil. All do the same, so all answers are the same.
 */
@Timeout(60)
final class RealApplicationsIT {
    /** These serve every WSGI application, the others Bottle's. */
    private static final List<String> FULLY = List.of("builtin", "gunicorn", "waitress", "uwsgi", "uvicorn");

    private static final List<String> WSGI =
            List.of("bottle_app", "flask_app", "falcon_app", "django_site.wsgi:application");
    private static final List<String> ASGI = List.of("starlette_app", "fastapi_app", "django_site.asgi:application");
    private static final Path FOLDER =
            Program.APPLICATIONS.resolve("../../python/apps").normalize();
    private static final int UPLOAD = 32 << 20;
    private static final int DOWNLOAD = 64 << 20;

    @TempDir
    private static Path shared;

    @TempDir
    private Path files;

    static Stream<Arguments> servedApplications() {
        Stream<Arguments> wsgi = Profiles.names().stream()
                .flatMap(server -> (FULLY.contains(server) ? WSGI : WSGI.subList(0, 1))
                        .stream().map(application -> Arguments.of(server, application)));
        Stream<Arguments> asgi = Profiles.asgiNames().stream()
                .flatMap(server -> ASGI.stream().map(application -> Arguments.of(server, application)));
        return Stream.concat(wsgi, asgi);
    }

    @BeforeAll
    static void makeTheDatabase() throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                        Program.python().toString(),
                        FOLDER.resolve("django_prepare.py").toString())
                .inheritIO();
        builder.environment().putAll(environment());
        assertThat(builder.start().waitFor()).isZero();
    }

    private static Map<String, String> environment() {
        return Map.of("DATABASE", shared.resolve("database").toString(), "PYTHONDONTWRITEBYTECODE", "1");
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("servedApplications")
    void anApplicationIsServedAsItsAuthorsMeantIt(String server, String application) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(application, "--server", server, "--workers", "1"));
        arguments.addAll(List.of("--chdir", FOLDER.toString(), "--prefix", "/shop"));
        arguments.addAll(List.of("--python", Program.python().toString()));
        try (RunningTerpan terpan = RunningTerpan.start(environment(), arguments)) {
            try (Connection connection = terpan.connect()) {
                identity(connection);
                fields(connection);
                upload(connection);
                stream(connection);
            }
            downloadToASlowReader(terpan);
            failures(terpan);
            if (application.startsWith("django")) {
                try (Connection connection = terpan.connect()) {
                    new DjangoSite(connection).visit(server + " " + application);
                }
            }
        }
    }

    private static void identity(Connection connection) throws IOException {
        Answer hello = connection.get("/shop/hello?x=1");
        assertThat(hello.status()).isEqualTo(200);
        assertThat(hello.body()).isEqualTo("Hello 127.0.0.1 at http://shop.example/shop/hello?x=1");
        String name = "caf%C3%A9%20%E2%82%AC";
        assertThat(connection.get("/shop/echo/" + name + "?q=" + name).body())
                .isEqualTo(new String("café € café €".getBytes(UTF_8), ISO_8859_1));
        Answer away = connection.get("/shop/redirect");
        assertThat(away.status()).isEqualTo(302);
        assertThat(away.field("location").orElseThrow()).matches("(http://shop.example)?/shop/hello");
    }

    private static void fields(Connection connection) throws IOException {
        Answer cookies = connection.get("/shop/cookies", "Cookie: b=2", "Cookie: a=1");
        assertThat(cookies.body()).isEqualTo("a=1 b=2");
        assertThat(cookies.fields().stream().filter(line -> line.matches("(?i)set-cookie: *(first=1|second=2)(;.*)?")))
                .hasSize(2);
        Answer many = connection.get("/shop/fields", "X-Many: 1", "X-Many: 2");
        assertThat(many.body().replace(" ", "")).isEqualTo("1,2");
        assertThat(many.fields().stream()
                        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("x-many:"))
                        .map(line -> line.substring("x-many:".length()).strip())
                        .reduce((one, two) -> one + ", " + two))
                .contains("one, two");
    }

    private static void upload(Connection connection) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        connection.ask("POST", "/shop/upload", "Content-Length: " + UPLOAD, "Content-Type: application/octet-stream");
        for (int sent = 0; sent < UPLOAD; sent += 1 << 20) {
            byte[] piece = new byte[1 << 20];
            Arrays.fill(piece, (byte) (sent >> 20));
            digest.update(piece);
            connection.send(ByteBuffer.wrap(piece));
        }
        assertThat(connection.read().body())
                .isEqualTo(UPLOAD + " " + HexFormat.of().formatHex(digest.digest()));
    }

    private void stream(Connection connection) throws IOException {
        Path until = files.resolve("until");
        Answer head = connection.ask("GET", "/shop/stream?until=" + until).readHead();
        InputStream body = connection.body(head);
        assertThat(new String(body.readNBytes(6), ISO_8859_1)).isEqualTo("first\n");
        EndsIT.touch(until);
        assertThat(new String(body.readAllBytes(), ISO_8859_1)).isEqualTo("last\n");
    }

    /** A client that does not read holds no worker: the only one answers others meanwhile. */
    private static void downloadToASlowReader(RunningTerpan terpan) throws IOException {
        try (Connection slow = terpan.connect()) {
            Answer head = slow.ask("GET", "/shop/download?bytes=" + DOWNLOAD).readHead();
            assertThat(head.field("content-length")).contains(Integer.toString(DOWNLOAD));
            InputStream body = slow.body(head);
            assertThat(body.read()).isZero();
            assertThat(terpan.get("/shop/hello").status()).isEqualTo(200);
            byte[] piece = new byte[1 << 16];
            int seen = 1;
            for (int count = body.read(piece); count >= 0; count = body.read(piece)) {
                assertThat(piece[0]).isEqualTo((byte) seen);
                assertThat(piece[count - 1]).isEqualTo((byte) (seen + count - 1));
                seen += count;
            }
            assertThat(seen).isEqualTo(DOWNLOAD);
        }
    }

    private static void failures(RunningTerpan terpan) throws IOException {
        assertThat(terpan.get("/shop/fail").status()).isEqualTo(500);
        terpan.awaitLine("failed before the first byte");
        try (Connection connection = terpan.connect()) {
            Answer head = connection.ask("GET", "/shop/fail-later").readHead();
            // Where the end came in one piece with the head, nothing had left yet.
            if (head.status() != 502) {
                assertThat(head.status()).isEqualTo(200);
                assertThatIOException()
                        .as("an answer that broke off must not look whole")
                        .isThrownBy(() -> connection.body(head).readAllBytes());
            }
        }
        terpan.awaitLine("failed after the first byte");
        assertThat(terpan.get("/shop/hello").status()).isEqualTo(200);
    }
}
