package terpan.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import terpan.tls.TestCertificates;

/** Static files, and files that applications name, as real clients get them: by HTTP/1.1, TLS and HTTP/2, while files and settings change. */
@Timeout(180)
final class StaticIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final int LARGE = 64 << 20;
    private static final int SLOW_READ = 100_000;

    private static final String HELLO = """
            def application(environ, start_response):
                body = b"app"
                start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "3")])
                return [body]
            """;

    private static final String FLASK = """
            import flask

            app = flask.Flask(__name__, static_folder=None)
            app.config["USE_X_SENDFILE"] = True

            @app.route("/get/<path:name>")
            def get(name):
                return flask.send_file(%1$r + name, as_attachment=True, conditional=True)
            """;

    private static final String DJANGO = """
            from django.conf import settings
            settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="of the tests", DEBUG=False)
            from django.core.wsgi import get_wsgi_application
            from django.http import HttpResponse
            from django.urls import path

            def get(request, name):
                answer = HttpResponse(headers={"X-Accel-Redirect": "/protected/" + name})
                answer.set_cookie("seen", "1")
                del answer["Content-Type"]
                return answer

            urlpatterns = [path("get/<path:name>", get)]
            app = get_wsgi_application()
            """;

    private static final String BOTTLE = """
            import bottle

            app = bottle.Bottle()

            @app.route("/get/<name:path>")
            def get(name):
                bottle.response.set_header("X-Sendfile", %1$r + name)
                bottle.response.content_type = "application/x-bottle"
                return "not sent"
            """;

    @TempDir
    private Path folder;

    private Path files;

    @BeforeEach
    void someFiles() throws IOException {
        files = Files.createDirectory(folder.resolve("static"));
        Files.writeString(files.resolve("a.txt"), "a static file");
        Files.writeString(folder.resolve("shop.py"), HELLO);
    }

    private void settings(String text) throws IOException {
        Files.writeString(folder.resolve("terpan.toml"), text);
    }

    private RunningTerpan start(String text) throws IOException {
        settings(text);
        return RunningTerpan.start(
                Map.of(RunningTerpan.BIND_OF_FILE, "1"),
                List.of(
                        "--config",
                        folder.resolve("terpan.toml").toString(),
                        "--python",
                        Program.python().toString()));
    }

    private RunningTerpan serve(String statics) throws IOException {
        return start("bind = [\"127.0.0.1:0\"]\n" + statics + "\n[application]\nname = \"shop:application\"\n");
    }

    private static Path large(Path path) throws IOException {
        byte[] block = new byte[1 << 20];
        try (FileChannel out = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int i = 0; i < LARGE / block.length; i++) {
                Arrays.fill(block, (byte) ('a' + i % 26));
                out.write(ByteBuffer.wrap(block));
            }
        }
        return path;
    }

    private static byte expected(long at) {
        return (byte) ('a' + (at >> 20) % 26);
    }

    private static long readAll(InputStream body, long from) throws IOException {
        byte[] buffer = new byte[1 << 16];
        long at = from;
        for (int count = body.read(buffer); count > 0; count = body.read(buffer)) {
            assertThat(buffer[0]).isEqualTo(expected(at));
            assertThat(buffer[count - 1]).isEqualTo(expected(at + count - 1));
            at += count;
        }
        return at;
    }

    private static String curl(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("curl", "-sS", "--max-time", "60"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String text = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(70, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(text).isZero();
        return text;
    }

    private static int port(SocketAddress address) {
        return ((InetSocketAddress) address).getPort();
    }

    @Test
    void filesAreTheSameInEveryVersionOfHttpAndOverTls() throws Exception {
        Path big = large(files.resolve("big.bin"));
        byte[] content = new byte[2_000_003];
        new Random(7).nextBytes(content);
        Path middle = Files.write(files.resolve("middle.bin"), content);
        Path style = Files.writeString(files.resolve("style.css"), "body { color: red }".repeat(2000));
        Files.setLastModifiedTime(style, FileTime.from(Instant.now().minusSeconds(60))); // nobody writes it any more
        try (RunningTerpan terpan = start("""
                bind = ["127.0.0.1:0", "127.0.0.1:0,tls", "127.0.0.1:0,h2c"]
                static = [{path = "/static/", directory = "static", max-age = "1h"}]
                [application]
                name = "shop:application"
                [tls]
                certificate = "%s"
                """.formatted(TestCertificates.EC))) {
            List<SocketAddress> addresses = terpan.addresses();
            String plain = "http://localhost:" + port(addresses.get(0));
            String tls = "https://localhost:" + port(addresses.get(1));
            String h2c = "http://localhost:" + port(addresses.get(2));
            String trusted = TestCertificates.EC.toString();
            List<List<String>> ways = List.of(
                    List.of("--http1.1", plain),
                    List.of("--http1.1", "--cacert", trusted, tls),
                    List.of("--http2", "--cacert", trusted, tls),
                    List.of("--http2-prior-knowledge", h2c));
            for (List<String> way : ways) {
                String base = way.getLast();
                List<String> options = way.subList(0, way.size() - 1);
                String head = curl(with(options, "-D", "-", "-o", "/dev/null", base + "/static/style.css"));
                assertThat(head.toLowerCase(Locale.ROOT))
                        .as(way.toString())
                        .contains(" 200", "content-length: 38000", "content-type: text/css; charset=utf-8")
                        .contains("cache-control: max-age=3600, public", "etag: ");
                assertThat(curl(with(options, base + "/static/a.txt"))).isEqualTo("a static file");
                assertThat(curl(with(options, base + "/anything"))).isEqualTo("app");
                Path got = folder.resolve("got");
                curl(with(options, "-o", got.toString(), base + "/static/big.bin"));
                assertThat(Files.mismatch(big, got)).as(way.toString()).isEqualTo(-1);
                for (int i = 0; i < 4; i++) { // the first by a disk thread, the others by the loop
                    curl(with(options, "-o", got.toString(), base + "/static/middle.bin"));
                    assertThat(Files.mismatch(middle, got)).as(way.toString()).isEqualTo(-1);
                }
                curl(with(options, "-o", got.toString(), "-r", "1048575-3145728", base + "/static/big.bin"));
                assertThat(Files.size(got)).isEqualTo(2_097_154);
                assertThat(Files.readAllBytes(got)[1]).isEqualTo(expected(1 << 20));
                String several = curl(with(options, "-r", "0-0,1048576-1048577", base + "/static/big.bin"));
                assertThat(several).contains("\r\n\r\na\r\n--", "\r\n\r\nbb\r\n--", "Content-Range: bytes 0-0/");
                assertThat(curl(with(options, "-I", base + "/static/big.bin")))
                        .containsIgnoringCase("content-length: " + LARGE);
            }
            terpan.assertQuiet();
            assertThat(terpan.ask("/metrics"))
                    .contains("terpan_static_requests_total{status=\"200\"}")
                    .contains("terpan_static_requests_total{status=\"206\"} 8");
        }
    }

    private static String[] with(List<String> options, String... more) {
        return Stream.concat(options.stream(), Stream.of(more)).toArray(String[]::new);
    }

    @Test
    void aSlowClientOfALargeFileHoldsUpNobody() throws Exception {
        large(files.resolve("big.bin"));
        try (RunningTerpan terpan = serve("static = [{path = \"/static/\", directory = \"static\"}]");
                Connection slow = terpan.connect()) {
            slow.ask("GET", "/static/big.bin");
            Answer head = slow.readHead();
            InputStream body = slow.body(head);
            assertThat(body.readNBytes(SLOW_READ)).hasSize(SLOW_READ);
            for (int i = 0; i < 50; i++) {
                assertThat(terpan.get("/static/a.txt").body()).isEqualTo("a static file");
                assertThat(terpan.get("/").body()).isEqualTo("app");
            }
            assertThat(readAll(body, SLOW_READ)).isEqualTo(LARGE);
            assertThat(terpan.metric("terpan_loop_buffer_bytes")).isLessThan(1 << 20);
            assertThat(slow.get("/static/a.txt").status()).isEqualTo(200);
        }
    }

    @Test
    void aFileThatIsReplacedOrRemovedWhileItIsSentIsSentAsItWas() throws Exception {
        Path big = large(files.resolve("big.bin"));
        Path other = Files.writeString(folder.resolve("other"), "other");
        try (RunningTerpan terpan = serve("static = [{path = \"/static/\", directory = \"static\"}]");
                Connection client = terpan.connect()) {
            client.ask("GET", "/static/big.bin");
            InputStream body = client.body(client.readHead());
            body.readNBytes(SLOW_READ);
            Files.move(other, big, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            await().atMost(SOON)
                    .untilAsserted(() ->
                            assertThat(terpan.get("/static/big.bin").body()).isEqualTo("other"));
            Files.delete(big);
            await().atMost(SOON)
                    .untilAsserted(() ->
                            assertThat(terpan.get("/static/big.bin").status()).isEqualTo(404));
            assertThat(readAll(body, SLOW_READ)).isEqualTo(LARGE);
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(open(terpan.pid(), "big.bin"))
                            .as("what is gone takes no room on the disk")
                            .isEmpty());
        }
    }

    private static List<String> open(long pid, String name) throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return open.map(descriptor -> {
                        try {
                            return Files.readSymbolicLink(descriptor).toString();
                        } catch (IOException closed) {
                            return "";
                        }
                    })
                    .filter(target -> target.contains(name))
                    .toList();
        }
    }

    @Test
    void anAnswerWhoseFileBecomesShorterIsCut() throws Exception {
        Path big = large(files.resolve("big.bin"));
        try (RunningTerpan terpan = serve("static = [{path = \"/static/\", directory = \"static\"}]");
                Connection client = terpan.connect()) {
            client.ask("GET", "/static/big.bin");
            InputStream body = client.body(client.readHead());
            body.readNBytes(SLOW_READ);
            try (FileChannel shorter = FileChannel.open(big, StandardOpenOption.WRITE)) {
                shorter.truncate(1 << 10);
            }
            // What the kernel was given already may be zeroed with the file.
            assertThatThrownBy(() -> body.readAllBytes()).isInstanceOf(IOException.class);
            assertThat(terpan.get("/static/a.txt").status()).isEqualTo(200);
        }
    }

    @Test
    void theSettingChangesWithAReloadAndFilesAreServedInMaintenanceAndLoggedWithoutAWorker() throws Exception {
        Path log = folder.resolve("access.log");
        String logs = "[log]\naccess = true\naccess-format = \"json\"\naccess-file = \"" + log + "\"\n";
        String application = "[application]\nname = \"shop:application\"\n" + logs;
        try (RunningTerpan terpan = start(
                "bind = [\"127.0.0.1:0\"]\nstatic = [{path = \"/static/\", directory = \"static\"}]\n" + application)) {
            assertThat(terpan.get("/static/a.txt").status()).isEqualTo(200);
            assertThat(terpan.command("maintenance", "on").code()).isZero();
            assertThat(terpan.get("/").status()).isEqualTo(503);
            assertThat(terpan.get("/static/a.txt").body()).isEqualTo("a static file");
            assertThat(terpan.command("maintenance", "off").code()).isZero();

            settings("bind = [\"127.0.0.1:0\"]\nstatic = [{path = \"/\", directory = \"static\", fallback = true}]\n"
                    + application);
            Program.Ended reload = terpan.command("reload");
            assertThat(reload.code()).as(reload.err()).isZero();
            assertThat(terpan.get("/static/a.txt").body()).isEqualTo("app");
            assertThat(terpan.get("/a.txt").body()).isEqualTo("a static file");

            settings("bind = [\"127.0.0.1:0\"]\nstatic = [{path = \"/\", directory = \"none\"}]\n" + application);
            Program.Ended refused = terpan.command("reload");
            assertThat(refused.code()).isEqualTo(3);
            assertThat(refused.err()).contains("static / is " + folder.resolve("none") + ", which is no directory");
            assertThat(terpan.get("/a.txt").body()).isEqualTo("a static file");
        }
        assertThat(Files.readAllLines(log))
                .filteredOn(line -> line.contains("a.txt") && line.contains("\"status\":200"))
                .filteredOn(line -> line.contains("\"worker\":\"\"") || !line.contains("\"worker\":\""))
                .hasSizeGreaterThanOrEqualTo(3);
    }

    @Test
    void filesAreServedWhileNoWorkerIs() throws Exception {
        Files.writeString(
                folder.resolve("shop.py"),
                "import os, time\n" + HELLO + """

                if os.path.exists(%1$r):
                    time.sleep(3600)
                """.replace("%1$r", "'" + folder.resolve("hang") + "'"));
        try (RunningTerpan terpan = serve("static = [{path = \"/static/\", directory = \"static\"}]")) {
            Files.writeString(folder.resolve("hang"), "");
            long worker = terpan.otherProcesses().getFirst();
            assertThat(worker).isPositive();
            for (long pid : terpan.otherProcesses()) {
                String line = Files.readString(Path.of("/proc/" + pid + "/cmdline"));
                if (line.contains("shop") || line.contains("builtin")) {
                    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
                }
            }
            for (int i = 0; i < 20; i++) {
                assertThat(terpan.get("/static/a.txt").body()).isEqualTo("a static file");
            }
        }
    }

    @Test
    void eachOfSeveralApplicationsHasFilesOfItsOwn() throws Exception {
        Path other = Files.createDirectories(folder.resolve("other/files"));
        Files.writeString(other.resolve("b.txt"), "of the other");
        try (RunningTerpan terpan = start("""
                bind = ["127.0.0.1:0"]

                [[applications]]
                name = "one"
                routes = ["one.example"]
                static = [{path = "/static/", directory = "static"}]
                [applications.application]
                name = "shop:application"

                [[applications]]
                name = "two"
                routes = ["one.example/two", "two.example"]
                static = ["/static/=other/files"]
                [applications.application]
                name = "shop:application"
                """)) {
            assertThat(ask(terpan, "one.example", "/static/a.txt")).isEqualTo("a static file");
            assertThat(ask(terpan, "two.example", "/static/b.txt")).isEqualTo("of the other");
            assertThat(ask(terpan, "one.example", "/two/static/b.txt")).isEqualTo("of the other");
            assertThat(ask(terpan, "two.example", "/static/a.txt")).contains("There is no such file.");
            assertThat(ask(terpan, "two.example", "/x")).isEqualTo("app");
            assertThat(terpan.ask("/metrics"))
                    .contains("terpan_static_requests_total{application=\"one\",status=\"200\"} 1")
                    .contains("terpan_static_requests_total{application=\"two\",status=\"200\"} 2");
        }
    }

    private static String ask(RunningTerpan terpan, String host, String path) throws IOException {
        try (Connection connection = terpan.connect()) {
            connection.send("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
            return connection.read().body();
        }
    }

    @Test
    void checkSuggestsWhatTheFrameworkIsSetTo() throws Exception {
        Files.writeString(
                folder.resolve("django_shop.py"),
                DJANGO.replace("DEBUG=False", "STATIC_URL='assets/', STATIC_ROOT='" + files + "'"));
        Files.writeString(
                folder.resolve("flask_shop.py"), "import flask\n\napp = flask.Flask(__name__, static_url_path='/x')\n");
        assertThat(suggested("django_shop:app"))
                .contains("\nstatic = [{path = \"/assets/\", directory = \"" + files + "\"}]\n");
        assertThat(suggested("flask_shop:app"))
                .contains("\nstatic = [{path = \"/x/\", directory = \"" + files + "\"}]\n");
        assertThat(suggested("shop:application")).contains("No static files were found of shop:application.");
    }

    private String suggested(String application) throws Exception {
        Program.Ended ended = Program.run(
                folder, "check", "--suggest", "--python", Program.python().toString(), application);
        assertThat(ended.code()).as(ended.err()).isZero();
        return ended.out();
    }

    @ParameterizedTest
    @ValueSource(strings = {"flask", "django", "bottle"})
    void anApplicationNamesAFile(String framework) throws Exception {
        String code = switch (framework) {
            case "flask" -> FLASK;
            case "django" -> DJANGO;
            default -> BOTTLE;
        };
        Path media = Files.createDirectory(folder.resolve("media"));
        Files.writeString(folder.resolve("shop.py"), code.replace("%1$r", "'" + media + "/'"));
        Files.writeString(media.resolve("a.txt"), "of the application");
        Files.writeString(folder.resolve("secret.txt"), "secret");
        Files.createSymbolicLink(media.resolve("out.txt"), folder.resolve("secret.txt"));
        large(media.resolve("big.bin"));
        String allowed = framework.equals("django")
                ? "internal = [{path = \"/protected/\", directory = \"media\"}]"
                : "sendfile = [\"media\"]";
        try (RunningTerpan terpan =
                start("bind = [\"127.0.0.1:0\"]\n" + allowed + "\n[application]\nname = \"shop:app\"\n")) {
            Answer answer = terpan.get("/get/a.txt");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo("of the application");
            assertThat(answer.field("x-sendfile")).isEmpty();
            assertThat(answer.field("x-accel-redirect")).isEmpty();
            assertThat(answer.field("content-type"))
                    .contains(framework.equals("bottle") ? "application/x-bottle" : "text/plain; charset=utf-8");
            if (framework.equals("django")) {
                assertThat(answer.field("set-cookie").orElseThrow()).startsWith("seen=1");
            }
            if (framework.equals("flask")) {
                assertThat(answer.field("content-disposition")).contains("attachment; filename=a.txt");
            }
            Answer range = terpan.get("/get/a.txt", "Range: bytes=3-5");
            assertThat(range.status()).isEqualTo(206);
            assertThat(range.body()).isEqualTo("the");
            assertThat(range.fields().stream()
                            .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("content-range")))
                    .hasSize(1);
            assertThat(terpan.get(
                                    "/get/a.txt",
                                    "If-None-Match: " + answer.field("etag").orElseThrow())
                            .status())
                    .isEqualTo(304);
            Answer out = terpan.get("/get/out.txt");
            assertThat(out.status()).isEqualTo(404);
            assertThat(out.body()).doesNotContain("secret");
            try (Connection client = terpan.connect()) {
                client.ask("GET", "/get/big.bin");
                assertThat(readAll(client.body(client.readHead()), 0)).isEqualTo(LARGE);
            }
        }
    }
}
