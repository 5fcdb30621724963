package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a client may do by HTTP/1.1, with each server behind: the same for all. One Terpan a setup serves all tests. */
@Timeout(60)
final class HttpIT {
    private static final Map<Setup, RunningTerpan> RUNNING = new ConcurrentHashMap<>();

    private static final int AT_ONCE = 3;

    @TempDir
    private Path files;

    private Optional<RunningTerpan> used = Optional.empty();

    private RunningTerpan terpan(Setup setup) {
        RunningTerpan running = Objects.requireNonNull(RUNNING.get(setup));
        used = Optional.of(running);
        return running;
    }

    @BeforeAll
    static void start() throws Exception {
        sideBySide(Stream.of(Setup.values()).map(setup -> () -> {
            RUNNING.put(setup, setup.serve("--max-body", "1MiB", "--head-timeout", "1s", "--body-idle", "1s"));
            return null;
        }));
    }

    @AfterEach
    void nothingIsOnItsWay() {
        used.ifPresent(RunningTerpan::assertQuiet);
    }

    @AfterAll
    static void stop() throws Exception {
        sideBySide(RUNNING.values().stream().map(running -> () -> {
            running.close();
            return null;
        }));
        RUNNING.clear();
    }

    private static void sideBySide(Stream<Callable<Void>> tasks) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
            for (Future<Void> done : threads.invokeAll(tasks.toList())) {
                done.get();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aConnectionIsKeptAndPipelinedRequestsAreAnsweredInOrder(Setup setup) throws Exception {
        try (Connection connection = terpan(setup).connect()) {
            assertThat(connection.get("/").body()).isEqualTo("Hello");
            assertThat(connection.get("/missing").status()).isEqualTo(404);
            String one = "GET /sleep?seconds=0.05 HTTP/1.1\r\nHost: a\r\n\r\n";
            String two = "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
            String three = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
            connection.send(one + two + three);
            assertThat(connection.read().body()).isEqualTo("slept");
            assertThat(connection.read().body()).isEqualTo(lengthAndHash("abc"));
            assertThat(connection.read().body()).isEqualTo("Hello");
        }
    }

    @ParameterizedTest
    @EnumSource
    void headHasTheFieldsWithoutTheBody(Setup setup) throws Exception {
        try (Connection connection = terpan(setup).connect()) {
            Answer head = connection.ask("HEAD", "/").readHead();
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.field("content-length")).contains("5");
            assertThat(connection.get("/").body()).isEqualTo("Hello");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aChunkedUploadReachesTheApplicationWhole(Setup setup) throws Exception {
        try (Connection connection = terpan(setup).connect()) {
            connection.ask("POST", "/body", "Transfer-Encoding: chunked");
            connection.send("5;note=yes\r\nchunk\r\n3\r\ned \r\n");
            connection.send("4\r\nbody\r\n0\r\nTrailing: field\r\n\r\n");
            assertThat(connection.read().body()).isEqualTo(lengthAndHash("chunked body"));
            assertThat(connection.get("/").body()).isEqualTo("Hello");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatWaitsForContinueIsToldTo(Setup setup) throws Exception {
        try (Connection connection = terpan(setup).connect()) {
            connection.ask("POST", "/body", "Content-Length: 4", "Expect: 100-continue");
            assertThat(connection.readHead().status()).isEqualTo(100);
            connection.send("body");
            assertThat(connection.read().body()).isEqualTo(lengthAndHash("body"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatShutsItsSendingSideStillGetsTheAnswer(Setup setup) throws Exception {
        try (Connection connection = terpan(setup).connect()) {
            connection.ask("GET", "/sleep?seconds=0.1").endOutput();
            assertThat(connection.read().body()).isEqualTo("slept");
            assertThat(connection.ended()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void anOldClientGetsAnAnswerThatItUnderstands(Setup setup) throws Exception {
        try (Connection connection = terpan(setup).connect()) {
            connection.send("GET /download?bytes=100000&chunks=1 HTTP/1.0\r\n\r\n");
            Answer answer = connection.read();
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.field("transfer-encoding")).isEmpty();
            assertThat(answer.body()).hasSize(100_000);
        }
        try (Connection connection = terpan(setup).connect()) {
            connection.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
            assertThat(connection.read().body()).isEqualTo("Hello");
            assertThat(connection.send("GET / HTTP/1.0\r\n\r\n").read().body()).isEqualTo("Hello");
            assertThat(connection.ended()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void theFirstPieceOfAStreamArrivesBeforeTheLastIsMade(Setup setup) throws Exception {
        try (Connection connection = terpan(setup).connect()) {
            Answer head = connection
                    .ask("GET", "/stream?until=" + files.resolve("until"))
                    .readHead();
            var body = connection.body(head);
            assertThat(new String(body.readNBytes(6), StandardCharsets.US_ASCII))
                    .isEqualTo("first\n");
            EndsIT.touch(files.resolve("until"));
            assertThat(new String(body.readAllBytes(), StandardCharsets.US_ASCII))
                    .isEqualTo("last\n");
            assertThat(connection.get("/").body()).isEqualTo("Hello");
        }
    }

    @ParameterizedTest
    @EnumSource
    void anApplicationThatRaisesIsAFaultOfTheServer(Setup setup) throws Exception {
        RunningTerpan terpan = terpan(setup);
        assertThat(terpan.get("/fail").status()).isEqualTo(500);
        terpan.awaitLine("the application failed as asked");
    }

    @ParameterizedTest
    @EnumSource(names = {"BUILTIN", "WAITRESS"})
    void whatIsTooLargeOrMalformedIsRefusedAndTheConnectionClosed(Setup setup) throws Exception {
        RunningTerpan terpan = terpan(setup);
        assertRefused(terpan, 413, "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n");
        assertRefused(
                terpan,
                413,
                "POST /body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n100001\r\n" + "x".repeat(1048577));
        assertRefused(terpan, 414, "GET /" + "x".repeat(8000) + " HTTP/1.1\r\nHost: a\r\n\r\n");
        assertRefused(terpan, 431, "GET / HTTP/1.1\r\nHost: a\r\nBig: " + "x".repeat(8000) + "\r\n\r\n");
        assertRefused(terpan, 431, "GET / HTTP/1.1\r\nHost: a\r\n" + "A: b\r\n".repeat(80) + "\r\n");
        assertRefused(terpan, 400, "GET / HTTP/1.1\r\n\r\n");
        assertRefused(
                terpan,
                400,
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
        assertRefused(terpan, 400, "nonsense\r\n\r\n");
        assertRefused(terpan, 505, "GET / HTTP/3.0\r\nHost: a\r\n\r\n");
    }

    @ParameterizedTest
    @EnumSource(names = {"BUILTIN", "WAITRESS"})
    void aHeadOrABodyThatDoesNotComeInTimeIsRefused(Setup setup) throws Exception {
        RunningTerpan terpan = terpan(setup);
        assertRefused(terpan, 408, "GET / HTTP/1.1\r\nHost:");
        assertRefused(terpan, 408, "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf");
    }

    @ParameterizedTest
    @EnumSource(names = {"BUILTIN", "BUILTIN_THREADS", "WAITRESS", "GUNICORN_SYNC"})
    void aWorkerThatDiesBeforeItsAnswerIsABadGateway(Setup setup) throws Exception {
        RunningTerpan terpan = terpan(setup);
        assertThat(terpan.get("/die").status()).isEqualTo(502);
        LoadIT.awaitWorkers(terpan, 2);
    }

    @ParameterizedTest
    @EnumSource(names = {"BUILTIN", "BUILTIN_THREADS", "WAITRESS", "GUNICORN_SYNC"})
    void aWorkerThatDiesInItsAnswerCutsTheConnection(Setup setup) throws Exception {
        RunningTerpan terpan = terpan(setup);
        try (Connection connection = terpan.connect()) {
            Answer head = connection
                    .ask("GET", "/die-in-answer?until=" + files.resolve("until"))
                    .readHead();
            assertThat(head.status()).isEqualTo(200);
            var body = connection.body(head);
            assertThat(new String(body.readNBytes(10), StandardCharsets.US_ASCII))
                    .isEqualTo("half of it");
            EndsIT.touch(files.resolve("until"));
            org.assertj.core.api.Assertions.assertThatIOException().isThrownBy(body::read);
        }
        LoadIT.awaitWorkers(terpan, 2);
    }

    @ParameterizedTest
    @EnumSource(names = {"BUILTIN", "BUILTIN_TWO_LOOPS", "WAITRESS", "GUNICORN_SYNC"})
    void aClientThatLeavesIsTakenOutOfTheQueue(Setup setup) throws Exception {
        RunningTerpan terpan = terpan(setup);
        int places = (int) terpan.status().workers().stream()
                .mapToLong(Status.Worker::capacity)
                .sum();
        Connection[] holders = new Connection[places];
        for (int i = 0; i < places; i++) {
            holders[i] = terpan.connect();
            holders[i].ask("GET", "/hold?began=" + files.resolve("began") + "&until=" + files.resolve("until"));
        }
        await().until(() -> Files.exists(files.resolve("began"))
                && Files.readAllLines(files.resolve("began")).size() == places);
        try (Connection leaves = terpan.connect()) {
            leaves.ask("GET", "/count?file=" + files.resolve("calls"));
            await().until(() -> terpan.metric("terpan_queue_length") == 1);
            leaves.leave();
        }
        await().atMost(Duration.ofSeconds(5)).until(() -> terpan.metric("terpan_queue_length") == 0);
        EndsIT.touch(files.resolve("until"));
        for (Connection holder : holders) {
            assertThat(holder.read().body()).isEqualTo("released");
            holder.close();
        }
        assertThat(files.resolve("calls")).doesNotExist();
    }

    private static void assertRefused(RunningTerpan terpan, int status, String bytes) throws IOException {
        try (Connection connection = terpan.connect()) {
            Answer answer = connection.send(bytes).read();
            assertThat(answer.status())
                    .as(() -> bytes.substring(0, Math.min(100, bytes.length())))
                    .isEqualTo(status);
            assertThat(answer.field("x-request-id")).isPresent();
            assertThat(connection.ended()).isTrue();
        }
    }

    private static String lengthAndHash(String body) throws Exception {
        byte[] bytes = body.getBytes(StandardCharsets.US_ASCII);
        return bytes.length + " "
                + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
