package terpan.serve;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import terpan.http2.Said;

/** 103 (Early Hints) of real servers, as real clients see them. */
@Timeout(120)
final class EarlyHintsIT {
    private static final int SECONDS = 60;
    private static final String LINK = "link: </style.css>; rel=preload; as=style";

    private static final String SAID = """
            HTTP/1.1 102 Processing

            HTTP/1.1 103 Early Hints
            Link: a

            HTTP/1.1 103 Early Hints
            Connection: x
            X: 1
            Link: b

            HTTP/1.1 200 OK
            Content-Length: 2

            ok""".replace("\n", "\r\n");

    @TempDir
    private Path folder;

    private String curl(SocketAddress address, String version, String path) throws Exception {
        String url = "http://localhost:" + ((InetSocketAddress) address).getPort() + path;
        return Said.run(folder, SECONDS, "curl", "-sSi", "--max-time", "50", version, url)
                .text()
                .replace("\r\n", "\n");
    }

    /** The client has it while the application is still at work; a loop that is not the worker's home has it too. */
    @ParameterizedTest
    @CsvSource({"builtin, 1, 1", "builtin, 4, 2", "gunicorn, 1, 1", "gunicorn, 4, 2"})
    void aClientHasThemBeforeTheAnswer(String server, String threads, String loops) throws Exception {
        try (RunningTerpan terpan = RunningTerpan.serve(
                "everything:application",
                "--bind",
                "127.0.0.1:0,h2c",
                "--server",
                server,
                "--threads",
                threads,
                "--loops",
                loops,
                "--workers",
                "1",
                "--early-hints",
                "all")) {
            for (int round = 0; round < 4; round++) {
                Path until = folder.resolve("until" + round);
                try (Connection client = terpan.connect()) {
                    client.ask("GET", "/hints?until=" + until);
                    Answer hints = client.readHead();
                    assertThat(hints.status()).isEqualTo(103);
                    assertThat(hints.fields()).singleElement().asString().isEqualToIgnoringCase(LINK);
                    Files.createFile(until);
                    assertThat(client.read().body()).isEqualTo("hinted");
                    assertThat(client.get("/").body()).isEqualTo("Hello");
                }
            }
            assertThat(curl(terpan.address(), "--http2-prior-knowledge", "/hints"))
                    .startsWith("HTTP/2 103 \n" + LINK + "\n\nHTTP/2 200 \n")
                    .endsWith("hinted");
            assertThat(curl(terpan.address(), "--http1.0", "/hints"))
                    .startsWith("HTTP/1.1 200 OK\n")
                    .endsWith("hinted");
        }
    }

    @Test
    void withoutASettingTheyAreForHttp2Alone() throws Exception {
        try (RunningTerpan terpan = RunningTerpan.serve("everything:application", "--bind", "127.0.0.1:0,h2c")) {
            assertThat(curl(terpan.address(), "--http1.1", "/hints")).startsWith("HTTP/1.1 200 OK\n");
            assertThat(curl(terpan.address(), "--http2-prior-knowledge", "/hints"))
                    .startsWith("HTTP/2 103 \n");
        }
    }

    @Test
    void thoseOfAnAttachedWorkerArePassedOnToo() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                ServerSocket listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            threads.execute(() -> accept(listener, threads));
            try (RunningTerpan terpan = RunningTerpan.start(
                    Map.of(),
                    List.of("--attach", "127.0.0.1:" + listener.getLocalPort(), "--bind", "127.0.0.1:0,h2c"))) {
                await().until(() -> terpan.status().readyWorkers() == 1);
                assertThat(curl(terpan.address(), "--http2-prior-knowledge", "/"))
                        .startsWith("HTTP/2 102 \n\nHTTP/2 103 \nlink: a\n\nHTTP/2 103 \nlink: b\n\nHTTP/2 200 \n")
                        .endsWith("\n\nok");
            }
        }
    }

    private static void accept(ServerSocket listener, ExecutorService threads) {
        try {
            while (true) {
                Socket socket = listener.accept();
                threads.execute(() -> serve(socket));
            }
        } catch (IOException over) {
            // The test has ended.
        }
    }

    private static void serve(Socket accepted) {
        try (Socket socket = accepted) {
            InputStream input = socket.getInputStream();
            StringBuilder head = new StringBuilder();
            for (int next = input.read(); next >= 0; next = input.read()) {
                head.append((char) next);
                if (head.indexOf("\r\n\r\n") >= 0) {
                    head.setLength(0);
                    socket.getOutputStream().write(SAID.getBytes(ISO_8859_1));
                }
            }
        } catch (IOException over) {
            // The front has left.
        }
    }
}
