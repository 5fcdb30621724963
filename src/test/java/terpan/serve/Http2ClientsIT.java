package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import terpan.http2.FrameClient;
import terpan.http2.Said;
import terpan.tls.TestCertificates;

/** HTTP/2 as real clients see it, over TLS and without: h2spec, curl, nghttp, h2load, Java, Python. One Terpan with a listener of either kind. */
@Timeout(240)
final class Http2ClientsIT {
    private static final Path CLIENT =
            Program.APPLICATIONS.resolveSibling("http2").resolve("client.py");
    private static final int SECONDS = 120;

    private static final int MAKING_SECONDS = 300;

    @TempDir
    private static Path folder;

    private static RunningTerpan terpan;
    private static Path accessLog;

    @BeforeAll
    static void start() throws IOException {
        accessLog = folder.resolve("access.log");
        terpan = RunningTerpan.start(
                Map.of(),
                List.of(
                        "everything:application",
                        "--chdir",
                        Program.APPLICATIONS.toString(),
                        "--python",
                        Program.python().toString(),
                        "--bind",
                        "127.0.0.1:0,tls",
                        "--bind",
                        "127.0.0.1:0,h2c",
                        "--tls-certificate",
                        TestCertificates.EC.toString(),
                        "--access-log",
                        "--access-log-file",
                        accessLog.toString(),
                        "--max-body",
                        "64MiB"));
    }

    @AfterEach
    void nothingIsOnItsWay() {
        terpan.assertQuiet();
    }

    @AfterAll
    static void stop() throws IOException {
        terpan.close();
    }

    private static int port(boolean tls) {
        return ((InetSocketAddress) terpan.addresses().get(tls ? 0 : 1)).getPort();
    }

