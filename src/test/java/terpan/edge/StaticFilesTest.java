package terpan.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import terpan.config.StaticFiles;
import terpan.loop.PretendWire;

/** Which files are found, and which are not; how they are said to change. */
final class StaticFilesTest extends FilesCase {
    @Test
    void aFileIsAnsweredWithoutAWorkerAndTheConnectionLivesOn() {
        PretendWire client = bench.client("GET /static/a.txt HTTP/1.1\r\nHost: h\r\n\r\n");
        String answer = bench.got(client);
        assertThat(answer)
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("\r\nContent-Type: text/plain; charset=utf-8\r\n", "\r\nContent-Length: 10\r\n")
                .contains("\r\nLast-Modified: " + MODIFIED + "\r\n", "\r\nAccept-Ranges: bytes\r\n")
                .doesNotContain("Vary", "Cache-Control", "X-Content-Type-Options", "Connection")
                .endsWith("\r\n\r\n" + TEXT);
        bench.send(client, "HEAD /static/a.txt HTTP/1.1\r\nHost: h\r\n\r\n");
        assertThat(bench.got(client))
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("\r\nContent-Length: 10\r\n", "ETag: " + field(answer, "ETag"))
                .endsWith("\r\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 16 * 1024, 16 * 1024 + 1, 300_000})
    void aFileOfAnySizeIsWhole(int size) throws IOException {
        String content = EdgeBench.bytes(size);
        file("big.bin", content);
        for (int i = 0; i < 2; i++) {
            assertThat(get("/static/big.bin"))
                    .contains("\r\nContent-Length: " + size + "\r\n")
                    .endsWith("\r\n\r\n" + content);
        }
        assertThat(body(get("/static/big.bin", "Range: bytes=-1"))).hasSize(size == 0 ? 0 : 1);
    }

    @Test
    void aFileGoesOutAsTheClientTakesItWhoeverSendsIt() throws IOException {
        String content = EdgeBench.bytes(1_500_000);
        file("big.bin", content);
        for (int i = 0; i < 3; i++) {
            PretendWire client = bench.client();
            client.peerTakes(1000);
            bench.send(client, "GET /static/big.bin HTTP/1.1\r\nHost: h\r\n\r\n");
            StringBuilder got = new StringBuilder(bench.got(client));
            while (got.length() < content.length()) {
                client.peerTakes(300_000);
                got.append(bench.got(client));
            }
            client.peerTakes(1000);
            got.append(bench.got(client));
            assertThat(body(got.toString())).isEqualTo(content);
            client.peerTakes(1 << 20);
            bench.send(client, "GET /static/a.txt HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(bench.got(client)).endsWith(TEXT);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/static/../secret.txt",
                "/static/%2e%2e/secret.txt",
                "/static/%2E%2e%2fsecret.txt",
                "/static/..%2fsecret.txt",
                "/static/sub/../../secret.txt",
                "/static/..%5csecret.txt",
                "/static/..\\secret.txt",
                "/static/./a.txt",
                "/static/%2e/a.txt",
                "/static//a.txt",
                "/static/sub//b.txt",
                "/static/%2fetc/passwd",
                "/static/.hidden",
                "/static/%2ehidden",
                "/static/.git/config",
                "/static/sub/.env",
                "/static/a.txt%20",
                "/static/a.txt.",
                "/static/a.txt/",
                "/static/a.txt/b",
                "/static/a.txt%0a",
                "/static/%c0%ae%c0%ae/secret.txt",
                "/static/%e0%80%ae%e0%80%ae/secret.txt",
                "/static/%ff",
                "/static/%252e%252e/secret.txt",
                "/static/out",
                "/static/outside/secret.txt",
                "/static/up/secret.txt",
                "/static/up/files/../secret.txt",
                "/static/tohidden",
                "/static/circle",
                "/static/nowhere",
                "/static/pipe",
                "/static/sub",
                "/static/sub/",
                "/static/",
                "/static/a.txt:stream",
                "/static/A.TXT",
            })
    void whatIsNoFileBelowTheDirectoryIsNotFound(String path) throws Exception {
        Files.writeString(folder.resolve("secret.txt"), "secret");
        file(".hidden", "secret");
        file(".git/config", "secret");
        file("sub/.env", "secret");
        file("sub/b.txt", "b");
        Files.createSymbolicLink(files.resolve("out"), folder.resolve("secret.txt"));
        Files.createSymbolicLink(files.resolve("outside"), folder);
        Files.createSymbolicLink(files.resolve("up"), Path.of(".."));
        Files.createSymbolicLink(files.resolve("tohidden"), Path.of(".hidden"));
        Files.createSymbolicLink(files.resolve("circle"), Path.of("circle"));
        Files.createSymbolicLink(files.resolve("nowhere"), Path.of("nothing"));
        assertThat(new ProcessBuilder("mkfifo", files.resolve("pipe").toString())
                        .start()
                        .waitFor())
                .isZero();
        assertThat(get(path)).startsWith("HTTP/1.1 404 ").doesNotContain("\r\n\r\nsecret");
        assertThat(get(path)).as("what is known of it").startsWith("HTTP/1.1 404 ");
    }

    @Test
    void namesAndLinksWithinTheDirectoryAreServed() throws IOException {
        file("sub/b.txt", "below");
        file("with space.txt", "space");
        file("na\u00efve.txt", "more");
        file("a%2eb", "percent");
        Files.createSymbolicLink(files.resolve("link.txt"), Path.of("sub/b.txt"));
        Files.createSymbolicLink(files.resolve("folder"), Path.of("sub"));
        assertThat(body(get("/static/sub/b.txt"))).isEqualTo("below");
        assertThat(body(get("/static/sub%2Fb.txt"))).isEqualTo("below");
        assertThat(body(get("/%73tatic/%61.txt"))).isEqualTo(TEXT);
        assertThat(body(get("/static/link.txt"))).isEqualTo("below");
        assertThat(body(get("/static/folder/b.txt"))).isEqualTo("below");
        assertThat(body(get("/static/with%20space.txt"))).isEqualTo("space");
        assertThat(body(get("/static/na%C3%AFve.txt"))).isEqualTo("more");
        assertThat(body(get("/static/a%252eb"))).isEqualTo("percent");
        assertThat(body(get("/static/a.txt?v=1"))).isEqualTo(TEXT);
    }

    @Test
    void namesThatAreMuchTooLongAreNotFound() throws IOException {
        assertThat(get("/static/" + "a".repeat(255))).startsWith("HTTP/1.1 404 ");
        assertThat(get("/static/" + "a".repeat(256))).startsWith("HTTP/1.1 404 ");
        assertThat(get("/static/" + "a/".repeat(3000) + "a")).startsWith("HTTP/1.1 404 ");
    }

    @Test
    void theDirectoryMayBeALinkThatIsSetAnew() throws IOException {
        Path one = Files.createDirectory(folder.resolve("one"));
        Path two = Files.createDirectory(folder.resolve("two"));
        Files.writeString(one.resolve("v.txt"), "one");
        Files.writeString(two.resolve("v.txt"), "two");
        Path current = Files.createSymbolicLink(folder.resolve("current"), one);
        statics(of("/static/", current));
        assertThat(body(get("/static/v.txt"))).isEqualTo("one");
        Files.delete(current);
        Files.createSymbolicLink(current, two);
        bench.pass(SECOND);
        assertThat(body(get("/static/v.txt"))).isEqualTo("two");
    }

    @Test
    void aFileIsLookedAtAgainAfterASecond() throws IOException {
        String first = get("/static/a.txt");
        file("a.txt", "other");
        assertThat(get("/static/a.txt")).endsWith(TEXT);
        bench.pass(SECOND);
        String second = get("/static/a.txt");
        assertThat(body(second)).isEqualTo("other");
        assertThat(field(second, "ETag")).isNotEqualTo(field(first, "ETag"));
        Files.delete(files.resolve("a.txt"));
        bench.pass(SECOND);
        assertThat(get("/static/a.txt")).startsWith("HTTP/1.1 404 ");
        file("a.txt", "again");
        assertThat(get("/static/a.txt")).as("known as missing").startsWith("HTTP/1.1 404 ");
        bench.pass(SECOND);
        assertThat(body(get("/static/a.txt"))).isEqualTo("again");
    }

    @ParameterizedTest
    @CsvSource({
        "app.55e7cbb9ba48.css, true",
        "main.8f3c2e1a.chunk.js, true",
        "index-0a1b2c3d4e.js, true",
        "app.css, false",
        "report-20240101.pdf, false",
        "deadbeef.css, false",
        "x.deadbeef.css, false",
        "jquery-3.7.1.min.js, false",
        "3f2504e0-4f89-41d3-9a0c-0305e82c3301.png, false",
    })
    void namesWithAHashNeverChange(String name, boolean immutable) throws IOException {
        file(name, "x");
        assertThat(field(get("/static/" + name), "Cache-Control"))
                .isEqualTo(immutable ? "max-age=31536000, public, immutable" : "none");
    }

    @Test
    void whatIsBeingSentHasABoundAndIsOpenOnce() throws IOException {
        bench.openFiles.most(2);
        PretendWire[] slow = new PretendWire[2];
        for (int i = 0; i < 3; i++) {
            file("big" + i + ".bin", EdgeBench.bytes(100_000 + i));
        }
        for (int i = 0; i < slow.length; i++) {
            slow[i] = bench.client();
            slow[i].peerTakes(1000);
            bench.send(slow[i], "GET /static/big" + i + ".bin HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(bench.got(slow[i])).startsWith("HTTP/1.1 200 OK\r\n");
        }
        assertThat(get("/static/big2.bin"))
                .as("no descriptor is left")
                .startsWith("HTTP/1.1 503 ")
                .contains("\r\nRetry-After: 1\r\n");
        assertThat(get("/static/big1.bin")).as("is open already").contains("\r\nContent-Length: 100001\r\n");
        assertThat(get("/static/a.txt")).as("is kept in memory").endsWith(TEXT);
        slow[0].peerTakes(1 << 20);
        assertThat(bench.got(slow[0])).hasSizeGreaterThan(90_000);
        assertThat(get("/static/big2.bin")).contains("\r\nContent-Length: 100002\r\n");
    }

    @Test
    void whatMayBeBeingWrittenIsNotKeptByCaches() throws IOException {
        Path file = file("app.55e7cbb9ba48.css", "half of it");
        Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2026-01-02T03:04:04Z"))); // a second ago
        assertThat(field(get("/static/app.55e7cbb9ba48.css"), "Cache-Control")).isEqualTo("no-cache");
    }

    @Test
    void whatIsSaidOfCachingAndTypesIsSetForEachPath() throws IOException {
        file("x.55e7cbb9ba48.css", "x");
        file("assets/any.js", "x");
        statics(
                new StaticFiles(
                        "/static/",
                        files,
                        false,
                        Optional.empty(),
                        false,
                        Optional.of(Duration.ofHours(1)),
                        StaticFiles.Immutable.NONE,
                        true),
                new StaticFiles(
                        "/static/assets/",
                        files.resolve("assets"),
                        false,
                        Optional.empty(),
                        false,
                        Optional.empty(),
                        StaticFiles.Immutable.ALL,
                        false));
        String plain = get("/static/x.55e7cbb9ba48.css");
        assertThat(field(plain, "Cache-Control")).isEqualTo("max-age=3600, public");
        assertThat(field(plain, "X-Content-Type-Options")).isEqualTo("nosniff");
        String longer = get("/static/assets/any.js");
        assertThat(field(longer, "Cache-Control")).contains("immutable");
        assertThat(field(longer, "X-Content-Type-Options")).isEqualTo("none");
    }

    @Test
    void anIndexStandsForADirectoryWhoseAddressEndsWithASlash() throws IOException {
        file("docs/index.html", "index");
        file("index.html", "top");
        statics(new StaticFiles(
                "/static/",
                files,
                false,
                Optional.of("index.html"),
                false,
                Optional.empty(),
                StaticFiles.Immutable.AUTO,
                false));
        assertThat(body(get("/static/docs/"))).isEqualTo("index");
        assertThat(body(get("/static/"))).isEqualTo("top");
        String answer = get("/static/docs?a=b");
        assertThat(answer).startsWith("HTTP/1.1 308 ");
        assertThat(field(answer, "Location")).isEqualTo("/static/docs/?a=b");
        Files.createDirectory(files.resolve("empty"));
        assertThat(get("/static/empty/")).startsWith("HTTP/1.1 404 ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"})
    void aFileCanOnlyBeRead(String method) {
        String answer = ask(method, "/static/a.txt", "Content-Length: 0");
        assertThat(answer).startsWith("HTTP/1.1 405 Method Not Allowed\r\n");
        assertThat(field(answer, "Allow")).isEqualTo("GET, HEAD");
    }

    @Test
    void whereThereIsNoFileTheApplicationIsAskedIfThatIsSet() throws IOException {
        statics(
                new StaticFiles(
                        "/", files, false, Optional.empty(), true, Optional.empty(), StaticFiles.Immutable.AUTO, false),
                of("/static/", files));
        bench.worker(1);
        assertThat(body(get("/a.txt"))).isEqualTo(TEXT);
        for (String path : List.of("/nothing", "/", "/../a.txt", "/.env", "/nothing")) {
            PretendWire client = bench.client("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n");
            bench.serve("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\napp");
            assertThat(bench.got(client)).as(path).endsWith("app");
        }
        PretendWire client = bench.client("POST /a.txt HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab");
        bench.serve("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\napp");
        assertThat(bench.got(client)).endsWith("app");
        assertThat(get("/static/nothing")).as("the longest path counts").startsWith("HTTP/1.1 404 ");
    }

    @Test
    void oneFileHasAPathOfItsOwn() throws IOException {
        file("favicon.ico", "icon");
        statics(new StaticFiles(
                "/favicon.ico",
                files.resolve("favicon.ico"),
                true,
                Optional.empty(),
                false,
                Optional.empty(),
                StaticFiles.Immutable.AUTO,
                false));
        assertThat(field(get("/favicon.ico"), "Content-Type")).isEqualTo("image/x-icon");
        bench.worker(1);
        PretendWire client = bench.client("GET /favicon.icon HTTP/1.1\r\nHost: h\r\n\r\n");
        bench.serve("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\napp");
        assertThat(bench.got(client)).endsWith("app");
    }

    @Test
    void aRequestWithABodyIsAnsweredWithTheFileToo() {
        assertThat(ask("GET", "/static/a.txt", "Content-Length: 3")).isEmpty();
        PretendWire client = bench.client("GET /static/a.txt HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
        assertThat(bench.got(client)).endsWith("\r\n\r\n" + TEXT);
        bench.send(client, "GET /static/a.txt HTTP/1.1\r\nHost: h\r\n\r\n");
        assertThat(bench.got(client)).endsWith("\r\n\r\n" + TEXT);
    }
}
