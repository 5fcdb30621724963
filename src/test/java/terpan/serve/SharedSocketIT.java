package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.EnumSource.Mode.MATCH_NONE;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import terpan.server.Profiles;
import terpan.server.ServerKind;

/** Two workers that accept on one socket, and the socket's life; beside it loopback ports. */
@Timeout(120)
final class SharedSocketIT {
    private static final int CONNECTIONS = 32;
    private static final long SOME_ANSWERS = 500;
    private static final long FEW_ANSWERS = 100;
    private static final Duration POLL = Duration.ofMillis(20);

    private static RunningTerpan serve(String server, int threads, String... more) throws IOException {
        Stream<String> all = Stream.of(
                "--server", server, "--threads", Integer.toString(threads), "--workers", "2", "--socket", "shared");
        return RunningTerpan.serve(
                "everything:application", Stream.concat(all, Stream.of(more)).toArray(String[]::new));
    }

    /** The front learns nothing of who holds what, so the workers of a group have to be shown server by server. */
    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @EnumSource(
            mode = MATCH_NONE,
            names = {"BUILTIN.*", "UWSGI"})
    void bothServeBehindOneSlotAndEitherMayBeRestartedOrKilled(Setup setup) throws Exception {
        try (RunningTerpan terpan = setup.serve("--socket", "shared")) {
            LoadIT.awaitWorkers(terpan, 2);
            String group = terpan.status().workers().getFirst().name().replaceAll("-1$", "");
            // The supervisor knows of the second a moment before the slot is as large as both.
            await().atMost(Duration.ofSeconds(5))
                    .untilAsserted(() -> assertThat(terpan.status().group(group).number("capacity"))
                            .isEqualTo(2L * setup.capacity()));
            assertThat(terpan.command("status").out()).contains("shared", group + "-1", "-/-");

            bothServe(terpan);
            restart(terpan, group + "-2", CONNECTIONS);
            // One client alone: nobody else's connection wakes a worker that was not told of its own.
            restart(terpan, group + "-1", 1);
            kill(terpan, setup);
        }
    }

    private static void bothServe(RunningTerpan terpan) throws Exception {
        Set<String> processes = ConcurrentHashMap.newKeySet();
        Load load = Load.start(terpan.address(), "/", CONNECTIONS);
        await().pollInterval(POLL).atMost(Duration.ofSeconds(30)).until(() -> {
            processes.add(terpan.get("/process").body());
            return processes.size() == 2 && load.answered(200) > SOME_ANSWERS;
        });
        assertNothingLost(load.end());
    }

    /** Restarted while so many clients ask. */
    private static void restart(RunningTerpan terpan, String worker, int connections) throws Exception {
        Load load = Load.start(terpan.address(), "/", connections);
        Load slow = Load.start(terpan.address(), "/sleep?seconds=0.1", Math.min(2, connections - 1));
        EndsIT.awaitAnswers(load, FEW_ANSWERS);
        long before = pid(terpan, worker);
        assertThat(terpan.command("restart", worker).code()).isZero();
        awaitAnother(terpan, before);
        EndsIT.awaitAnswers(load, load.answered(200) + FEW_ANSWERS);
        assertNothingLost(load.end());
        assertNothingLost(slow.end());
    }

    private static void kill(RunningTerpan terpan, Setup setup) throws Exception {
        Load load = Load.start(terpan.address(), "/", CONNECTIONS);
        EndsIT.awaitAnswers(load, FEW_ANSWERS);
        Status.Worker killed = terpan.status().workers().getFirst();
        Processes.kill(killed.pid(), "KILL");
        EndsIT.awaitAnswers(load, load.answered(200) + FEW_ANSWERS);
        awaitAnother(terpan, killed.pid());
        EndsIT.awaitAnswers(load, load.answered(200) + FEW_ANSWERS);
        load.end();
        assertThat(load.statuses().keySet()).isSubsetOf(200, 502);
        assertThat(load.failures()).hasSize((int) terpan.metric("terpan_answers_cut_total"));
        // It held no more than the slot: the kernel may have given it all that was in flight.
        assertThat(load.answered(502) + load.failures().size())
                .isLessThanOrEqualTo(Math.min(CONNECTIONS, 2L * setup.capacity()));
    }

    private static void awaitAnother(RunningTerpan terpan, long before) {
        await().pollInterval(POLL)
                .atMost(Duration.ofSeconds(20))
                .until(() -> terpan.status().readyWithout(before, 2));
    }

    private static void assertNothingLost(Load load) {
        assertThat(load.failures()).isEmpty();
        assertThat(load.statuses().keySet()).isSubsetOf(200);
    }

    @Test
    void everyServerThatMayShareIsShown() {
        assertThat(Profiles.kinds().stream()
                        .filter(kind -> kind.profile(1, Map.of()).sharesSocket())
                        .map(ServerKind::name))
                .containsExactlyInAnyOrderElementsOf(Stream.of(Setup.values())
                        .map(Setup::server)
                        .filter(server -> !List.of("builtin", "uwsgi").contains(server))
                        .collect(Collectors.toSet()));
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
                    .until(() -> terpan.status().readyWithout(first, 2)
                            && terpan.status().readyWithout(second, 2));
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
    void workersOnLoopbackPortsServeAndEndWithoutLoss(String server, int threads, @TempDir Path files)
            throws Exception {
        Path asked = files.resolve("asked");
        String[] arguments = {
            "--server",
            server,
            "--threads",
            "" + threads,
            "--workers",
            "2",
            "--socket",
            "tcp",
            "--readiness-path",
            "/count?file=" + asked
        };
        try (RunningTerpan terpan = RunningTerpan.serve("everything:application", arguments)) {
            LoadIT.awaitWorkers(terpan, 2);
            assertThat(Files.readAllLines(asked))
                    .as("the readiness path reaches the application")
                    .hasSize(2);
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
                .mapToLong(Status.Worker::pid)
                .findFirst()
                .orElse(0);
    }
}
