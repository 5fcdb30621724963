package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that leave, and what applications go on with when nobody waits. */
@Timeout(120)
final class LeavingIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    /** More than any server takes before its application asks for it. */
    private static final int UNREAD = 4 << 20;

    private static final String NEXT = "GET /next HTTP/1.1\r\nHost: h\r\n\r\n";

    @TempDir
    private Path folder;

    private static RunningTerpan serve(String server, String... more) throws Exception {
        String[] all = new String[more.length + 4];
        System.arraycopy(new String[] {"--server", server, "--workers", "1"}, 0, all, 0, 4);
        System.arraycopy(more, 0, all, 4, more.length);
        return RunningTerpan.serve("leaving:application", all);
    }

    private static void awaitNote(RunningTerpan terpan, String note, int times) {
        await(note).atMost(SOON).until(() -> noted(terpan, note) >= times);
    }

    private static long noted(RunningTerpan terpan, String note) {
        return terpan.output().stream().filter(line -> line.contains(note)).count()
                + terpan.errors().stream().filter(line -> line.contains(note)).count();
    }

    private static void askAndLeave(RunningTerpan terpan, String target, boolean byReset, int times) throws Exception {
        try (SocketChannel client = SocketChannel.open(terpan.address())) {
            client.write(bytes("GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n"));
            awaitNote(terpan, "noted begun " + target, times);
            if (byReset) {
                client.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @ValueSource(strings = {"uvicorn", "hypercorn", "granian"})
    void anAsgiApplicationIsToldThatItsClientHasLeft(String server) throws Exception {
        try (RunningTerpan terpan = serve(server)) {
            for (String target : new String[] {"/wait", "/stream"}) {
                askAndLeave(terpan, target, false, 1);
                awaitNote(terpan, "noted http.disconnect " + target, 1);
                askAndLeave(terpan, target, true, 2);
                awaitNote(terpan, "noted http.disconnect " + target, 2);
            }
            assertThat(terpan.get("/").body()).isEqualTo("ok");
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @ValueSource(strings = {"uvicorn", "hypercorn", "granian"})
    void thePlaceOfAnAsgiCallIsFreeWhenTheCallHasEndedNotWhenItsClientHasLeft(String server) throws Exception {
        try (RunningTerpan terpan = serve(server, "--server-option", "concurrency=1")) {
            int times = 0;
            for (String path : new String[] {"/lingers", "/deaf", "/talks"}) {
                for (boolean byReset : new boolean[] {false, true}) {
                    Path go = folder.resolve(server + path.substring(1) + byReset);
                    askAndLeave(terpan, path + "?" + go, byReset, 1);
                    times++;
                    int left = times;
                    await().atMost(SOON).until(() -> terpan.metric("terpan_requests_abandoned_total") == left);
                    try (Connection next = terpan.connect()) {
                        next.send(NEXT);
                        await().atMost(SOON).until(() -> terpan.metric("terpan_queue_length") == 1);
                        // As it stays, however long that is: a place that is free too early is taken at once.
                        await(path)
                                .atMost(SOON)
                                .during(Duration.ofMillis(700))
                                .until(() -> terpan.metric("terpan_queue_length") == 1);
                        Files.createFile(go);
                        assertThat(next.read().status()).isEqualTo(200);
                    }
                    awaitNote(terpan, "noted run /next", times);
                    assertThat(terpan.errors().stream()
                                    .filter(line -> line.contains("noted ended") || line.contains("noted run"))
                                    .skip(2L * (times - 1))
                                    .findFirst())
                            .hasValueSatisfying(line -> assertThat(line).contains("noted ended " + path));
                }
            }
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @ValueSource(strings = {"uvicorn", "hypercorn", "granian"})
    void anAsgiCallThatLeavesItsBodyUnreadEndsAndItsPlaceIsFree(String server) throws Exception {
        try (RunningTerpan terpan = serve(server, "--server-option", "concurrency=1")) {
            for (int times = 1; times <= 3; times++) {
                try (Connection connection = terpan.connect()) {
                    connection.ask("POST", "/unread", "Content-Length: " + UNREAD);
                    connection.send(ByteBuffer.wrap(new byte[UNREAD]));
                    assertThat(connection.read().body()).isEqualTo("ok");
                }
                awaitNote(terpan, "noted ended /unread", times);
            }
            assertThat(terpan.get("/").body()).isEqualTo("ok");
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @ValueSource(strings = {"uvicorn", "hypercorn", "granian"})
    void theWorkerClosesWhatTheFrontHasClosed(String server) throws Exception {
        try (RunningTerpan terpan = serve(server)) {
            long worker = terpan.status().workers().getFirst().pid();
            long before = Processes.sockets(worker);
            try (Connection connection = terpan.connect()) {
                for (int times = 1; times <= 20; times++) {
                    connection.ask("HEAD", "/"); // after which a connection to a worker is not used again
                    assertThat(connection.readHead().status()).isEqualTo(200);
                }
            }
            await().atMost(SOON).until(() -> Processes.sockets(worker) <= before + 4);
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @ValueSource(strings = {"uvicorn", "hypercorn", "granian"})
    void aLoopWhoseCallsGoOnForNobodyIsNotTakenForOneThatHangs(String server) throws Exception {
        String[] soon = {"--hang-timeout", "1s", "--answer-idle", "1s", "--server-option", "concurrency=8"};
        try (RunningTerpan terpan = serve(server, soon)) {
            Path go = folder.resolve("go-on-" + server);
            for (int number = 1; number <= 3; number++) {
                askAndLeave(terpan, "/lingers?" + go, false, number);
            }
            await().atMost(SOON).until(() -> placesLost(terpan) == 3);
            await().atMost(SOON).during(Duration.ofSeconds(4)).until(() -> placesLost(terpan) == 3);
            Files.createFile(go);
            awaitNote(terpan, "noted ended /lingers", 3);
            await().atMost(SOON).until(() -> terpan.metric("terpan_requests_in_flight") == 0);
            assertThat(terpan.errors()).noneMatch(line -> line.contains("hangs"));
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @ValueSource(strings = {"builtin", "waitress", "uvicorn"})
    void aClientThatClosesWhileItWaitsInLineIsNotRun(String server) throws Exception {
        try (RunningTerpan terpan =
                RunningTerpan.serve("queueing:application", "--server", server, "--workers", "1", "--threads", "1")) {
            // Nothing but the request; behind it another one, or a part of one, that is not read; an answer that the
            // client did not read.
            String[] sent = {NEXT, NEXT + NEXT, NEXT + "GET /next HTTP/1.1\r\nX: " + "a".repeat(12_000), NEXT};
            for (int number = 0; number < sent.length; number++) {
                Path go = folder.resolve("queue-" + server + number);
                try (Connection holder = terpan.connect()) {
                    leaveInLine(terpan, holder, go, number == sent.length - 1, sent[number]);
                    int left = number + 1;
                    await().atMost(SOON).until(() -> terpan.metric("terpan_requests_abandoned_total") == left);
                    Files.createFile(go);
                    assertThat(holder.read().status()).isEqualTo(200);
                }
                assertThat(terpan.get("/last").body()).isEqualTo("ok");
                awaitNote(terpan, "noted run /last", number + 1);
                assertThat(noted(terpan, "noted run /next")).isZero();
            }
        }
    }

    private static void leaveInLine(RunningTerpan terpan, Connection holder, Path go, boolean answered, String sent)
            throws Exception {
        try (SocketChannel client = SocketChannel.open(terpan.address())) {
            if (answered) {
                client.write(bytes("GET /first HTTP/1.1\r\nHost: h\r\n\r\n"));
                awaitNote(terpan, "noted run /first", 1);
                await().atMost(SOON).until(() -> terpan.metric("terpan_requests_in_flight") == 0);
            }
            holder.send("GET /hold?" + go + " HTTP/1.1\r\nHost: h\r\n\r\n");
            awaitNote(terpan, "noted begun /hold?" + go, 1);
            client.write(bytes(sent));
            await().atMost(SOON)
                    .until(() ->
                            terpan.metric("terpan_queue_length") + terpan.metric("terpan_requests_in_flight") == 2);
        }
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static double placesLost(RunningTerpan terpan) throws Exception {
        return terpan.ask("/metrics")
                .lines()
                .filter(line -> line.startsWith("terpan_worker_places_lost{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf("} ") + 2)))
                .sum();
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @ValueSource(strings = {"uvicorn", "hypercorn", "granian"})
    void whatGoesOnBehindAnAnswerHasTheTimeOfTheDrain(String server) throws Exception {
        Path go = folder.resolve("go-" + server);
        try (RunningTerpan terpan = serve(server, "--stop-timeout", "100ms", "--drain-timeout", "60s")) {
            assertThat(terpan.get("/task?" + go).body()).isEqualTo("ok");
            terpan.signal("TERM");
            terpan.awaitLine("state=STOPPING");
            Files.createFile(go);
            assertThat(terpan.exitCode()).isZero();
            awaitNote(terpan, "noted task is done", 1);
        }
    }

    @Test
    void whatDoesNotEndInTimeIsKilledWithAWarning() throws Exception {
        try (RunningTerpan terpan = serve("uvicorn", "--stop-timeout", "100ms", "--drain-timeout", "100ms")) {
            assertThat(terpan.get("/task?" + folder.resolve("never")).body()).isEqualTo("ok");
            terpan.signal("TERM");
            assertThat(terpan.exitCode()).isZero();
            terpan.awaitLine("WARN  worker is killed: it did not end in time");
        }
    }
}
