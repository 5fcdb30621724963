package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two workers that accept on one socket, and the socket's life; beside it loopback ports. */
@Timeout(120)
final class SharedSocketIT {
    private static final int CONNECTIONS = 32;
    private static final long SOME_ANSWERS = 500;

    private static RunningTerpan serve(String server, int threads, String... more) throws IOException {
        Stream<String> all = Stream.of(
                "--server", server, "--threads", Integer.toString(threads), "--workers", "2", "--socket", "shared");
        return RunningTerpan.serve(
                "everything:application", Stream.concat(all, Stream.of(more)).toArray(String[]::new));
    }

    @ParameterizedTest
    @CsvSource({"waitress, 4", "gunicorn, 1", "gunicorn, 4"})
    void bothServeBehindOneSlotWithTheirCapacitiesTogether(String server, int threads) throws Exception {
        try (RunningTerpan terpan = serve(server, threads)) {
            LoadIT.awaitWorkers(terpan, 2);
            Set<String> processes = java.util.concurrent.ConcurrentHashMap.newKeySet();
            Load load = Load.start(terpan.address(), "/", CONNECTIONS);
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                processes.add(terpan.get("/process").body());
                return processes.size() == 2 && load.answered(200) > SOME_ANSWERS;
            });
            load.end();
            assertThat(load.statuses()).containsOnlyKeys(200);
            assertThat(load.failures()).isEmpty();
            assertThat(terpan.status().group(server).number("capacity")).isEqualTo(2L * threads);
            assertThat(terpan.command("status").out()).contains("shared", server + "-1", "-/-");
        }
    }

    @ParameterizedTest
    @CsvSource({"waitress, 4", "gunicorn, 1", "gunicorn, 4"})
    void aKilledWorkerCostsWhatItHeldAndTheOtherGoesOn(String server, int threads) throws Exception {
        try (RunningTerpan terpan = serve(server, threads)) {
            LoadIT.awaitWorkers(terpan, 2);
            Load load = Load.start(terpan.address(), "/", CONNECTIONS);
            EndsIT.awaitAnswers(load, SOME_ANSWERS);
            long killed = terpan.status().workers().getFirst().pid();
            Processes.kill(killed, "KILL");
            EndsIT.awaitAnswers(load, load.answered(200) + SOME_ANSWERS);
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> terpan.status().readyWorkers() == 2
                            && terpan.status().workers().getFirst().pid() != killed);
            EndsIT.awaitAnswers(load, load.answered(200) + SOME_ANSWERS);
            load.end();

            assertThat(load.statuses().keySet()).isSubsetOf(200, 502);
            assertThat(load.failures()).hasSize((int) terpan.metric("terpan_answers_cut_total"));
            // It held no more than the slot: the kernel may have given it all that was in flight.
            assertThat(load.answered(502) + load.failures().size()).isLessThanOrEqualTo(2L * threads);
        }
    }

    @ParameterizedTest
    @CsvSource({"waitress, 4", "gunicorn, 1", "gunicorn, 4"})
    void restartedWorkersLoseNothing(String server, int threads) throws Exception {
        try (RunningTerpan terpan = serve(server, threads)) {
            LoadIT.awaitWorkers(terpan, 2);
            Load load = Load.start(terpan.address(), "/", CONNECTIONS);
            Load slow = Load.start(terpan.address(), "/sleep?seconds=0.1", 2);
            EndsIT.awaitAnswers(load, SOME_ANSWERS);
            for (String worker : List.of(server + "-1", server + "-2")) {
                long before = pid(terpan, worker);
                assertThat(terpan.command("restart", worker).code()).isZero();
                await().atMost(Duration.ofSeconds(20))
                        .until(() -> terpan.status().readyWorkers() == 2 && pid(terpan, worker) != before);
                EndsIT.awaitAnswers(load, load.answered(200) + SOME_ANSWERS);
            }
            load.end();
            slow.end();

            assertThat(load.failures()).isEmpty();
            assertThat(load.statuses()).containsOnlyKeys(200);
            assertThat(slow.failures()).isEmpty();
            assertThat(slow.statuses()).containsOnlyKeys(200);
        }
    }

    @Test
    void bothRestartedAtOnceLoseNothing() throws Exception {
        try (RunningTerpan terpan = serve("waitress", 4)) {
            LoadIT.awaitWorkers(terpan, 2);
            Load load = Load.start(terpan.address(), "/", CONNECTIONS);
            EndsIT.awaitAnswers(load, SOME_ANSWERS);
            long first = pid(terpan, "waitress-1");
            long second = pid(terpan, "waitress-2");
            terpan.command("restart", "waitress-1");
            terpan.command("restart", "waitress-2");
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> terpan.status().readyWorkers() == 2
                            && pid(terpan, "waitress-1") != first
                            && pid(terpan, "waitress-2") != second);
            load.end();
            assertThat(load.failures()).isEmpty();
            assertThat(load.statuses()).containsOnlyKeys(200);
        }
    }

    @ParameterizedTest
    @CsvSource({"waitress, 4", "gunicorn, 1"})
    void terminationAnswersEveryAcceptedRequest(String server, int threads) throws Exception {
        try (RunningTerpan terpan = serve(server, threads)) {
            LoadIT.awaitWorkers(terpan, 2);
            Load load = Load.start(terpan.address(), "/", CONNECTIONS);
            EndsIT.awaitAnswers(load, SOME_ANSWERS);
            terpan.signal("TERM");
            assertThat(terpan.exitCode()).isZero();
            load.end();
            assertThat(load.statuses()).containsOnlyKeys(200);
            assertThat(load.failures()).isEmpty();
        }
    }

    @Test
    void aSocketThatSomebodyRemovedIsMadeAgainAndNoRequestIsLost() throws Exception {
        try (RunningTerpan terpan = serve("waitress", 4)) {
            LoadIT.awaitWorkers(terpan, 2);
            Path socket = terpan.runDirectory().resolve("s1.1");
            Load load = Load.start(terpan.address(), "/", CONNECTIONS);
            EndsIT.awaitAnswers(load, SOME_ANSWERS);
            for (String name : List.of("s1.1", "s1.1.own", "s1.1")) {
                Files.delete(terpan.runDirectory().resolve(name));
                await().atMost(Duration.ofSeconds(5))
                        .until(() -> Files.exists(socket) && Files.exists(Path.of(socket + ".own")));
            }
            EndsIT.awaitAnswers(load, load.answered(200) + SOME_ANSWERS);
            load.end();
            assertThat(load.statuses()).containsOnlyKeys(200);
            assertThat(load.failures()).isEmpty();
        }
    }

    @Test
    void aGuardThatIsKilledIsReplacedWithItsSocketAndNoRequestIsLost() throws Exception {
        try (RunningTerpan terpan = serve("waitress", 4)) {
            LoadIT.awaitWorkers(terpan, 2);
            Load load = Load.start(terpan.address(), "/", CONNECTIONS);
            EndsIT.awaitAnswers(load, SOME_ANSWERS);
            long guard = terpan.otherProcesses().stream()
                    .filter(pid -> Processes.commandLine(pid).contains("guard.py"))
                    .findFirst()
                    .orElseThrow();
            Processes.kill(guard, "KILL");
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> Files.exists(terpan.runDirectory().resolve("s1.2"))
                            && terpan.status().readyWorkers() == 2
                            && terpan.status().group("waitress").number("restarts") == 2);
            EndsIT.awaitAnswers(load, load.answered(200) + SOME_ANSWERS);
            load.end();
            assertThat(load.statuses()).containsOnlyKeys(200);
            assertThat(load.failures()).isEmpty();
        }
    }

    @Test
    void withoutAnyNameLeftThereIsANewSocket() throws Exception {
        try (RunningTerpan terpan = serve("waitress", 4)) {
            LoadIT.awaitWorkers(terpan, 2);
            Files.delete(terpan.runDirectory().resolve("s1.1"));
            Files.delete(terpan.runDirectory().resolve("s1.1.own"));
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> terpan.status().readyWorkers() == 2
                            && terpan.status().group("waitress").number("restarts") == 2);
            assertThat(terpan.get("/").body()).isEqualTo("Hello");
        }
    }

    @Test
    void anotherUserCanNotConnect() throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "only root can become another user");
        try (RunningTerpan terpan = serve("waitress", 4)) {
            for (String name : List.of("s1.1", "s1.1.own", "s1.1.hand")) {
                Process tried = new ProcessBuilder(
                                "setpriv",
                                "--reuid=65534",
                                "--clear-groups",
                                "/usr/bin/python3",
                                "-c",
                                "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])",
                                terpan.runDirectory().resolve(name).toString())
                        .redirectErrorStream(true)
                        .start();
                assertThat(new String(tried.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8))
                        .contains("PermissionError");
                tried.waitFor();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"waitress, 4", "gunicorn, 1"})
    void workersOnLoopbackPortsServeAndEndWithoutLoss(String server, int threads) throws Exception {
        String[] arguments = {"--server", server, "--threads", "" + threads, "--workers", "2", "--socket", "tcp"};
        try (RunningTerpan terpan = RunningTerpan.serve("everything:application", arguments)) {
            LoadIT.awaitWorkers(terpan, 2);
            Load load = Load.start(terpan.address(), "/", CONNECTIONS);
            EndsIT.awaitAnswers(load, SOME_ANSWERS);
            assertThat(terpan.command("restart", server + "-2").code()).isZero();
            EndsIT.awaitAnswers(load, load.answered(200) + SOME_ANSWERS);
            try (Stream<Path> left = Files.list(terpan.runDirectory())) {
                assertThat(left.map(path -> path.getFileName().toString()))
                        .containsOnly("control", "operators", "lock");
            }
            load.end();
            assertThat(load.statuses()).containsOnlyKeys(200);
            assertThat(load.failures()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"shared, each built-in worker has a link of its own", "tcp, every user of this machine could reach"})
    void builtInWorkersHavePrivateSocketsOnly(String mode, String reason) throws Exception {
        Program.Ended refused = Program.run(
                Program.APPLICATIONS,
                "serve",
                "everything:application",
                "--python",
                Program.python().toString(),
                "--socket",
                mode);
        assertThat(refused.code()).isEqualTo(3);
        assertThat(refused.err()).contains("workers.socket is \"" + mode + "\", but " + reason);
    }

    private static long pid(RunningTerpan terpan, String worker) throws IOException {
        return terpan.status().workers().stream()
                .filter(one -> one.name().equals(worker))
                .filter(one -> !one.json().contains("\"pid\":null"))
                .mapToLong(Status.Worker::pid)
                .findFirst()
                .orElse(0);
    }
}
