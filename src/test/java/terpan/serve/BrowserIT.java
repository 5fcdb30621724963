package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real browsers over TLS: a page with what belongs to it, files, compressed answers, and the chat of the examples. */
@Timeout(240)
final class BrowserIT {
    private static final Path EXAMPLE =
            Program.APPLICATIONS.resolve("../../../../examples/chat").normalize();
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int IMAGES = 12;
    private static final String LOADED = "performance.getEntriesByType('resource')";

    private static final String HINTING = """
            def application(environ, start_response):
                environ["wsgi.early_hints"]([("Link", "</static/style.css>; rel=preload; as=style")])
                start_response("200 OK", [("Content-Type", "text/html")])
                return [b"<!DOCTYPE html><link rel=stylesheet href=/static/style.css><p>hinted"]
            """;

    @TempDir
    private Path folder;

    private Path log() {
        return folder.resolve("access");
    }

    /** A page with a style sheet that has a compressed neighbour, a script that is a module, and images. */
    private Path site() throws IOException {
        Path site = Files.createDirectory(folder.resolve("site"));
        StringBuilder page = new StringBuilder(
                "<!DOCTYPE html><link rel=icon href=data:,><link rel=stylesheet href=style.css><p id=said>no</p>");
        for (int i = 0; i < IMAGES; i++) {
            Files.writeString(
                    site.resolve("image" + i + ".svg"),
                    "<svg xmlns='http://www.w3.org/2000/svg' width='" + (i + 1) + "' height='1'/>");
            page.append("<img src=image").append(i).append(".svg>");
        }
        Files.writeString(site.resolve("index.html"), page + "<script type=module src=main.js></script>");
        Files.writeString(site.resolve("main.js"), "import {word} from './word.js'; said.textContent = word;");
        Files.writeString(site.resolve("word.js"), "export const word = 'yes';");
        String style = "p { color: rgb(1, 2, 3) }\n" + "/* " + "long ".repeat(10_000) + "*/";
        Files.writeString(site.resolve("style.css"), style);
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(site.resolve("style.css.gz")))) {
            out.write(style.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        }
        return site;
    }

    private RunningTerpan serve(String application, Path directory, String server) throws IOException {
        return RunningTerpan.start(
                Map.of(),
                List.of(
                        application,
                        "--chdir",
                        directory.toString(),
                        "--python",
                        Program.python().toString(),
                        "--server",
                        server,
                        "--workers",
                        "1",
                        "--bind",
                        "127.0.0.1:0,tls",
                        "--tls-development",
                        "--static",
                        "/static/=" + site(),
                        "--compress",
                        "br",
                        "--compress-least",
                        "100B",
                        "--tunnel-drain",
                        "1s",
                        "--access-log",
                        "--access-log-file",
                        log().toString()));
    }

    private static Browser browser(String kind, String... flags) throws IOException {
        String command = kind.equals("firefox") ? "firefox-esr" : kind;
        boolean there = Stream.of(System.getenv("PATH").split(":", -1))
                .anyMatch(each -> Files.isExecutable(Path.of(each, command)));
        assumeTrue(there, command + " is not on the path");
        return new Browser(kind, new ArrayList<>(List.of(flags)));
    }

    private static String url(RunningTerpan terpan, String path) {
        return "https://localhost:" + ((InetSocketAddress) terpan.address()).getPort() + path;
    }

    @ParameterizedTest
    @CsvSource({
        "chromium, h2, HTTP/2.0, --enable-quic=false",
        "chromium, http/1.1, HTTP/1.1, --disable-http2",
        "firefox, h2, HTTP/2.0, --new-instance"
    })
    void aPageItsFilesAndTheChat(String kind, String protocol, String version, String flag) throws Exception {
        try (RunningTerpan terpan = serve("chat:app", EXAMPLE, "uvicorn");
                Browser browser = browser(kind, flag)) {
            page(terpan, browser, protocol);
            chat(terpan, browser);
            // One line for each that is over: those of the page were closed by the reload.
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(Files.readString(log()))
                            .contains("GET /static/style.css " + version)
                            .contains("GET /room " + version));
        }
    }

    private static void page(RunningTerpan terpan, Browser browser, String protocol) throws IOException {
        browser.open(0, url(terpan, "/static/index.html"));
        await().atMost(SOON).until(() -> browser.js(0, "said.textContent").equals("\"yes\""));
        assertThat(browser.js(0, "getComputedStyle(said).color")).isEqualTo("\"rgb(1, 2, 3)\"");
        assertThat(browser.js(0, "[...document.images].map(image => image.naturalWidth).join()"))
                .isEqualTo("\"1,2,3,4,5,6,7,8,9,10,11,12\"");
        assertThat(browser.js(0, "performance.getEntriesByType('navigation')[0].nextHopProtocol"))
                .isEqualTo("\"" + protocol + "\"");
        assertThat(browser.js(0, LOADED + ".filter(each => each.nextHopProtocol === '" + protocol + "').length"))
                .isEqualTo(Integer.toString(IMAGES + 3));
        assertThat(browser.js(
                        0,
                        LOADED + ".filter(each => each.name.endsWith('style.css'))"
                                + ".map(each => [each.encodedBodySize < 1000, each.decodedBodySize > 50000])"))
                .isEqualTo("[[true,true]]");
        assertThat(
                        browser.js(
                                0,
                                "fetch('image3.svg', {headers: {range: 'bytes=0-3'}}).then(async got => got.status + await got.text())"))
                .isEqualTo("\"206<svg\"");
        assertThat(browser.js(0, "fetch('/').then(got => got.headers.get('content-encoding'))"))
                .isEqualTo("\"br\"");
    }

    private static void chat(RunningTerpan terpan, Browser browser) throws Exception {
        for (int tab = 0; tab < 2; tab++) {
            browser.open(tab, url(terpan, "/"));
            awaitOpen(browser, tab);
        }
        talk(browser, "before");
        assertThat(terpan.metric("terpan_tunnels_open")).isEqualTo(2);
        browser.js(0, "(window.first = socket, true)");
        browser.js(1, "(window.first = socket, true)");
        terpan.signal("HUP");
        for (int tab = 0; tab < 2; tab++) {
            int here = tab;
            await().atMost(SOON)
                    .until(() -> browser.js(here, "first.readyState === 3").equals("true"));
            awaitOpen(browser, tab);
        }
        talk(browser, "after");
    }

    private static void awaitOpen(Browser browser, int tab) {
        await().atMost(SOON).until(() -> browser.js(tab, "socket.readyState").equals("1"));
    }

    private static void talk(Browser browser, String word) throws IOException {
        browser.js(0, "(field.value = '" + word + "', form.requestSubmit(), true)");
        for (int tab = 0; tab < 2; tab++) {
            int here = tab;
            await().atMost(SOON)
                    .until(() -> browser.js(here, "list.lastChild && list.lastChild.textContent")
                            .equals("\"" + word + "\""));
        }
    }

    @Test
    void hintsOfTheApplicationReachThePage() throws Exception {
        Files.writeString(folder.resolve("hinting.py"), HINTING);
        try (RunningTerpan terpan = serve("hinting:application", folder, "builtin");
                Browser browser = browser("chromium")) {
            browser.open(0, url(terpan, "/"));
            assertThat(browser.js(0, "performance.getEntriesByType('navigation')[0].firstInterimResponseStart > 0"))
                    .isEqualTo("true");
        }
    }
}
