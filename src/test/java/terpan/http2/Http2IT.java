package terpan.http2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** h2spec and real clients against a server on real sockets. */
final class Http2IT {
    private static final Path ROOT = Path.of(System.getProperty("terpan.basedir", "."));
    private static final int SECONDS = 120;

    /** Making h2spec takes as long as the network does, the first time. */
    private static final int MAKING_SECONDS = 300;

    @TempDir
    private Path folder;

    private final Http2TestServer server;

    Http2IT() throws Exception {
        server = Http2TestServer.start(Http2TestServer.LIMITS);
    }

    @AfterEach
    void everythingIsGivenBack() throws Exception {
        await().atMost(Duration.ofSeconds(20)).until(() -> server.connections.get() == 0);
        assertThat(server.streams.get()).isZero();
        assertThat(server.lentBytes()).isZero();
        server.close();
    }

    private String url(String path) throws IOException {
        return "http://127.0.0.1:" + server.port() + path;
    }

    @Test
    void h2specFindsNoFailure() throws Exception {
        Said made =
                Said.run(folder, MAKING_SECONDS, ROOT.resolve("scripts/h2spec").toString());
        assumeTrue(made.status() != 69, made.text());
        assertThat(made.status()).as(made.text()).isZero();
        String program = made.text().lines().reduce("", (before, line) -> line);
        Said said = Said.run(
                folder,
                SECONDS,
                program,
                "--strict",
                "-h",
                "127.0.0.1",
                "-p",
                String.valueOf(server.port()),
                "-o",
                "10");
        Matcher figures = Pattern.compile("(\\d+) tests, (\\d+) passed, (\\d+) skipped, (\\d+) failed")
                .matcher(said.text());
        assertThat(figures.find()).as(said.text()).isTrue();
        assertThat(figures.group(4)).as(said.text()).isEqualTo("0");
        assertThat(figures.group(3)).as(said.text()).isEqualTo("0");
        assertThat(Integer.parseInt(figures.group(2))).isGreaterThanOrEqualTo(145);
    }

    private Said curl(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("curl", "-sS", "--max-time", "60", "--http2-prior-knowledge"));
        command.addAll(Arrays.asList(arguments));
        return Said.run(folder, SECONDS, command.toArray(String[]::new));
    }

    @Test
    void curlIsServed() throws Exception {
        assertThat(curl("-i", url("/")).text())
                .startsWith("HTTP/2 200")
                .contains("content-length: 13")
                .endsWith("hello, world\n");
        assertThat(curl("-I", url("/")).text()).startsWith("HTTP/2 200").doesNotContain("hello");
        assertThat(curl("-o", "/dev/null", "-w", "%{http_code}", "-H", "X: " + "a".repeat(9_000), url("/"))
                        .text())
                .isEqualTo("431");
        Path upload = Files.write(folder.resolve("upload"), new byte[3_000_000]);
        assertThat(curl("-w", "%{http_code} %{size_download}", "-o", "/dev/null", "-T", upload.toString(), url("/"))
                        .text())
                .isEqualTo("200 3000000");
        // Each on a connection of its own: curl 7.88 loses the second transfer of one that it has only just opened.
        Said parallel = curl(
                "--no-progress-meter",
                "-Z",
                "--parallel-immediate",
                "-w",
                "%{size_download}\n",
                url("/bytes/200000"),
                "-o",
                "/dev/null",
                url("/bytes/7"),
                "-o",
                "/dev/null");
        assertThat(parallel.text().lines()).containsExactlyInAnyOrder("200000", "7");
    }

    @Test
    void nghttpAndH2loadAreServed() throws Exception {
        Said many = Said.run(folder, SECONDS, "nghttp", "-nv", "-m", "20", url("/bytes/40000"));
        assertThat(many.text()).contains("send GOAWAY").doesNotContain("RST_STREAM");
        Said load = Said.run(folder, SECONDS, "h2load", "-n", "4000", "-c", "8", "-m", "32", url("/"));
        assertThat(load.text()).contains("4000 succeeded, 0 failed, 0 errored, 0 timeout");
        Said large = Said.run(folder, SECONDS, "h2load", "-n", "64", "-c", "4", "-m", "8", url("/bytes/1000000"));
        assertThat(large.text()).contains("64 succeeded, 0 failed, 0 errored, 0 timeout", "(64000000) data");
        Said upload = Said.run(
                folder,
                SECONDS,
                "h2load",
                "-n",
                "200",
                "-c",
                "4",
                "-m",
                "16",
                "-d",
                Files.write(folder.resolve("body"), new byte[100_000]).toString(),
                url("/"));
        assertThat(upload.text()).contains("200 succeeded, 0 failed, 0 errored, 0 timeout");
    }
}
