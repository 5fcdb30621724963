package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.EnumSource.Mode.EXCLUDE;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Workers and Terpan itself end under load, politely and not: nothing is lost but what a killed process held. */
@Timeout(120)
final class EndsIT {
    private static final int CONNECTIONS = 64;
    private static final long SOME_ANSWERS = 500;

    @TempDir
    private Path files;

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @EnumSource(
            mode = EXCLUDE,
            names = {"BUILTIN_THREADS", "WAITRESS_TWO_LOOPS"})
    void aKilledWorkerCostsWhatItHeldAndIsBack(Setup setup) throws Exception {
        assertCostsWhatItHeld(setup, Status.Worker::pid);
    }

    /** A server's own master would start another in its place, unseen, while the front goes on sending. */
    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @EnumSource(
            names = {"GUNICORN_SYNC", "GUNICORN_THREADS", "GUNICORN_GEVENT", "GUNICORN_MEINHELD", "UWSGI", "GRANIAN"})
    void aKilledProcessBelowAMasterIsAKilledWorker(Setup setup) throws Exception {
        assertCostsWhatItHeld(
                setup,
                worker -> ProcessHandle.of(worker.pid())
                        .orElseThrow()
                        .children()
                        .mapToLong(ProcessHandle::pid)
                        .max()
                        .orElseThrow());
    }