    private static String url(boolean tls, String path) {
        return (tls ? "https://localhost:" : "http://localhost:") + port(tls) + path;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void h2specFindsNoFailure(boolean tls) throws Exception {
        Path program = Tool.made("h2spec");
        List<String> command = new ArrayList<>(List.of(
                program.toString(),
                "--strict",
                "-h",
                "127.0.0.1",
                "-p",
                String.valueOf(port(tls)),
                "-o",
                "10",
                "-P",
                "/download?bytes=100000"));
        if (tls) {
            command.addAll(List.of("-t", "-k"));
        }
        Said said = Said.run(folder, SECONDS, command.toArray(String[]::new));
        Matcher figures = Pattern.compile("(\\d+) tests, (\\d+) passed, (\\d+) skipped, (\\d+) failed")
                .matcher(said.text());
        assertThat(figures.find()).as(said.text()).isTrue();
        // Without TLS the port speaks HTTP/1, too, which answers what is neither.
        assertThat(figures.group(4)).as(said.text()).isEqualTo(tls ? "0" : "1");
        if (!tls) {
            assertThat(said.text()).contains("\u00d7 2: Sends invalid connection preface");
        }
        assertThat(figures.group(3)).as(said.text()).isEqualTo("0");
        assertThat(Integer.parseInt(figures.group(2))).isGreaterThanOrEqualTo(144);
    }

    private static String curl(boolean tls, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("curl", "-sS", "--max-time", "60"));
        command.addAll(
                tls
                        ? List.of("--http2", "--cacert", TestCertificates.EC.toString())
                        : List.of("--http2-prior-knowledge"));
        command.addAll(Arrays.asList(arguments));
        return Said.run(folder, SECONDS, command.toArray(String[]::new)).text();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void curlIsServed(boolean tls) throws Exception {
        assertThat(curl(tls, "-i", url(tls, "/")))
                .startsWith("HTTP/2 200")
                .contains("content-length: 5", "\ndate: ")
                .doesNotContain("connection:")
                .endsWith("Hello");
        assertThat(curl(tls, "-I", url(tls, "/"))).startsWith("HTTP/2 200").doesNotContain("Hello");
        assertThat(curl(tls, url(tls, "/environment")))
                .contains("\"SERVER_PROTOCOL\": \"HTTP/2.0\"")
                .contains("\"HTTP_HOST\": \"localhost:" + port(tls) + "\"")
                .contains("\"wsgi.url_scheme\": \"" + (tls ? "https" : "http") + "\"");
        assertThat(curl(tls, "-i", url(tls, "/fail"))).startsWith("HTTP/2 500");
        assertThat(curl(tls, "-i", "-H", "X: " + "a".repeat(9_000), url(tls, "/")))
                .startsWith("HTTP/2 431");
        Path large = folder.resolve("large");
        try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
            file.setLength(70_000_000);
        }
        assertThat(curl(tls, "-i", "-T", large.toString(), url(tls, "/body"))).contains("HTTP/2 413");
        assertThat(Said.run(folder, SECONDS, "nghttp", "-nv", "-d", large.toString(), url(tls, "/body"))
                        .text())
                .contains(":status: 413", "error_code=NO_ERROR");
        assertThat(curl(tls, "-i", "-d", "12345", "-H", "Expect: 100-continue", url(tls, "/body")))
                .contains("HTTP/2 100", "HTTP/2 200")
                .contains("\n5 ");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void bodiesOfAnyLengthGoBothWays(boolean tls) throws Exception {
        Path upload = Files.write(folder.resolve("upload"), new byte[20_000_000]);
        assertThat(curl(tls, "--data-binary", "@" + upload, url(tls, "/body"))).startsWith("20000000 ");
        assertThat(Said.run(
                                folder,
                                SECONDS,
                                "sh",
                                "-c",
                                "head -c 3000000 /dev/zero | curl -sS --max-time 60 "
                                        + (tls ? "--http2 --cacert " + TestCertificates.EC : "--http2-prior-knowledge")
                                        + " -T - " + url(tls, "/body"))
                        .text())
                .startsWith("3000000 ");
        for (String path : List.of("/download?bytes=30000000", "/download?bytes=30000000&chunks=1")) {
            assertThat(curl(tls, "-o", "/dev/null", "-w", "%{size_download} %{http_version}", url(tls, path)))
                    .isEqualTo("30000000 2");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFileIsSentWhole(boolean tls) throws Exception {
        byte[] bytes = new byte[5_000_001];
        new Random(1).nextBytes(bytes);
        Path file = Files.write(folder.resolve("file"), bytes);
        Path came = folder.resolve("came");
        assertThat(curl(tls, "-o", came.toString(), url(tls, "/file?path=" + file)))
                .isEmpty();
        assertThat(Files.mismatch(file, came)).isEqualTo(-1);
        assertThat(curl(tls, "-I", url(tls, "/file?path=" + file))).startsWith("HTTP/2 200");
    }

    @Test
    void whoSpeaksHttp1IsServedAtTheSamePorts() throws Exception {
        for (boolean tls : List.of(true, false)) {
            String said = Said.run(
                            folder,
                            SECONDS,
                            "curl",
                            "-sSi",
                            "--http1.1",
                            "--cacert",
                            TestCertificates.EC.toString(),
                            url(tls, "/"))
                    .text();
            assertThat(said).startsWith("HTTP/1.1 200 OK").endsWith("Hello");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void nghttpAndH2loadAreServed(boolean tls) throws Exception {
        Said many = Said.run(folder, SECONDS, "nghttp", "-nv", "-m", "20", url(tls, "/download?bytes=40000"));
        assertThat(many.text()).contains("send GOAWAY").doesNotContain("RST_STREAM");
        Said load = Said.run(folder, SECONDS, "h2load", "-n", "4000", "-c", "8", "-m", "32", url(tls, "/"));
        assertThat(load.text()).contains("4000 succeeded, 0 failed, 0 errored, 0 timeout");
        Said large = Said.run(
                folder, SECONDS, "h2load", "-n", "64", "-c", "4", "-m", "8", url(tls, "/download?bytes=1000000"));
        assertThat(large.text()).contains("64 succeeded, 0 failed, 0 errored, 0 timeout", "(64000000) data");
        String body = Files.write(folder.resolve("body"), new byte[100_000]).toString();
        Said upload =
                Said.run(folder, SECONDS, "h2load", "-n", "200", "-c", "4", "-m", "16", "-d", body, url(tls, "/body"));
        assertThat(upload.text()).contains("200 succeeded, 0 failed, 0 errored, 0 timeout");
    }

    @Test
    void javaIsServedManyRequestsOnOneConnection() throws Exception {
        try (HttpClient client =
                HttpClient.newBuilder().sslContext(TestCertificates.TRUSTING).build()) {
            double before = terpan.metric("terpan_connections_total");
            HttpRequest request = HttpRequest.newBuilder(URI.create(url(true, "/sleep?seconds=0.01")))
                    .build();
            client.send(request, HttpResponse.BodyHandlers.ofString());
            List<CompletableFuture<HttpResponse<String>>> all = IntStream.range(0, 50)
                    .mapToObj(i -> client.sendAsync(request, HttpResponse.BodyHandlers.ofString()))
                    .toList();
            for (CompletableFuture<HttpResponse<String>> each : all) {
                HttpResponse<String> answer = each.get(60, TimeUnit.SECONDS);
                assertThat(answer.body()).isEqualTo("slept");
                assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
            }
            assertThat(terpan.metric("terpan_connections_total") - before).isEqualTo(1);
        }
    }

    /** Each connection is told to go after 20 requests, while others are on their way. */
    @Test
    void nothingIsLostAsConnectionsEndInPeace() throws Exception {
        Path client = folder.resolve("go-client");
        assumeTrue(Said.run(folder, 10, "sh", "-c", "command -v go").status() == 0, "Go is not on the path");
        Said made = Said.run(
                folder,
                MAKING_SECONDS,
                "go",
                "build",
                "-o",
                client.toString(),
                CLIENT.resolveSibling("client.go").toString());
        assertThat(made.status()).as(made.text()).isZero();
        try (RunningTerpan told = RunningTerpan.serve(
                "everything:application",
                "--bind",
                "127.0.0.1:0,tls",
                "--tls-certificate",
                TestCertificates.EC.toString(),
                "--keep-alive-requests",
                "20")) {
            String url = "https://localhost:" + ((InetSocketAddress) told.address()).getPort() + "/";
            Said said = Said.run(folder, SECONDS, client.toString(), url, TestCertificates.EC.toString(), "4000", "40");
            assertThat(said.text()).isEqualTo("4000 HTTP/2.0 200 5\n");
            assertThat(told.metric("terpan_connections_total")).isGreaterThan(50);
            assertThat(told.metric("terpan_requests_total{status=\"200\"}")).isEqualTo(4000);
        }
    }

    @Test
    void aStopWaitsForWhatIsUnderWayOnEachStream() throws Exception {
        try (RunningTerpan stops = RunningTerpan.serve(
                        "everything:application",
                        "--bind",
                        "127.0.0.1:0,tls",
                        "--tls-certificate",
                        TestCertificates.EC.toString(),
                        "--threads",
                        "10");
                HttpClient client = HttpClient.newBuilder()
                        .sslContext(TestCertificates.TRUSTING)
                        .build()) {
            Path began = folder.resolve("began");
            Path until = folder.resolve("until");
            URI target = URI.create("https://localhost:" + ((InetSocketAddress) stops.address()).getPort()
                    + "/hold?began=" + began + "&until=" + until);
            List<CompletableFuture<HttpResponse<String>>> all = IntStream.range(0, 10)
                    .mapToObj(i -> client.sendAsync(
                            HttpRequest.newBuilder(target).build(), HttpResponse.BodyHandlers.ofString()))
                    .toList();
            org.awaitility.Awaitility.await()
                    .until(() ->
                            Files.exists(began) && Files.readAllLines(began).size() == 10);
            stops.signal("TERM");
            stops.awaitLine("stopping");
            Files.createFile(until);
            for (CompletableFuture<HttpResponse<String>> each : all) {
                assertThat(each.get(60, TimeUnit.SECONDS).body()).isEqualTo("released");
            }
            assertThat(stops.exitCode()).isZero();
        }
    }

    /** Which suite is taken is known only when it is too late for another protocol. */
    @Test
    void whereASuiteIsForOldClientsAloneHttp1IsSpoken() throws Exception {
        try (RunningTerpan old = RunningTerpan.serve(
                "everything:application",
                "--bind",
                "127.0.0.1:0,tls",
                "--tls-certificate",
                TestCertificates.EC.toString(),
                "--tls-suite",
                "ECDHE-ECDSA-AES128-GCM-SHA256",
                "--tls-suite",
                "ECDHE-ECDSA-AES128-SHA")) {
            String url = "https://localhost:" + ((InetSocketAddress) old.address()).getPort() + "/";
            assertThat(curl(true, "-i", url)).startsWith("HTTP/1.1 200 OK");
        }
    }

    @Test
    void aFloodCostsTheClientItsConnectionAndIsCounted() throws Exception {
        try (Socket socket = new Socket("localhost", port(false))) {
            socket.setSoTimeout(20_000);
            ByteArrayOutputStream flood = new ByteArrayOutputStream();
            flood.writeBytes(FrameClient.hello());
            for (int stream = 1; stream < 1_000; stream += 2) {
                flood.writeBytes(FrameClient.request(stream, true, "GET", "/sleep?seconds=0.01"));
                flood.writeBytes(FrameClient.reset(stream));
            }
            socket.getOutputStream().write(flood.toByteArray());
            byte[] all = socket.getInputStream().readAllBytes();
            assertThat(new FrameClient().read(all)).last().asString().endsWith("ENHANCE_YOUR_CALM");
        }
        assertThat(terpan.metric("terpan_http2_connections_failed_total{reason=\"resets\"}"))
                .isEqualTo(1);
        org.awaitility.Awaitility.await()
                .untilAsserted(() ->
                        assertThat(terpan.metric("terpan_connections_open")).isZero());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void pythonIsServed(boolean tls) throws Exception {
        Said said = Said.run(
                folder,
                SECONDS,
                Program.python().toString(),
                CLIENT.toString(),
                String.valueOf(port(tls)),
                tls ? TestCertificates.EC.toString() : "-",
                "/download?bytes=300000",
                "40");
        List<String> wanted = new ArrayList<>(tls ? List.of("h2") : List.of());
        wanted.addAll(Collections.nCopies(40, "200 300000"));
        assertThat(said.text().lines()).containsExactlyElementsOf(wanted);
    }

    @Test
    void theAccessLogNamesTheVersion() throws Exception {
        curl(false, url(false, "/environment?logged"));
        org.awaitility.Awaitility.await()
                .untilAsserted(() -> assertThat(Files.readString(accessLog))
                        .containsPattern("GET /environment\\?logged HTTP/2\\.0|\"version\":\"HTTP/2.0\""));
    }
}
