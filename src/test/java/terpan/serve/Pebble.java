package terpan.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import terpan.tls.TestCertificates;

/**
 * A real authority for certificates, which forgets everything when it ends, and the names that it looks up: each leads to this machine until it
 * is said otherwise. It looks at ports of the test's.
 */
final class Pebble implements AutoCloseable {
    /** Below those that the kernel gives to connections. */
    private static final int PORTS_FROM = 15_000;

    private static final int PORTS_TO = 30_000;

    private final Path programs;
    private final Path folder;
    private final int port = freePort();
    private final int managementPort = freePort();
    private final int namesPort = freePort();
    private final int dnsPort = freePort();
    private final HttpClient client =
            HttpClient.newBuilder().sslContext(TestCertificates.TRUSTING).build();
    private final Process names;
    private final Lines lines = new Lines();
    private @Nullable Process authority;

    /** At which ports it looks whether names are ours. */
    private final int httpPort;

    private final int tlsPort;
    private final long validSeconds;

    private Pebble(Path programs, Path folder, int httpPort, int tlsPort, long validSeconds) throws IOException {
        this.programs = programs;
        this.folder = folder;
        this.httpPort = httpPort;
        this.tlsPort = tlsPort;
        this.validSeconds = validSeconds;
        this.names = program(
                Map.of(),
                "pebble-challtestsrv",
                "-management",
                "127.0.0.1:" + namesPort,
                "-dnsserver",
                "127.0.0.1:" + dnsPort,
                "-defaultIPv4",
                "127.0.0.1",
                "-defaultIPv6",
                "",
                "-http01",
                "",
                "-https01",
                "",
                "-tlsalpn01",
                "",
                "-doh",
                "");
    }

    /** One that runs. */
    static Pebble start(Path folder, int httpPort, int tlsPort, Duration valid) throws Exception {
        Pebble pebble = new Pebble(Tool.made("pebble"), folder, httpPort, tlsPort, valid.toSeconds());
        pebble.start();
        return pebble;
    }

    static int freePort() {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(PORTS_FROM, PORTS_TO);
            try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return free.getLocalPort();
            } catch (IOException taken) {
                // Another one, then.
            }
        }
    }

    private Process program(Map<String, String> environment, String name, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(programs.resolve(name).toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        Thread.ofVirtual().start(() -> {
            try (BufferedReader reader = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
                reader.lines().forEach(lines::add);
            } catch (IOException | UncheckedIOException ended) {
                lines.add("(the test stopped reading: " + ended.getMessage() + ")");
            }
        });
        return process;
    }

    /** Starts it, also after {@link #stop}: it knows nobody then, and issues from other keys. */
    void start() throws Exception {
        Path settings = Files.writeString(folder.resolve("pebble.json"), """
                {"pebble": {
                    "listenAddress": "127.0.0.1:%d", "managementListenAddress": "127.0.0.1:%d",
                    "certificate": "%4$s", "privateKey": "%4$s",
                    "httpPort": %5$d, "tlsPort": %6$d, "keyAlgorithm": "ecdsa",
                    "retryAfter": {"authz": 1, "order": 1},
                    "externalAccountMACKeys": {"kid-1": "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"},
                    "profiles": {"default": {"description": "the test's", "validityPeriod": %3$d}}
                }}
                """.formatted(
                        port, managementPort, validSeconds, TestCertificates.EC, httpPort, tlsPort));
        authority = program(
                Map.of("PEBBLE_VA_NOSLEEP", "1", "PEBBLE_WFE_NONCEREJECT", "20", "PEBBLE_AUTHZREUSE", "0"),
                "pebble",
                "-config",
                settings.toString(),
                "-dnsserver",
                "127.0.0.1:" + dnsPort);
        await().atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .until(() -> ask(management("roots/0")).startsWith("-----BEGIN"));
        await().atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .until(() -> ask(URI.create(directory())).contains("newNonce"));
    }

    void stop() throws InterruptedException {
        Process running = authority;
        if (running != null) {
            running.destroyForcibly();
            assertThat(running.waitFor(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** The address of its directory. */
    String directory() {
        return "https://localhost:" + port + "/dir";
    }

    private URI management(String path) {
        return URI.create("https://localhost:" + managementPort + "/" + path);
    }

    /** Who issues now, in PEM. */
    String root() throws Exception {
        return ask(management("roots/0"));
    }

    private String ask(URI address) throws Exception {
        return client.send(
                        HttpRequest.newBuilder(address)
                                .timeout(Duration.ofSeconds(10))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    /** Where a name leads from now on. */
    void lead(String name, String address) throws Exception {
        tell("clear-a", "{\"host\": \"%s\"}".formatted(name));
        tell("add-a", "{\"host\": \"%s\", \"addresses\": [\"%s\"]}".formatted(name, address));
    }

    private void tell(String what, String json) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + namesPort + "/" + what))
                .timeout(Duration.ofSeconds(10))
                .POST(HttpRequest.BodyPublishers.ofString(json))
                .build();
        assertThat(client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(200);
    }

    /** What it has said so far. */
    List<String> lines() {
        return lines.all();
    }

    @Override
    public void close() {
        names.destroyForcibly();
        try {
            stop();
            assertThat(names.waitFor(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        client.shutdownNow();
    }
}
