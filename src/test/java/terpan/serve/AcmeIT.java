package terpan.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import terpan.tls.TestCertificates;

/** Certificates by themselves, from a real authority. */
@Timeout(180)
final class AcmeIT {
    private static final Duration LONG = Duration.ofDays(90);
    private static final Duration MOST = Duration.ofSeconds(60);

    /** Between two requests on a connection that is kept. */
    private static final long PACE = Duration.ofMillis(5).toNanos();

    @TempDir
    private Path folder;

    private final int httpPort = Pebble.freePort();
    private final int tlsPort = Pebble.freePort();

    private Pebble pebble(Duration valid) throws Exception {
        return Pebble.start(folder, httpPort, tlsPort, valid);
    }

    private Path settings(Pebble pebble, String challenge, String names, String... more) throws IOException {
        return Files.writeString(folder.resolve("terpan.toml"), """
                bind = [%s"127.0.0.1:%d,tls"]

                [workers]
                count = 1

                [tls]
                redirect = true

                [tls.acme]
                names = [%s]
                email = "ops@shop.test"
                agree-to-terms = true
                challenge = "%s"
                directory-url = "%s"
                trust = "%s"
                directory = "kept"
                %s
                """.formatted(
                        challenge.equals("http-01") ? "\"127.0.0.1:" + httpPort + "\", " : "",
                        tlsPort,
                        names,
                        challenge,
                        pebble.directory(),
                        TestCertificates.EC,
                        String.join("\n", more)));
    }

    private static RunningTerpan serve(Path settings) throws IOException {
        return RunningTerpan.start(
                Map.of("TERPAN_CONFIG", settings.toString(), RunningTerpan.BIND_OF_FILE, "yes"),
                "everything:application");
    }

