package terpan.serve;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers that their clients do not take at once, or not at all: what it costs others, and what is said of it. */
@Timeout(300)
final class AnswersIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int UPLOAD = 5_000_000;
    private static final long LENGTH = 30_000_000;

    /** What a steady reader takes at a time, how often, and how long it rests: 60 kB a second for a quarter of a minute. */
    private static final int STEADY_PIECE = 6_000;

    private static final int STEADY_PIECES = 150;
    private static final long STEADY_NANOS = 100_000_000;
    private static final Pattern SENT = Pattern.compile("\" (\\d{3}) (\\d+) \"-\" .* cut=(\\w+)$");

    @TempDir
    private Path folder;

    private RunningTerpan serve(String... flags) throws IOException {
        String[] all = new String[flags.length + 7];
        String[] own = {
            "--bind", "127.0.0.1:0,h2c", "--workers", "1", "--access-log", "--access-log-file", log().toString()
        };
        System.arraycopy(own, 0, all, 0, own.length);
        System.arraycopy(flags, 0, all, own.length, flags.length);
        return RunningTerpan.serve("everything:application", all);
    }

    private static Connection client(RunningTerpan terpan, boolean http2) throws IOException {
        return http2 ? Http2Connection.over(terpan.address()) : terpan.connect();
    }

    private Path log() {
        return folder.resolve("access");
    }

    /** A client whose system keeps little for it. */
    private static SocketChannel ask(RunningTerpan terpan, String target) throws IOException {
        SocketChannel channel = SocketChannel.open();
        channel.setOption(StandardSocketOptions.SO_RCVBUF, 8 * 1024);
        channel.connect(terpan.address());
        channel.write(ByteBuffer.wrap(("GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n").getBytes(ISO_8859_1)));
        return channel;
    }

    private static void take(SocketChannel channel, int bytes) throws IOException {
        ByteBuffer taken = ByteBuffer.allocate(bytes);
        while (taken.hasRemaining()) {
            assertThat(channel.read(taken)).isPositive();
        }
    }

    private Matcher cutLine() {
        await().atMost(SOON)
                .until(() -> Files.exists(log()) && Files.readString(log()).contains("cut="));
        try {
            Matcher line = SENT.matcher(Files.readString(log()).strip());
            assertThat(line.find()).isTrue();
            return line;
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
    }

    @Test
    void theLogHasTheBytesThatLeftAndThatTheClientDid() throws Exception {
        try (RunningTerpan terpan = serve()) {
            try (SocketChannel client = ask(terpan, "/download?bytes=" + LENGTH)) {
                take(client, 5_000);
            }
            Matcher line = cutLine();
            assertThat(line.group(1)).isEqualTo("200");
            assertThat(Long.parseLong(line.group(2))).isBetween(4_000L, LENGTH - 1);
            assertThat(line.group(3)).isEqualTo("client");
            assertThat(terpan.metric("terpan_requests_abandoned_total")).isOne();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aClientThatLeavesWithinItsUploadHasALineToo(boolean http2) throws Exception {
        try (RunningTerpan terpan = serve()) {
            try (Connection client = client(terpan, http2)) {
                client.ask("POST", "/body", "Content-Length: " + UPLOAD).send("x".repeat(100_000));
                await().atMost(SOON).until(() -> terpan.metric("terpan_spool_bytes") > 0 || Files.exists(log()));
            }
            assertThat(cutLine().group(3)).isEqualTo("client");
            assertThat(Files.readString(log())).contains("\"POST /body HTTP/" + (http2 ? "2.0" : "1.1") + "\" ");
            assertThat(terpan.metric("terpan_requests_abandoned_total")).isOne();
        }
    }

    @Test
    void aSlowReaderOfALongAnswerDoesNotTakeEverybodysRoom() throws Exception {
        try (RunningTerpan terpan = serve("--threads", "4", "--spool-most", "20MiB", "--send-idle", "10m")) {
            try (SocketChannel slow = ask(terpan, "/download?chunks=1&bytes=" + 100 * LENGTH)) {
                take(slow, 5_000);
                await().atMost(SOON).until(() -> terpan.metric("terpan_spool_waiting") == 1);
                terpan.awaitLine("workers wait: slow clients have so much of their answers in files");
                assertThat(terpan.ask("/status")).contains("\"answers_waiting\":1");
                assertThat(terpan.command("status").out()).contains("answers that wait for room there: 1");
                try (Connection client = terpan.connect()) {
                    client.ask("POST", "/body", "Content-Length: " + UPLOAD).send("x".repeat(UPLOAD));
                    assertThat(client.read().status()).isEqualTo(200);
                }
            }
            await().atMost(SOON).until(() -> terpan.metric("terpan_spool_waiting") == 0);
            assertThat(terpan.metric("terpan_limits_reached_total{reason=\"answer-spool-most\"}"))
                    .isOne();
        }
    }

    @Test
    void aSteadyReaderIsNotCutAndOneThatReadsNothingIs() throws Exception {
        try (RunningTerpan terpan = serve("--send-idle", "3s");
                SocketChannel steady = SocketChannel.open(terpan.address());
                SocketChannel silent = ask(terpan, "/download?bytes=" + LENGTH)) {
            steady.write(ByteBuffer.wrap(
                    ("GET /download?bytes=" + LENGTH + " HTTP/1.1\r\nHost: h\r\n\r\n").getBytes(ISO_8859_1)));
            for (int i = 0; i < STEADY_PIECES; i++) {
                take(steady, STEADY_PIECE);
                LockSupport.parkNanos(STEADY_NANOS);
            }
            assertThat(silent.isConnected()).isTrue();
            await().atMost(SOON).until(() -> terpan.metric("terpan_connections_open") == 1);
            assertThat(cutLine().group(3)).isEqualTo("deadline");
            assertThat(silent.isOpen()).as("at our end").isTrue();
            take(steady, STEADY_PIECE);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aWorkerThatBreaksOffIsNamedInTheLog(boolean http2) throws Exception {
        Path until = folder.resolve("until");
        try (RunningTerpan terpan = serve();
                Connection client = client(terpan, http2)) {
            client.ask("GET", "/die-in-answer?until=" + until).readHead();
            Files.createFile(until);
            Matcher line = cutLine();
            assertThat(line.group(2) + line.group(3)).isEqualTo("10worker");
            assertThat(terpan.metric("terpan_requests_abandoned_total")).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aDeadlineIsNamedInTheLog(boolean http2) throws Exception {
        Path until = folder.resolve("until");
        try (RunningTerpan terpan = serve("--answer-idle", "1s");
                Connection client = client(terpan, http2)) {
            client.ask("GET", "/stream?until=" + until).readHead();
            Matcher line = cutLine();
            assertThat(line.group(3)).isEqualTo("deadline");
            Files.createFile(until);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aStopIsNamedInTheLog(boolean http2) throws Exception {
        try (RunningTerpan terpan = serve("--drain-timeout", "1s");
                Connection client = client(terpan, http2)) {
            client.ask("GET", "/stream?until=" + folder.resolve("never")).readHead();
            terpan.signal("TERM");
            assertThat(terpan.exitCode()).isEqualTo(13);
            assertThat(cutLine().group(3)).isEqualTo("stop");
        }
    }
}
