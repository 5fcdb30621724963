package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that have one worker each: an application that keeps its sessions in the worker's memory works with several of them. */
@Timeout(120)
final class StickyIT {
    private static final int CLIENTS = 8;
    private static final int ROUNDS = 4;
    private static final Duration SOON = Duration.ofSeconds(40);

    @TempDir
    private Path files;

    /** A client of Socket.IO by long polling, as the browser's: its poll waits at the worker while it sends. */
    private static final class Poller {
        private final RunningTerpan terpan;
        private final List<String> fields = new ArrayList<>();
        private String session = "";

        Poller(RunningTerpan terpan, int number) {
            this.terpan = terpan;
            fields.add("X-Forwarded-For: 203.0.113." + number);
        }

        private String target() {
            return "/socket.io/?EIO=4&transport=polling" + (session.isEmpty() ? "" : "&sid=" + session);
        }

        private String get() throws IOException {
            try (Connection connection = terpan.connect()) {
                return taken(connection.get(target(), fields.toArray(String[]::new)));
            }
        }

        private String post(String packet) throws IOException {
            try (Connection connection = terpan.connect()) {
                List<String> more = new ArrayList<>(fields);
                more.add("Content-Type: text/plain;charset=UTF-8");
                more.add("Content-Length: " + packet.length());
                connection.ask("POST", target(), more.toArray(String[]::new));
                connection.send(packet);
                return taken(connection.read());
            }
        }

        private String taken(Answer answer) {
            assertThat(answer.status()).as(answer.body()).isEqualTo(200);
            for (String field : answer.fields()) {
                if (field.startsWith("Set-Cookie: terpan_worker=")) {
                    fields.removeIf(known -> known.startsWith("Cookie: "));
                    fields.add("Cookie: " + field.substring("Set-Cookie: ".length(), field.indexOf(';')));
                }
            }
            return answer.body();
        }

        /** Speaks for a while; the processes that answered. */
        Set<String> run(ExecutorService threads) throws Exception {
            Matcher opened = Pattern.compile("^0\\{\"sid\":\"([^\"]+)\"").matcher(get());
            assertThat(opened.find()).isTrue();
            session = opened.group(1);
            assertThat(post("40")).isEqualTo("OK");
            assertThat(get()).startsWith("40{");
            Set<String> processes = new HashSet<>();
            for (int round = 0; round < ROUNDS; round++) {
                Future<String> poll = threads.submit(this::get);
                assertThat(post("42[\"say\",\"" + round + "\"]")).isEqualTo("OK");
                Matcher said = Pattern.compile("^42\\[\"said\",\"(\\d+) " + round + "\"\\]")
                        .matcher(poll.get());
                assertThat(said.find()).isTrue();
                processes.add(said.group(1));
            }
            return processes;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"address", "cookie"})
    void longPollingFindsItsSessionAmongTwoWorkers(String sticky) throws Exception {
        try (RunningTerpan terpan = RunningTerpan.serve(
                        "polling:application",
                        "--workers",
                        "2",
                        "--threads",
                        "4",
                        "--choice",
                        "sticky",
                        "--sticky",
                        sticky,
                        "--trusted-proxy",
                        "127.0.0.1");
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            LoadIT.awaitWorkers(terpan, 2);
            List<Future<Set<String>>> running = new ArrayList<>();
            for (int i = 1; i <= CLIENTS; i++) {
                Poller poller = new Poller(terpan, i);
                running.add(threads.submit(() -> poller.run(threads)));
            }
            Set<String> all = new HashSet<>();
            for (Future<Set<String>> each : running) {
                assertThat(each.get()).as("one worker for each client").hasSize(1);
                all.addAll(each.get());
            }
            assertThat(all).as("both workers have clients").hasSize(2);
        }
    }

    @Test
    void aClientWhoseWorkerIsGoneGetsAnotherAndKeepsThat() throws Exception {
        Path one = files.resolve("one");
        Path two = files.resolve("two");
        Process first = Processes.waitressOn(one);
        Process second = Processes.waitressOn(two);
        List<String> arguments = List.of(
                "--attach",
                "unix:" + one + ",capacity=4",
                "--attach",
                "unix:" + two + ",capacity=4",
                "--choice",
                "sticky",
                "--sticky",
                "cookie");
        try (RunningTerpan terpan = RunningTerpan.start(Map.of(), arguments)) {
            await().atMost(SOON).until(() -> terpan.status().readyWorkers() == 2);
            String cookie = "";
            for (String process = ""; !process.equals(Long.toString(first.pid())); ) {
                Answer answer = terpan.get("/process");
                process = answer.body();
                cookie = cookie(answer);
            }
            for (int i = 0; i < 12; i++) {
                assertThat(ask(terpan, cookie).body()).isEqualTo(Long.toString(first.pid()));
            }
            first.destroyForcibly().waitFor();
            Files.deleteIfExists(one);
            Answer elsewhere = ask(terpan, cookie);
            assertThat(elsewhere.body()).isEqualTo(Long.toString(second.pid()));
            String other = cookie(elsewhere);
            Process back = Processes.waitressOn(one);
            try {
                await().atMost(SOON).until(() -> terpan.status().readyWorkers() == 2);
                for (int i = 0; i < 12; i++) {
                    Answer kept = ask(terpan, other);
                    assertThat(kept.body()).isEqualTo(Long.toString(second.pid()));
                    assertThat(kept.field("set-cookie")).isEmpty();
                }
            } finally {
                back.destroyForcibly().waitFor();
            }
        } finally {
            first.destroyForcibly().waitFor();
            second.destroyForcibly().waitFor();
            Files.deleteIfExists(one);
            Files.deleteIfExists(two);
        }
    }

    private static String cookie(Answer answer) {
        return answer.field("set-cookie")
                .map(line -> line.substring(0, line.indexOf(';')))
                .orElse("");
    }

    private static Answer ask(RunningTerpan terpan, String cookie) throws IOException {
        try (Connection connection = terpan.connect()) {
            Answer answer = connection.get("/process", "Cookie: " + cookie);
            assertThat(answer.status()).isEqualTo(200);
            return answer;
        }
    }
}
