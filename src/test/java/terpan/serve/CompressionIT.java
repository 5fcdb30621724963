package terpan.serve;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import terpan.coding.Decoded;
import terpan.config.Settings;

/** Answers of real workers that are compressed for clients that take it. */
@Timeout(120)
final class CompressionIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final int CLIENTS = 4;
    private static final int SOME_ANSWERS = 200;

    private static final String CODE = """
            import gzip, os, time

            TEXT = b"All work and no play makes Jack a dull boy.\\n" * 2000
            PLAIN = ("Content-Type", "text/plain; charset=utf-8")
            with open("text", "wb") as out:
                out.write(TEXT)

            def streamed():
                yield b"first\\n"
                while not os.path.exists("go"):
                    time.sleep(0.01)
                yield b"second\\n"

            def application(environ, start_response):
                path = environ["PATH_INFO"]
                if path == "/stream":
                    start_response("200 OK", [PLAIN])
                    return streamed()
                if path == "/file":
                    start_response("200 OK", [PLAIN, ("Content-Length", str(len(TEXT)))])
                    wrapper = environ.get("wsgi.file_wrapper", lambda file: [file.read()])
                    return wrapper(open("text", "rb"))
                if path == "/coded":
                    body = gzip.compress(TEXT)
                    start_response("200 OK", [PLAIN, ("Content-Encoding", "gzip"), ("Content-Length", str(len(body)))])
                    return [body]
                start_response("200 OK", [PLAIN, ("ETag", '"one"'), ("Content-Length", str(len(TEXT)))])
                return [TEXT]
            """;

    private static final String TEXT = "All work and no play makes Jack a dull boy.\n".repeat(2000);

    @TempDir
    private Path folder;

    private void settings(String text) throws IOException {
        Files.writeString(folder.resolve("terpan.toml"), "[application]\nname = \"shop:application\"\n" + text);
    }

    private RunningTerpan serve(String... flags) throws IOException {
        Files.writeString(folder.resolve("shop.py"), CODE);
        settings("[http]\ncompress = [\"zstd\", \"br\", \"gzip\"]\n");
        List<String> arguments = new ArrayList<>(List.of(
                "--config",
                folder.resolve("terpan.toml").toString(),
                "--python",
                Program.python().toString()));
        arguments.addAll(List.of(flags));
        return RunningTerpan.start(Map.of(), arguments);
    }

    private static String text(Answer answer, String coding) throws IOException {
        byte[] body = answer.body().getBytes(ISO_8859_1);
        return new String(Decoded.of(Settings.Coding.valueOf(coding.toUpperCase(Locale.ROOT)), body), ISO_8859_1);
    }

    /** Also where the worker's link is another loop's, and where the answer is a file. */
    @ParameterizedTest
    @CsvSource({"builtin, --threads=2", "builtin, --loops=2", "waitress, --threads=2", "uvicorn, --workers=1"})
    void everyCodingReachesItsClientWholeAndHasItsFields(String server, String flag) throws Exception {
        try (RunningTerpan terpan = serve("--server", server, flag)) {
            for (String coding : List.of("gzip", "br", "zstd")) {
                await().atMost(SOON) // the library may still be loading
                        .until(() -> terpan.get("/text", "Accept-Encoding: " + coding)
                                .field("content-encoding")
                                .isPresent());
                for (String path : List.of("/text", "/file")) {
                    for (int i = 0; i < 4; i++) {
                        Answer answer = terpan.get(path, "Accept-Encoding: " + coding + ", *;q=0");
                        assertThat(answer.field("content-encoding")).as(path).contains(coding);
                        assertThat(answer.field("vary")).contains("Accept-Encoding");
                        assertThat(text(answer, coding)).isEqualTo(TEXT);
                    }
                }
                assertThat(terpan.get("/text", "Accept-Encoding: " + coding).field("etag"))
                        .contains("W/\"one\"");
            }
            assertThat(terpan.get("/text").body()).isEqualTo(TEXT);
            assertThat(terpan.get("/file").body()).isEqualTo(TEXT);
            Answer coded = terpan.get("/coded", "Accept-Encoding: br, gzip;q=0.1");
            assertThat(text(coded, "gzip")).isEqualTo(TEXT);
        }
    }

    @ParameterizedTest
    @CsvSource({"builtin", "waitress"})
    void whatIsStreamedIsReadAsItComes(String server) throws Exception {
        try (RunningTerpan terpan = serve("--server", server);
                Connection connection = terpan.connect()) {
            connection.ask("GET", "/stream", "Accept-Encoding: gzip");
            Answer head = connection.readHead();
            assertThat(head.field("content-encoding")).contains("gzip");
            InputStream body = connection.body(head);
            ByteArrayOutputStream begun = new ByteArrayOutputStream();
            while (!new String(Decoded.asFar(Settings.Coding.GZIP, begun.toByteArray()), ISO_8859_1)
                    .equals("first\n")) {
                begun.write(body.read()); // until the test is timed out
            }
            EndsIT.touch(folder.resolve("go"));
            begun.write(body.readAllBytes());
            assertThat(new String(Decoded.of(Settings.Coding.GZIP, begun.toByteArray()), ISO_8859_1))
                    .isEqualTo("first\nsecond\n");
        }
    }

    @Test
    void curlReadsItByHttp2AndTheLogHasWhatWasSent() throws Exception {
        try (RunningTerpan terpan = serve("--access-log", "--bind", "127.0.0.1:0,h2c")) {
            String address = "http://127.0.0.1:" + ((InetSocketAddress) terpan.address()).getPort() + "/text";
            for (String version : List.of("--http1.1", "--http2-prior-knowledge")) {
                Path body = folder.resolve("body" + version);
                Process curl = new ProcessBuilder(
                                "curl",
                                "--silent",
                                "--fail",
                                "--compressed",
                                version,
                                "--output",
                                body.toString(),
                                address)
                        .inheritIO()
                        .start();
                assertThat(curl.waitFor()).isZero();
                assertThat(body).hasContent(TEXT);
            }
            await().atMost(SOON)
                    .until(() -> terpan.output().stream()
                                    .filter(line -> line.contains("\"GET /text HTTP/"))
                                    .filter(line ->
                                            Integer.parseInt(line.replaceFirst(".*\" 200 (\\d+) .*", "$1")) < 2_000)
                                    .count()
                            == 2);
        }
    }

    @Test
    void aReloadTurnsItOffAndOnUnderLoad() throws Exception {
        try (RunningTerpan terpan = serve("--workers", "2")) {
            LoadIT.awaitWorkers(terpan, 2);
            Load load = Load.start(terpan.address(), "/text", CLIENTS);
            EndsIT.awaitAnswers(load, SOME_ANSWERS);
            assertThat(terpan.get("/text", "Accept-Encoding: gzip").field("content-encoding"))
                    .contains("gzip");
            settings("");
            assertThat(terpan.command("reload").code()).isZero();
            assertThat(terpan.get("/text", "Accept-Encoding: gzip").field("content-encoding"))
                    .isEmpty();
            settings("[http]\ncompress = [\"gzip\"]\ncompress-types = [\"text/html\"]\n");
            assertThat(terpan.command("reload").code()).isZero();
            assertThat(terpan.get("/text", "Accept-Encoding: gzip").field("content-encoding"))
                    .isEmpty();
            assertThat(load.end().failures()).isEmpty();
            assertThat(load.statuses()).containsOnlyKeys(200);
        }
    }
}