    private static void assertCostsWhatItHeld(Setup setup, ToLongFunction<Status.Worker> process) throws Exception {
        try (RunningTerpan terpan = setup.serve()) {
            LoadIT.awaitWorkers(terpan, 2);
            Load load = Load.start(terpan.address(), "/", CONNECTIONS);
            awaitAnswers(load, SOME_ANSWERS);
            Status.Worker killed = terpan.status().workers().getFirst();
            long most = Math.max(killed.window(), killed.capacity());
            Processes.kill(process.applyAsLong(killed), "KILL");
            await().atMost(Duration.ofSeconds(20)).until(() -> terpan.status().readyWithout(killed.pid(), 2));
            awaitAnswers(load, load.answered(200) + SOME_ANSWERS);
            long windowMost = terpan.status().workers().stream()
                    .mapToLong(worker -> Math.max(worker.window(), worker.capacity()))
                    .max()
                    .orElseThrow();
            load.end();

            assertThat(load.statuses().keySet()).isSubsetOf(200, 502);
            // A server that sends head and body apart may have been killed between the two: that answer is cut.
            assertThat(load.failures()).hasSize((int) terpan.metric("terpan_answers_cut_total"));
            // The window may have deepened between the look at it and the kill.
            assertThat(load.answered(502) + load.failures().size()).isLessThanOrEqualTo(Math.max(2 * most, windowMost));
            assertThat(terpan.status().workers().getFirst().restarts()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @EnumSource(
            mode = EXCLUDE,
            names = {"BUILTIN_THREADS", "WAITRESS_TWO_LOOPS"})
    void terminationAnswersEveryAcceptedRequest(Setup setup) throws Exception {
        Path lines = files.resolve("access");
        try (RunningTerpan terpan = setup.serve("--access-log", "--access-log-file", lines.toString())) {
            LoadIT.awaitWorkers(terpan, 2);
            Load load = Load.start(terpan.address(), "/", CONNECTIONS);
            Load slow = Load.start(terpan.address(), "/sleep?seconds=0.3", 2);
            awaitAnswers(load, SOME_ANSWERS);
            terpan.signal("TERM");
            assertThat(terpan.exitCode()).isZero();
            load.end();
            slow.end();

            assertThat(load.statuses()).containsOnlyKeys(200);
            assertThat(slow.statuses()).containsOnlyKeys(200);
            assertThat(slow.failures()).isEmpty();
            assertThat(load.failures()).isEmpty();
            assertThat(Files.readAllLines(lines)).hasSize((int) (load.answered(200) + slow.answered(200)));
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @EnumSource(
            mode = EXCLUDE,
            names = {"BUILTIN_THREADS", "BUILTIN_TWO_LOOPS", "WAITRESS_TWO_LOOPS"})
    void nothingOutlivesAKilledTerpan(Setup setup) throws Exception {
        try (RunningTerpan terpan = setup.serve()) {
            LoadIT.awaitWorkers(terpan, 2);
            Load load = Load.start(terpan.address(), "/", CONNECTIONS);
            awaitAnswers(load, SOME_ANSWERS);
            assertThat(terpan.otherProcesses()).hasSizeGreaterThanOrEqualTo(3);
            terpan.signal("KILL");
            assertThat(terpan.exitCode()).isEqualTo(137);
            await().atMost(Duration.ofSeconds(2))
                    .until(() -> terpan.otherProcesses().isEmpty());
            load.end();
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @EnumSource(
            mode = EXCLUDE,
            names = {"BUILTIN_THREADS", "BUILTIN_TWO_LOOPS", "WAITRESS_TWO_LOOPS"})
    void aRestartedWorkerLosesNothing(Setup setup) throws Exception {
        try (RunningTerpan terpan = setup.serve()) {
            LoadIT.awaitWorkers(terpan, 2);
            long before = terpan.status().workers().getLast().pid();
            Load load = Load.start(terpan.address(), "/", CONNECTIONS);
            awaitAnswers(load, SOME_ANSWERS);
            Program.Ended restart = terpan.command(
                    "restart", terpan.status().workers().getLast().name());
            assertThat(restart.code()).as(restart.err()).isZero();
            await().atMost(Duration.ofSeconds(20)).until(() -> terpan.status().readyWithout(before, 2));
            awaitAnswers(load, load.answered(200) + SOME_ANSWERS);
            load.end();

            assertThat(load.failures()).isEmpty();
            assertThat(load.statuses()).containsOnlyKeys(200);
        }
    }

    @Test
    void aSecondInterruptEndsAtOnce() throws Exception {
        try (RunningTerpan terpan = Setup.BUILTIN.serve();
                Connection waits = terpan.connect()) {
            waits.ask("GET", "/hold?began=" + files.resolve("began") + "&until=" + files.resolve("never"));
            awaitFile(files.resolve("began"));
            terpan.signal("INT");
            terpan.awaitLine("signal received");
            terpan.signal("INT");
            assertThat(terpan.exitCode()).isEqualTo(130);
            assertThat(terpan.otherProcesses()).isEmpty();
        }
    }

    @Test
    void theStopCommandEndsItWithEveryRequestAnswered() throws Exception {
        try (RunningTerpan terpan = Setup.BUILTIN.serve();
                Connection waits = terpan.connect()) {
            waits.ask("GET", "/hold?began=" + files.resolve("began") + "&until=" + files.resolve("until"));
            awaitFile(files.resolve("began"));
            Thread releases = Thread.ofVirtual().start(() -> {
                await().atMost(Duration.ofSeconds(20))
                        .until(() -> terpan.errors().stream().anyMatch(line -> line.contains("stopping")));
                touch(files.resolve("until"));
            });
            assertThat(terpan.command("stop").code()).isZero();
            releases.join();
            assertThat(waits.read().body()).isEqualTo("released");
            assertThat(terpan.exitCode()).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({"TERM, 13", "stop, 13"})
    void whatOutlastsTheDrainTimeoutIsToldSoAtItsEndAndTheExitCodeSaysIt(String how, int code) throws Exception {
        Path began = files.resolve("began-" + how);
        String hold = "/hold?began=" + began + "&until=" + files.resolve("never");
        String[] times = {"--workers", "1", "--drain-timeout", "1s", "--stop-timeout", "200ms"};
        try (RunningTerpan terpan = RunningTerpan.serve("everything:application", times);
                Connection works = terpan.connect();
                Connection waits = terpan.connect();
                Connection idle = terpan.connect();
                Connection begun = terpan.connect()) {
            assertThat(idle.get("/").status()).isEqualTo(200);
            begun.ask("POST", "/digest", "Content-Length: 1000").send("some");
            works.ask("GET", hold);
            awaitFile(began);
            waits.ask("GET", "/");
            await().atMost(Duration.ofSeconds(20)).until(() -> terpan.metric("terpan_queue_length") == 1);
            if (how.equals("stop")) {
                Program.Ended stop = terpan.command("stop");
                assertThat(stop.code()).isEqualTo(code);
                assertThat(stop.err()).contains("requests were cut");
            } else {
                terpan.signal(how);
            }
            Answer cut = works.read();
            assertThat(cut.status()).isEqualTo(503);
            assertThat(cut.body()).contains("Terpan is stopping");
            assertThat(cut.field("retry-after")).as("a worker has begun it").isEmpty();
            assertThat(waits.read().field("retry-after")).contains("1");
            assertThat(begun.read().status()).isEqualTo(503);
            assertThat(idle.ended()).isTrue();
            assertThat(terpan.exitCode()).isEqualTo(code);
            assertThat(terpan.errors())
                    .anyMatch(line -> line.contains("requests were cut") && line.endsWith("requests=3"));
        }
    }

    @Test
    void theNextStartRemovesWhatAKilledTerpanLeftAndNothingElse() throws Exception {
        Path run = Files.createTempDirectory(Path.of("/tmp"), "tk");
        List<String> arguments = List.of(
                "everything:application",
                "--chdir",
                Program.APPLICATIONS.toString(),
                "--workers",
                "1",
                "--python",
                Program.python().toString());
        try (RunningTerpan first = RunningTerpan.startIn(run, Map.of(), arguments)) {
            first.expectLeftovers();
            first.signal("KILL");
            assertThat(first.exitCode()).isEqualTo(137);
            await().atMost(Duration.ofSeconds(2))
                    .until(() -> first.otherProcesses().isEmpty());
        }
        assertThat(run.resolve("operators")).exists();
        Files.writeString(run.resolve("notes"), "not Terpan's");
        try (RunningTerpan second = RunningTerpan.startIn(run, Map.of(), arguments)) {
            assertThat(second.get("/").body()).isEqualTo("Hello");
            assertThat(run.resolve("notes")).exists();
            Files.delete(run.resolve("notes"));
        }
    }

    static void awaitAnswers(Load load, long count) {
        await().atMost(Duration.ofSeconds(30)).until(() -> load.answered(200) >= count);
    }

    static void awaitFile(Path file) {
        await().atMost(Duration.ofSeconds(20)).until(() -> Files.exists(file) && Files.size(file) > 0);
    }

    static void touch(Path file) {
        try {
            Files.createFile(file);
        } catch (IOException failed) {
            throw new java.io.UncheckedIOException(failed);
        }
    }
}
