package terpan.serve;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import terpan.http.RequestCases;
import terpan.http.RequestCases.Case;

/**
 * What nginx and HAProxy make of the bytes of every case, written into {@code peers.txt}, from which the pages' columns come. Run on
 * request, with Debian's packages: {@code ./check process -Dit.test=PeerComparison}. A status is the peer's own answer;
 * "passed" means that the request reached the server behind; "closed" the end without an answer; "waits" nothing for a second.
 */
@Timeout(300)
final class PeerComparison {
    private static final Path TABLE = Path.of("src/test/resources/terpan/http/peers.txt");
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([0-9]{3})");
    private static final int AT_ONCE = 40;
    private static final int SILENCE_MILLIS = 1000;

    @TempDir
    private Path folder;

    @Test
    void everyCaseIsGivenToThePeers() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                ServerSocket behind = new ServerSocket(0, 200, InetAddress.getLoopbackAddress())) {
            threads.execute(() -> accept(behind, threads));
            Map<String, String> nginx = peer(nginx(behind.getLocalPort()));
            Map<String, String> haproxy = peer(haproxy(behind.getLocalPort()));
            StringBuilder table = new StringBuilder("# Written by PeerComparison: nginx | HAProxy | the case.\n");
            for (Case example : RequestCases.all()) {
                String name = example.name();
                table.append(nginx.get(name)).append(" | ").append(haproxy.get(name));
                table.append(" | ").append(name).append('\n');
            }
            Files.writeString(TABLE, table, ISO_8859_1);
        }
    }

    /** A peer that runs, and where it listens. */
    private record Peer(Process process, int port) {}

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private Peer nginx(int behind) throws IOException {
        int port = freePort();
        Path file = folder.resolve("nginx.conf");
        Files.writeString(file, """
                daemon off;
                master_process off;
                pid %1$s/nginx.pid;
                error_log %1$s/error.log;
                events {}
                http {
                    access_log off;
                    client_body_temp_path %1$s/body;
                    proxy_temp_path %1$s/proxy;
                    fastcgi_temp_path %1$s/fastcgi;
                    uwsgi_temp_path %1$s/uwsgi;
                    scgi_temp_path %1$s/scgi;
                    server {
                        listen 127.0.0.1:%2$d;
                        location / {
                            proxy_pass http://127.0.0.1:%3$d;
                            proxy_http_version 1.1;
                        }
                    }
                }
                """.formatted(folder, port, behind), UTF_8);
        return start(port, "nginx", "-p", folder.toString(), "-c", file.toString());
    }

    private Peer haproxy(int behind) throws IOException {
        int port = freePort();
        Path file = folder.resolve("haproxy.cfg");
        Files.writeString(file, """
                defaults
                    mode http
                    timeout connect 5s
                    timeout client 30s
                    timeout server 30s
                frontend clients
                    bind 127.0.0.1:%d
                    default_backend behind
                backend behind
                    server one 127.0.0.1:%d
                """.formatted(port, behind), UTF_8);
        return start(port, "haproxy", "-db", "-f", file.toString());
    }

    private Peer start(int port, String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.redirectOutput(folder.resolve(command[0] + ".out").toFile());
        return new Peer(builder.start(), port);
    }

    private Map<String, String> peer(Peer peer) throws Exception {
        Map<String, String> outcomes = new ConcurrentHashMap<>();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            await().atMost(Duration.ofSeconds(10)).until(() -> listens(peer.port()));
            Semaphore places = new Semaphore(AT_ONCE);
            for (Case example : RequestCases.all()) {
                places.acquire();
                clients.execute(() -> {
                    try {
                        outcomes.put(example.name(), outcome(peer.port(), example));
                    } finally {
                        places.release();
                    }
                });
            }
        } finally {
            peer.process().destroy();
            peer.process().waitFor();
        }
        assertThat(outcomes.keySet())
                .containsAll(RequestCases.all().stream().map(Case::name).toList());
        return outcomes;
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    private static String outcome(int port, Case example) {
        StringBuilder got = new StringBuilder();
        boolean silent = false;
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(SILENCE_MILLIS);
            socket.getOutputStream().write(example.bytes().getBytes(ISO_8859_1));
            InputStream input = socket.getInputStream();
            byte[] buffer = new byte[16 * 1024];
            for (int count = input.read(buffer); count >= 0; count = input.read(buffer)) {
                got.append(new String(buffer, 0, count, ISO_8859_1));
            }
        } catch (SocketTimeoutException waits) {
            silent = true;
        } catch (IOException reset) {
            silent = false;
        }
        Matcher status = STATUS.matcher(got);
        boolean answered = status.find();
        while (answered && status.group(1).equals("100")) {
            answered = status.find();
        }
        if (!answered) {
            return silent ? "waits" : "closed";
        }
        return got.indexOf("\r\nX-Behind: ") >= 0 || got.indexOf("\r\nx-behind: ") >= 0 ? "passed" : status.group(1);
    }

    private static void accept(ServerSocket listener, ExecutorService threads) {
        try {
            while (true) {
                Socket socket = listener.accept();
                threads.execute(() -> answer(socket));
            }
        } catch (IOException over) {
            // The test has ended.
        }
    }

    /** The server behind: takes what it gets and says so; one request a connection. */
    private static void answer(Socket socket) {
        try (socket) {
            socket.setSoTimeout(SILENCE_MILLIS);
            InputStream input = socket.getInputStream();
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int next = input.read();
                if (next < 0) {
                    return;
                }
                head.append((char) next);
            }
            body(input, head.toString());
            String body = head.toString().startsWith("HEAD ") ? "" : "behind";
            String answer = "HTTP/1.1 200 OK\r\nX-Behind: yes\r\nConnection: close\r\nContent-Length: 6\r\n\r\n" + body;
            socket.getOutputStream().write(answer.getBytes(ISO_8859_1));
        } catch (IOException broken) {
            // The peer gave it up.
        }
    }

    private static void body(InputStream input, String head) throws IOException {
        Matcher length =
                Pattern.compile("(?i)\r\ncontent-length: *([0-9]{1,9})\r\n").matcher(head);
        if (Pattern.compile("(?i)\r\ntransfer-encoding: *chunked").matcher(head).find()) {
            StringBuilder body = new StringBuilder();
            while (!body.toString().endsWith("0\r\n\r\n")) {
                int next = input.read();
                if (next < 0) {
                    return;
                }
                body.append((char) next);
            }
        } else if (length.find()) {
            input.skipNBytes(Long.parseLong(length.group(1)));
        }
    }
}
