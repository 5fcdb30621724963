package terpan.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import terpan.tls.TestCertificates;
import terpan.tls.TlsPeer;

/** TLS as real clients see it: OpenSSL's command, Python, curl and Java. One Terpan with a certificate of either kind of key. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TlsIT {
    private static final int HOSTILE = 3_000;

    private static final Path CLIENT =
            Program.APPLICATIONS.resolveSibling("tls").resolve("client.py");

    private Path folder;

    private RunningTerpan terpan;

    private Path trusted;

    /** Whose engine, by its name in the settings. */
    String engine() {
        return "boringssl";
    }

    @BeforeAll
    void start(@TempDir Path shared) throws IOException {
        folder = shared;
        Path settings = Files.writeString(
                folder.resolve("terpan.toml"), """
                bind = ["127.0.0.1:0,tls"]

                [tls]
                certificates = [{certificate = "%s"}, {certificate = "%s"}]
                """.formatted(TestCertificates.EC, TestCertificates.RSA));
        trusted = Files.writeString(
                folder.resolve("trusted.pem"),
                Files.readString(TestCertificates.EC) + Files.readString(TestCertificates.RSA));
        terpan = RunningTerpan.start(
                java.util.Map.of("TERPAN_CONFIG", settings.toString(), "PORT", ""),
                List.of(
                        "everything:application",
                        "--chdir",
                        Program.APPLICATIONS.toString(),
                        "--python",
                        Program.python().toString(),
                        "--tls-engine",
                        engine(),
                        "--max-body",
                        "64MiB"));
    }

    @AfterEach
    void nothingIsOnItsWay() {
        terpan.assertQuiet();
    }

    @AfterAll
    void stop() throws IOException {
        terpan.close();
    }

    private String port() {
        return Integer.toString(((InetSocketAddress) terpan.address()).getPort());
    }

    /** What a command says, and how it ended. */
    private record Said(int code, String text) {}

    private static Said run(String input, List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().write(input.getBytes(UTF_8));
        process.getOutputStream().close();
        String text = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Said(process.exitValue(), text);
    }

    private String python(String what, String version) throws Exception {
        Said said = run(
                "", List.of(Program.python().toString(), CLIENT.toString(), port(), trusted.toString(), what, version));
        assertThat(said.code()).as(said.text()).isZero();
        return said.text();
    }

    private Said openssl(String... more) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "openssl",
                "s_client",
                "-connect",
                "127.0.0.1:" + port(),
                "-servername",
                "localhost",
                "-CAfile",
                trusted.toString(),
                "-verify_return_error",
                "-ign_eof"));
        command.addAll(List.of(more));
        return run("GET /environment HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", command);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.2", "1.3"})
    void pythonIsServedInEitherVersionAndTheApplicationSeesHttps(String version) throws Exception {
        assertThat(python("get", version).lines())
                .hasSize(4)
                .startsWith("TLSv" + version + " http/1.1")
                .endsWith("unwrapped")
                .filteredOn(line -> line.startsWith("HTTP/1.1 200 OK"))
                .hasSize(2)
                .allSatisfy(line -> assertThat(line)
                        .contains("\"wsgi.url_scheme\": \"https\"")
                        .contains("\"SERVER_PORT\": \"" + port() + "\"")
                        .contains("\"HTTP_X_FORWARDED_PROTO\": \"https\""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.2", "1.3"})
    void aHandshakeMayComeByteByByte(String version) throws Exception {
        assertThat(python("bytewise", version)).isEqualTo("HTTP/1.1 200 OK\nunwrapped\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.2", "1.3"})
    void aClientMayLeaveAtAnyByte(String version) throws Exception {
        assertThat(python("cut", version)).isEqualTo("True HTTP/1.1 200 OK\n");
    }

    @Test
    void aClientThatLeavesWithinARequestIsNotAnswered() throws Exception {
        double before = terpan.metric("terpan_requests_total{status=\"none\"}");
        assertThat(python("leave", "1.3")).isEqualTo("left\n");
        await().until(() -> terpan.metric("terpan_requests_total{status=\"none\"}") == before + 1);
    }

    @ParameterizedTest
    @CsvSource({
        "-tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256, ECDHE-ECDSA-AES128-GCM-SHA256",
        "-tls1_2 -cipher ECDHE-RSA-AES256-GCM-SHA384, ECDHE-RSA-AES256-GCM-SHA384",
        "-tls1_2 -cipher ECDHE-RSA-CHACHA20-POLY1305, ECDHE-RSA-CHACHA20-POLY1305",
        "-tls1_3 -ciphersuites TLS_AES_256_GCM_SHA384, TLS_AES_256_GCM_SHA384",
        "-tls1_3 -sigalgs rsa_pss_rsae_sha256, TLS_AES",
    })
    void modernSuitesAreSpokenWithTheKeyThatFitsThem(String options, String suite) throws Exception {
        Said said = openssl(options.split(" "));
        assertThat(said.text()).contains("Verification: OK", "Cipher is " + suite, "HTTP/1.1 200 OK");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-tls1_1 -cipher DEFAULT@SECLEVEL=0",
                "-tls1_2 -cipher AES128-SHA",
                "-tls1_2 -cipher ECDHE-RSA-AES128-SHA256",
                "-tls1_2 -cipher ALL:-ECDHE",
                "-alpn h3",
            })
    void whatIsNotModernIsRefusedInTheHandshake(String options) throws Exception {
        Said said = openssl(options.split(" "));
        assertThat(said.code()).isNotZero();
        assertThat(said.text()).contains("alert").doesNotContain("HTTP/1.1");
    }

    @Test
    void noBytesOfAClientEndTheFront() throws Exception {
        byte[] hello = new TlsPeer().begins();
        Random random = new Random(20);
        for (int i = 0; i < HOSTILE; i++) {
            try (Socket socket = new Socket()) {
                socket.connect(terpan.address(), 10_000);
                socket.setSoTimeout(10_000);
                socket.getOutputStream().write(hostile(hello, random));
                if (random.nextBoolean()) {
                    socket.setSoLinger(true, 0); // a reset
                } else if (random.nextInt(8) == 0) {
                    socket.shutdownOutput();
                    socket.getInputStream().readAllBytes();
                }
            } catch (IOException cut) {
                // As it may be.
            }
        }
        assertThat(python("get", "1.3")).contains("HTTP/1.1 200 OK");
        assertThat(terpan.errors()).noneMatch(line -> line.contains("\"level\":\"error\""));
    }

    /** Something that is no handshake, or one that is cut, or has bits flipped. */
    private static byte[] hostile(byte[] hello, Random random) {
        byte[] bytes = hello.clone();
        switch (random.nextInt(3)) {
            case 0 -> random.nextBytes(bytes);
            case 1 -> {
                random.nextBytes(bytes);
                System.arraycopy(hello, 0, bytes, 0, random.nextInt(1, 60));
            }
            default -> {
                for (int flips = random.nextInt(4); flips > 0; flips--) {
                    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(Byte.SIZE));
                }
            }
        }
        return Arrays.copyOf(bytes, random.nextInt(1, bytes.length + 1));
    }

    @Test
    void aSessionIsResumedInBothVersions() throws Exception {
        for (String version : List.of("-tls1_2", "-tls1_3")) {
            String session = folder.resolve("session" + version).toString();
            assertThat(openssl(version, "-sess_out", session).text()).contains("New, ");
            assertThat(openssl(version, "-sess_in", session).text()).contains("Reused, ", "HTTP/1.1 200 OK");
        }
    }

    @Test
    void renegotiationIsRefused() throws Exception {
        Said said = run("R\n", List.of("openssl", "s_client", "-connect", "127.0.0.1:" + port(), "-tls1_2"));
        assertThat(said.text()).contains("RENEGOTIATING").doesNotContain("HTTP/1.1");
    }

    @Test
    void curlUploadsAndDownloads() throws Exception {
        Path upload = Files.write(folder.resolve("upload"), new byte[20_000_000]);
        String at = "https://localhost:" + port();
        List<String> curl = List.of("curl", "-sS", "--cacert", trusted.toString(), "--max-time", "60");
        List<String> put = new ArrayList<>(curl);
        put.addAll(List.of("--data-binary", "@" + upload, at + "/body"));
        assertThat(run("", put).text()).startsWith("20000000 ");
        List<String> get = new ArrayList<>(curl);
        get.addAll(List.of(
                "-o",
                "/dev/null",
                "-w",
                "%{size_download} %{http_version} %{ssl_verify_result}",
                at + "/download?bytes=30000000"));
        assertThat(run("", get).text()).isEqualTo("30000000 2 0");
    }

    @Test
    void javaIsServed() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry(
                "ec", TestCertificates.read(TestCertificates.EC).own());
        store.setCertificateEntry(
                "rsa", TestCertificates.read(TestCertificates.RSA).own());
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        try (HttpClient client = HttpClient.newBuilder().sslContext(context).build()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create("https://localhost:" + port() + "/"))
                    .version(HttpClient.Version.HTTP_1_1)
                    .build();
            for (int i = 0; i < 10; i++) {
                HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
                assertThat(answer.body()).isEqualTo("Hello");
                assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
            }
        }
    }

    @Test
    void whoSpeaksPlainHttpIsToldSo() throws Exception {
        Answer answer = terpan.get("/");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).contains("https://");
    }

    @Test
    void theBannerAndStatusNameTheAddressAsPeopleTypeIt() throws Exception {
        assertThat(terpan.errors()).anyMatch(line -> line.contains("https://127.0.0.1:" + port() + "/"));
        assertThat(terpan.command("status").out())
                .contains("https://127.0.0.1:" + port() + "/", "by " + (engine().equals("jdk") ? "JDK" : "BoringSSL"));
        assertThat(terpan.ask("/status"))
                .contains("\"tls_engine\":\"" + (engine().equals("jdk") ? "JDK" : "BoringSSL"));
    }
}