    private SSLSocket connect(String name, String... protocols) throws IOException {
        SSLSocket socket =
                (SSLSocket) TestCertificates.trusting().getSocketFactory().createSocket("127.0.0.1", tlsPort);
        socket.setSoTimeout(20_000);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(name)));
        parameters.setApplicationProtocols(protocols);
        socket.setSSLParameters(parameters);
        try {
            socket.startHandshake();
        } catch (IOException refused) {
            socket.close();
            throw refused;
        }
        return socket;
    }

    /** The chain that a client is shown who asks for this name. */
    private X509Certificate[] shown(String name) throws IOException {
        try (SSLSocket socket = connect(name)) {
            return Stream.of(socket.getSession().getPeerCertificates())
                    .map(X509Certificate.class::cast)
                    .toArray(X509Certificate[]::new);
        }
    }

    private static List<String> names(X509Certificate certificate) throws Exception {
        return certificate.getSubjectAlternativeNames().stream()
                .map(entry -> String.valueOf(entry.get(1)))
                .toList();
    }

    private void awaitCertificate(String name) {
        await(name).atMost(MOST).ignoreExceptions().until(() -> names(shown(name)[0]), List.of(name)::equals);
    }

    /** Throws where the chain does not lead to who issues now. */
    private static void verify(X509Certificate[] chain, Pebble pebble) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry(
                "root",
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(
                                new ByteArrayInputStream(pebble.root().getBytes(UTF_8))));
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        ((X509TrustManager) factory.getTrustManagers()[0]).checkServerTrusted(chain, "ECDHE_ECDSA");
    }

    private static String get(Socket socket, String target) throws IOException {
        socket.getOutputStream().write(("GET " + target + " HTTP/1.1\r\nHost: shop.test\r\n\r\n").getBytes(UTF_8));
        InputStream input = socket.getInputStream();
        StringBuilder got = new StringBuilder();
        while (!got.toString().endsWith("\r\n\r\nHello")) {
            int next = input.read();
            if (next < 0) {
                throw new IOException("closed after: " + got);
            }
            got.append((char) next);
        }
        return got.toString();
    }

    private Path kept(String end) throws IOException {
        try (Stream<Path> all = Files.walk(folder.resolve("kept"))) {
            return all.filter(path -> path.toString().endsWith(end)).findFirst().orElseThrow();
        }
    }

    @Test
    void eachNameHasItsFirstByHttpItIsKeptOverAStartAndNamesComeAndGoWithAReload() throws Exception {
        try (Pebble pebble = pebble(LONG)) {
            Path settings = settings(pebble, "http-01", "\"shop.test\", \"www.shop.test\"");
            X509Certificate first;
            try (RunningTerpan terpan = serve(settings)) {
                terpan.awaitLine("names have no certificate yet");
                awaitCertificate("shop.test");
                awaitCertificate("www.shop.test");
                verify(shown("shop.test"), pebble);
                assertThat(pebble.lines()).anyMatch(line -> line.contains("validate w/ HTTP"));
                first = shown("shop.test")[0];
                try (SSLSocket client = connect("shop.test")) {
                    assertThat(get(client, "/")).startsWith("HTTP/1.1 200 OK");
                }
                try (Connection plain =
                        Connection.to(new InetSocketAddress(InetAddress.getLoopbackAddress(), httpPort))) {
                    assertThat(plain.get("/.well-known/acme-challenge/other").status())
                            .isEqualTo(308);
                    assertThat(plain.get("/").status()).isEqualTo(308);
                }
                assertThat(terpan.metric("terpan_acme_orders_total{result=\"issued\"}"))
                        .isEqualTo(2);
                assertThat(terpan.metric("terpan_acme_failures{name=\"shop.test\"}"))
                        .isZero();
                assertThat(terpan.metric("terpan_tls_certificate_expiry_timestamp_seconds{certificate=\"shop.test\"}"))
                        .isEqualTo((double) first.getNotAfter().toInstant().getEpochSecond());
                assertThat(terpan.command("status").out())
                        .containsPattern("TLS +shop\\.test expires on .*, in 89d 23h; renewed in [56]\\dd ");

                Files.writeString(
                        settings,
                        Files.readString(settings)
                                .replace("\"shop.test\", \"www.shop.test\"", "\"shop.test\", \"new.test\""));
                Program.Ended reloaded = terpan.command("reload");
                assertThat(reloaded.code()).as(reloaded.err()).isZero();
                awaitCertificate("new.test");
                assertThat(names(shown("www.shop.test")[0])).containsExactly("shop.test");
                assertThat(shown("shop.test")[0]).isEqualTo(first);
                assertThat(terpan.errors()).noneMatch(line -> line.contains("could not be had"));
            }
            modesAreForTheOwnerAlone();
            pebble.stop();
            try (RunningTerpan terpan = serve(settings)) {
                assertThat(shown("shop.test")[0]).isEqualTo(first);
                assertThat(names(shown("new.test")[0])).containsExactly("new.test");
                assertThat(terpan.metric("terpan_acme_orders_total{result=\"failed\"}"))
                        .isZero();
                assertThat(terpan.errors()).noneMatch(line -> line.contains("names have no certificate yet"));
            }
            Program.Ended doctor =
                    Program.run(folder, "doctor", "--config", settings.toString(), "--attach", "127.0.0.1:1");
            assertThat(doctor.out()).contains("shop.test expires on ", "renewed by http-01 from " + pebble.directory());
            Program.Ended check = Program.run(
                    Map.of("TERPAN_CONFIG", settings.toString()), folder, "check", "--attach", "127.0.0.1:1");
            assertThat(check.out())
                    .as(check.err())
                    .contains("Certificate: shop.test expires on ", "The settings are right.");
        }
    }

    private void modesAreForTheOwnerAlone() throws IOException {
        try (Stream<Path> all = Files.walk(folder.resolve("kept"))) {
            assertThat(all.toList())
                    .hasSizeGreaterThanOrEqualTo(7)
                    .allSatisfy(path -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                            .as(path.toString())
                            .isEqualTo(Files.isDirectory(path) ? "rwx------" : "rw-------"));
        }
    }

    @Test
    void whereTlsAloneIsListenedOnNamesAreProvedByIt() throws Exception {
        try (Pebble pebble = pebble(LONG);
                RunningTerpan terpan = serve(settings(pebble, "auto", "\"shop.test\", \"www.shop.test\""))) {
            awaitCertificate("shop.test");
            awaitCertificate("www.shop.test");
            verify(shown("www.shop.test"), pebble);
            assertThat(pebble.lines()).noneMatch(line -> line.contains("validate w/ HTTP"));
            assertThatThrownBy(() -> connect("shop.test", "acme-tls/1"))
                    .as("nobody looks any more")
                    .isInstanceOf(SSLException.class)
                    .hasMessageContaining("handshake_failure");
            try (SSLSocket both = connect("shop.test", "acme-tls/1", "http/1.1")) {
                assertThat(both.getApplicationProtocol()).isEqualTo("http/1.1");
                assertThat(get(both, "/")).startsWith("HTTP/1.1 200 OK");
            }
            assertThat(terpan.metric("terpan_acme_orders_total{result=\"issued\"}"))
                    .isEqualTo(2);
        }
    }

    @Test
    void oneIsRenewedUnderLoadAndNoConnectionIsLost() throws Exception {
        try (Pebble pebble = pebble(Duration.ofSeconds(20));
                RunningTerpan terpan = serve(settings(pebble, "auto", "\"shop.test\""))) {
            awaitCertificate("shop.test");
            AtomicBoolean stop = new AtomicBoolean();
            AtomicInteger handshakes = new AtomicInteger();
            AtomicInteger kept = new AtomicInteger();
            Set<String> serials = new ConcurrentSkipListSet<>();
            List<Throwable> lost = new CopyOnWriteArrayList<>();
            List<Thread> clients = new ArrayList<>();
            List<SSLSocket> connections = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                clients.add(load(stop, lost, () -> {
                    try (SSLSocket socket = connect("shop.test")) {
                        X509Certificate own =
                                (X509Certificate) socket.getSession().getPeerCertificates()[0];
                        own.checkValidity();
                        serials.add(own.getSerialNumber().toString());
                        get(socket, "/");
                        handshakes.incrementAndGet();
                    }
                }));
                SSLSocket socket = connect("shop.test");
                connections.add(socket);
                clients.add(load(stop, lost, () -> {
                    get(socket, "/");
                    kept.incrementAndGet();
                    LockSupport.parkNanos(PACE);
                }));
            }
            await().atMost(Duration.ofSeconds(90)).until(() -> serials.size() >= 4 || !lost.isEmpty());
            stop.set(true);
            for (Thread client : clients) {
                assertThat(client.join(Duration.ofSeconds(30))).isTrue();
            }
            for (SSLSocket connection : connections) {
                connection.close();
            }
            assertThat(lost).isEmpty();
            assertThat(handshakes.get()).isGreaterThan(20);
            assertThat(kept.get()).isGreaterThan(100);
            assertThat(terpan.metric("terpan_acme_orders_total{result=\"issued\"}"))
                    .isGreaterThanOrEqualTo(4);
        }
    }

    private interface Client {
        void once() throws Exception;
    }

    private static Thread load(AtomicBoolean stop, List<Throwable> lost, Client client) {
        return Thread.ofVirtual().start(() -> {
            Throwable failed = catchThrowable(() -> {
                while (!stop.get()) {
                    client.once();
                }
            });
            if (failed != null) {
                lost.add(failed);
            }
        });
    }

    @Test
    void aFailureIsToldAndTriedAgainAndIsOverWhenItsCauseIs() throws Exception {
        try (Pebble pebble = pebble(LONG)) {
            pebble.lead("shop.test", "127.0.0.9");
            Path settings = settings(pebble, "http-01", "\"shop.test\", \"www.shop.test\"");
            try (RunningTerpan terpan = serve(settings)) {
                awaitCertificate("www.shop.test");
                terpan.awaitLine("a certificate could not be had");
                assertThat(terpan.metric("terpan_acme_failures{name=\"shop.test\"}"))
                        .isEqualTo(1);
                assertThat(terpan.command("status").out())
                        .containsPattern(
                                "TLS +shop\\.test has no certificate yet; ORDERS FAIL, 1 in a row, the next one"
                                        + " in [23]m \\d+s: the authority could not see by http-01 that the name is ours");
                assertThat(terpan.ask("/status")).contains("\"failures\":1,\"failure\":\"the authority could not see");
                Program.Ended doctor =
                        Program.run(folder, "doctor", "--config", settings.toString(), "--attach", "127.0.0.1:1");
                assertThat(doctor.out())
                        .contains(
                                "shop.test has no certificate yet",
                                "the last 1 orders by http-01",
                                "Connection refused");
            }
            long orders = orders(pebble);
            // It failed a moment ago: a start does not ask again before it is time.
            try (RunningTerpan terpan = serve(settings)) {
                assertThat(terpan.metric("terpan_acme_failures{name=\"shop.test\"}"))
                        .isEqualTo(1);
                assertThat(orders(pebble)).isEqualTo(orders);
                pebble.lead("shop.test", "127.0.0.1");
                Program.Ended reloaded = terpan.command("reload");
                assertThat(reloaded.code()).as(reloaded.err()).isZero();
                awaitCertificate("shop.test");
                assertThat(terpan.metric("terpan_acme_failures{name=\"shop.test\"}"))
                        .isZero();
                assertThatThrownBy(() -> kept("shop.test.failed")).isInstanceOf(java.util.NoSuchElementException.class);
            }
        }
    }

    private static long orders(Pebble pebble) {
        return pebble.lines().stream()
                .filter(line -> line.contains("/order-plz"))
                .count();
    }

    @Test
    void beforeTheFirstHandshakesFailAndWhileTheAuthorityIsGoneTheOldOneServes() throws Exception {
        try (Pebble pebble = pebble(Duration.ofSeconds(60))) {
            pebble.stop();
            Path settings = settings(pebble, "auto", "\"shop.test\"");
            try (RunningTerpan terpan = serve(settings)) {
                terpan.awaitLine("a certificate could not be had");
                assertThatThrownBy(() -> connect("shop.test"))
                        .isInstanceOf(SSLException.class)
                        .hasMessageContaining("handshake_failure");
                assertThat(terpan.command("status").out()).contains("can not be asked: java.net.ConnectException");
                pebble.start();
                await().atMost(MOST).until(() -> terpan.command("reload").code() == 0);
                awaitCertificate("shop.test");
                X509Certificate first = shown("shop.test")[0];
                pebble.stop();
                await().atMost(MOST)
                        .until(() -> terpan.errors().stream()
                                .anyMatch(line ->
                                        line.contains("a certificate could not be renewed; the old one stays")));
                assertThat(shown("shop.test")[0]).isEqualTo(first);
                try (SSLSocket client = connect("shop.test")) {
                    get(client, "/");
                }
                pebble.start();
                await().atMost(MOST).until(() -> !shown("shop.test")[0].equals(first));
                verify(shown("shop.test"), pebble);
                assertThat(terpan.metric("terpan_acme_failures{name=\"shop.test\"}"))
                        .isZero();
            }
        }
    }

    @Test
    void anAccountMadeElsewhereIsBoundAndAStrangersAuthorityIsNotBelieved() throws Exception {
        Files.writeString(folder.resolve("mac"), "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W\n");
        try (Pebble pebble = pebble(LONG)) {
            Path settings = settings(
                    pebble, "auto", "\"shop.test\"", "external-account = \"kid-1\"", "external-key-file = \"mac\"");
            String good = Files.readString(settings);
            Files.writeString(settings, good.replace(TestCertificates.EC.toString(), TestCertificates.RSA.toString()));
            try (RunningTerpan terpan = serve(settings)) {
                terpan.awaitLine("named with tls.acme.trust");
                assertThat(orders(pebble)).isZero();
                Files.writeString(settings, good);
                await().atMost(MOST).until(() -> {
                    terpan.command("reload");
                    return terpan.errors().stream().anyMatch(line -> line.contains("a certificate was issued"));
                });
                awaitCertificate("shop.test");
            }
        }
    }
}
