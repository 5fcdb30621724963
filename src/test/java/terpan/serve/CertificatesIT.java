package terpan.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import terpan.tls.TestCertificates;

/** Certificates that change while clients come, that expire, and that are made for development. */
@Timeout(120)
class CertificatesIT {
    private static final Duration SEEN_MOST = Duration.ofSeconds(40);

    @TempDir
    private Path folder;

    /** Whose engine, by its name in the settings. */
    String engine() {
        return "boringssl";
    }

    private void make(String name, String days, String names) throws Exception {
        make(folder, name, days, names);
    }

    /** A certificate that has signed itself, NAME.pem, and its key, NAME.key. */
    static void make(Path folder, String name, String days, String names) throws Exception {
        openssl(
                folder,
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                days,
                "-subj",
                "/CN=" + name,
                "-addext",
                "subjectAltName=" + names,
                "-keyout",
                name + ".key",
                "-out",
                name + ".pem");
    }

    private void openssl(String... arguments) throws Exception {
        openssl(folder, arguments);
    }

    private static void openssl(Path folder, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
    }

    private static SSLSocket connect(RunningTerpan terpan, String... versions) throws IOException {
        return connect(terpan, TestCertificates.TRUSTING, versions);
    }

    private static SSLSocket connect(RunningTerpan terpan, SSLContext context, String... versions) throws IOException {
        int port = ((InetSocketAddress) terpan.address()).getPort();
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port);
        if (versions.length > 0) {
            socket.setEnabledProtocols(versions);
        }
        socket.startHandshake();
        return socket;
    }

    /** The common name of the certificate that a client is shown, which resumes no session. */
    private static String shown(RunningTerpan terpan) throws IOException {
        try (SSLSocket socket = connect(terpan, TestCertificates.trusting())) {
            X509Certificate own = (X509Certificate) socket.getSession().getPeerCertificates()[0];
            return own.getSubjectX500Principal().getName();
        }
    }

    private static void get(SSLSocket socket) throws IOException {
        socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(UTF_8));
        InputStream input = socket.getInputStream();
        StringBuilder got = new StringBuilder();
        while (!got.toString().endsWith("\r\n\r\nHello")) {
            int next = input.read();
            if (next < 0) {
                throw new IOException("closed after: " + got);
            }
            got.append((char) next);
        }
    }

    private void use(String name) throws IOException {
        for (String end : List.of(".key", ".pem")) {
            Files.copy(folder.resolve(name + end), folder.resolve("next"), StandardCopyOption.REPLACE_EXISTING);
            Files.move(folder.resolve("next"), folder.resolve("used" + end), StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private RunningTerpan serve(String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "--bind",
                "127.0.0.1:0,tls",
                "--workers",
                "1",
                "--tls-certificate",
                folder.resolve("used.pem").toString(),
                "--tls-key",
                folder.resolve("used.key").toString()));
        arguments.addAll(List.of("--tls-engine", engine()));
        arguments.addAll(List.of(more));
        return RunningTerpan.serve("everything:application", arguments.toArray(String[]::new));
    }

    @Test
    void aRenewedCertificateIsShownWithoutALostConnectionAndABadOneIsNot() throws Exception {
        make("first", "30", "DNS:first.example");
        make("second", "30", "DNS:second.example");
        use("first");
        try (RunningTerpan terpan = serve()) {
            assertThat(shown(terpan)).isEqualTo("CN=first");
            AtomicBoolean stop = new AtomicBoolean();
            AtomicInteger answered = new AtomicInteger();
            AtomicReference<Exception> failed = new AtomicReference<>();
            Thread load = Thread.ofVirtual().start(() -> {
                try {
                    while (!stop.get()) {
                        try (SSLSocket socket = connect(terpan)) {
                            get(socket);
                            answered.incrementAndGet();
                        }
                    }
                } catch (IOException lost) {
                    failed.set(lost);
                }
            });
            try (SSLSocket kept = connect(terpan)) {
                get(kept);
                use("second");
                await().atMost(SEEN_MOST).until(() -> shown(terpan).equals("CN=second"));
                get(kept);
            }
            terpan.awaitLine("certificates changed and were read again");
            Files.writeString(folder.resolve("used.pem"), "no certificate any more");
            terpan.awaitLine("certificates changed and can not be used; those from before stay");
            assertThat(shown(terpan)).isEqualTo("CN=second");
            stop.set(true);
            load.join();
            assertThat(failed.get()).isNull();
            assertThat(answered.get()).isPositive();
        }
    }

    @Test
    void aReloadShowsTheCertificatesOfTheSettingsAtOnce() throws Exception {
        make("first", "30", "DNS:first.example");
        make("second", "30", "DNS:second.example");
        use("first");
        Path settings = Files.writeString(
                folder.resolve("terpan.toml"),
                "[tls]\ncertificate = \"first.pem\"\nkey = \"first.key\"\nminimum-version = \"1.2\"\n");
        try (RunningTerpan terpan = RunningTerpan.serve(
                "everything:application",
                "--bind",
                "127.0.0.1:0,tls",
                "--tls-engine",
                engine(),
                "--config",
                settings.toString())) {
            assertThat(shown(terpan)).isEqualTo("CN=first");
            connect(terpan, "TLSv1.2").close();
            Files.writeString(settings, "[tls]\ncertificate = \"second.pem\"\nkey = \"first.key\"\n");
            assertThat(terpan.command("reload").code()).isNotZero();
            assertThat(shown(terpan)).isEqualTo("CN=first");
            Files.writeString(
                    settings, "[tls]\ncertificate = \"second.pem\"\nkey = \"second.key\"\nminimum-version = \"1.3\"\n");
            Program.Ended reloaded = terpan.command("reload");
            assertThat(reloaded.code()).as(reloaded.err()).isZero();
            assertThat(shown(terpan)).isEqualTo("CN=second");
            assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> connect(terpan, "TLSv1.2")))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("protocol_version");
        }
    }

    @Test
    void whenACertificateExpiresIsToldByStatusMetricsAndTheDoctor() throws Exception {
        make("soon", "3", "DNS:soon.example,DNS:other.example");
        use("soon");
        try (RunningTerpan terpan = serve()) {
            assertThat(terpan.command("status").out())
                    .contains("soon.example expires on ", "renew " + folder.resolve("used.pem"));
            assertThat(terpan.ask("/status")).contains("\"name\":\"soon.example\"", "\"expires\":\"");
            assertThat(terpan.metric("terpan_tls_certificate_expiry_timestamp_seconds{certificate=\"soon.example\"}"))
                    .isGreaterThan(1e9);
        }
        Program.Ended doctor = Program.run(
                folder,
                "doctor",
                "--bind",
                "127.0.0.1:0,tls",
                "--tls-certificate",
                "used.pem",
                "--tls-key",
                "used.key",
                "--attach",
                "127.0.0.1:1");
        assertThat(doctor.out()).contains("soon.example expires on ", "in 2 days", "Terpan reads it again by itself");
    }

    @Test
    void oneIsMadeForDevelopment() throws Exception {
        try (RunningTerpan terpan = RunningTerpan.serve(
                "everything:application", "--bind", "127.0.0.1:0,tls", "--tls-engine", engine(), "--tls-development")) {
            int port = ((InetSocketAddress) terpan.address()).getPort();
            Process process = new ProcessBuilder(
                            "sh",
                            "-c",
                            "openssl s_client -connect 127.0.0.1:" + port + " < /dev/null 2> /dev/null > s;"
                                    + " openssl x509 -in s -out dev.pem && openssl x509 -in dev.pem -noout -text"
                                    + " && openssl verify -x509_strict -CAfile dev.pem -verify_hostname localhost dev.pem"
                                    + " && curl -sS --cacert dev.pem https://localhost:" + port + "/")
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .start();
            assertThat(new String(process.getInputStream().readAllBytes(), UTF_8))
                    .contains("DNS:localhost, DNS:*.localhost, IP Address:127.0.0.1")
                    .endsWith("Hello");
        }
    }

    @Test
    void clientsShowCertificatesWhoseSubjectTheApplicationIsToldOf() throws Exception {
        make("server", "30", "DNS:localhost,IP:127.0.0.1");
        make("authority", "30", "DNS:authority.example");
        openssl(
                "req",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-subj",
                "/O=Zoë, Ltd/CN=zoe",
                "-utf8",
                "-keyout",
                "client.key",
                "-out",
                "client.csr");
        openssl(
                "x509",
                "-req",
                "-in",
                "client.csr",
                "-CA",
                "authority.pem",
                "-CAkey",
                "authority.key",
                "-CAcreateserial",
                "-days",
                "30",
                "-out",
                "client.pem");
        make("stranger", "30", "DNS:stranger.example");
        use("server");
        String authorities = folder.resolve("authority.pem").toString();
        for (String verify : List.of("require", "request")) {
            try (RunningTerpan terpan = serve("--tls-verify", verify, "--tls-client-authorities", authorities)) {
                String subject = "\"HTTP_X_FORWARDED_CLIENT_SUBJECT\": \"CN=zoe,O=Zo\\\\C3\\\\AB\\\\, Ltd\"";
                for (String version : List.of("1.2", "1.3")) {
                    assertThat(curl(terpan, version, "client")).contains(subject);
                    assertThat(curl(terpan, version, "stranger"))
                            .doesNotContain("HTTP_HOST")
                            .contains("curl: (");
                    String none = curl(terpan, version, "");
                    if (verify.equals("request")) {
                        assertThat(none).contains("HTTP_HOST").doesNotContain("CLIENT_SUBJECT");
                    } else {
                        assertThat(none).doesNotContain("HTTP_HOST").contains("curl: (");
                    }
                }
            }
        }
    }

    /** What a client gets that says of itself who it is, with the certificate of that name or none. */
    private String curl(RunningTerpan terpan, String version, String certificate) throws Exception {
        int port = ((InetSocketAddress) terpan.address()).getPort();
        List<String> command = new ArrayList<>(List.of(
                "curl",
                "-sS",
                "--cacert",
                "server.pem",
                "--tlsv" + version,
                "--tls-max",
                version,
                "-H",
                "X-Forwarded-Client-Subject: CN=root",
                "https://localhost:" + port + "/environment"));
        if (!certificate.isEmpty()) {
            command.addAll(List.of("--cert", certificate + ".pem", "--key", certificate + ".key"));
        }
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return said;
    }

    @Test
    void filesOfApplicationsAreReadAndSent() throws Exception {
        make("server", "30", "DNS:localhost,IP:127.0.0.1");
        use("server");
        Path application = Files.writeString(folder.resolve("filer.py"), """
                import os

                def application(environ, start_response):
                    file = open(environ["PATH_INFO"], "rb")
                    start_response("200 OK", [("Content-Length", str(os.fstat(file.fileno()).st_size))])
                    return environ["wsgi.file_wrapper"](file)
                """);
        byte[] content = new byte[5_000_001];
        new Random(7).nextBytes(content);
        try (RunningTerpan terpan = RunningTerpan.start(
                Map.of(),
                List.of(
                        application.toString(),
                        "--python",
                        Program.python().toString(),
                        "--bind",
                        "127.0.0.1:0,tls",
                        "--tls-engine",
                        engine(),
                        "--tls-certificate",
                        folder.resolve("used.pem").toString(),
                        "--tls-key",
                        folder.resolve("used.key").toString()))) {
            for (int size : new int[] {0, 1, 16_384, 16_385, 131_073, content.length}) {
                Path file = Files.write(folder.resolve("sent"), Arrays.copyOf(content, size));
                try (SSLSocket socket = connect(terpan)) {
                    for (int times = 0; times < 2; times++) {
                        socket.getOutputStream()
                                .write(("GET " + file + " HTTP/1.1\r\nHost: a\r\n\r\n").getBytes(UTF_8));
                        assertThat(body(socket, size)).isEqualTo(Arrays.copyOf(content, size));
                    }
                }
            }
            try (SSLSocket leaves = connect(terpan)) {
                leaves.getOutputStream()
                        .write(("GET " + folder.resolve("sent") + " HTTP/1.1\r\nHost: a\r\n\r\n").getBytes(UTF_8));
                assertThat(leaves.getInputStream().read()).isEqualTo('H');
            }
            terpan.assertQuiet();
        }
    }

    private static byte[] body(SSLSocket socket, int size) throws IOException {
        InputStream input = socket.getInputStream();
        StringBuilder head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            head.append((char) input.read());
        }
        return input.readNBytes(size);
    }
}
