package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Refusals for want of workers, attached workers, logs and what operators see. */
@Timeout(90)
final class ServiceIT {
    @TempDir
    private Path files;

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aFullQueueRefusesAndSaysWhenToComeBack(int loops) throws Exception {
        try (RunningTerpan terpan = RunningTerpan.serve(
                        "everything:application", "--workers", "1", "--queue-size", "1", "--loops", "" + loops);
                Connection held = terpan.connect();
                Connection waits = terpan.connect();
                Connection refused = terpan.connect()) {
            held.ask("GET", hold());
            EndsIT.awaitFile(files.resolve("began"));
            waits.ask("GET", "/");
            await().until(() -> terpan.metric("terpan_queue_length") == 1);
            Answer answer = refused.get("/");
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.field("retry-after")).isPresent();
            EndsIT.touch(files.resolve("until"));
            assertThat(held.read().body()).isEqualTo("released");
            assertThat(waits.read().body()).isEqualTo("Hello");
            assertThat(refused.get("/").body()).isEqualTo("Hello");
            assertThat(terpan.metric("terpan_requests_rejected_total{reason=\"queue-full\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void aRequestThatWaitsTooLongIsRefused() throws Exception {
        try (RunningTerpan terpan =
                        RunningTerpan.serve("everything:application", "--workers", "1", "--queue-wait", "200ms");
                Connection held = terpan.connect();
                Connection waits = terpan.connect()) {
            held.ask("GET", hold());
            EndsIT.awaitFile(files.resolve("began"));
            assertThat(waits.get("/").status()).isEqualTo(503);
            EndsIT.touch(files.resolve("until"));
            assertThat(held.read().body()).isEqualTo("released");
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @EnumSource
    void aWorkerThatStaysSilentIsAGatewayTimeoutAndItsStacksAreInTheLog(Setup setup) throws Exception {
        try (RunningTerpan terpan = setup.serve("--answer-idle", "300ms")) {
            assertThat(terpan.get(hold()).status()).isEqualTo(504);
            terpan.awaitLine("in wait_for");
            assertThat(terpan.errors())
                    .as("the stack is not that of a handler that gave up waiting")
                    .noneMatch(line -> line.contains("TimeoutError"));
            EndsIT.touch(files.resolve("until"));
            await().atMost(Duration.ofSeconds(20)).until(() -> terpan.get("/").status() == 200);
        }
    }

    @Test
    void attachedWorkersServeWhatSomeoneElseStarted() throws Exception {
        Path socket = files.resolve("waitress");
        Process waitress = Processes.waitressOn(socket);
        try {
            List<String> arguments = List.of("--attach", "unix:" + socket + ",capacity=4");
            try (RunningTerpan terpan = RunningTerpan.start(Map.of(), arguments)) {
                Load load = Load.start(terpan.address(), "/", 16);
                EndsIT.awaitAnswers(load, 500);
                load.end();
                assertThat(load.failures()).isEmpty();
                assertThat(load.statuses()).containsOnlyKeys(200);
                assertThat(terpan.get("/process").body()).isEqualTo(Long.toString(waitress.pid()));
                assertThat(terpan.status().workers().getFirst().settled()).isEqualTo(load.answered(200) + 1);
            }
            assertThat(waitress.isAlive()).as("it is not ours to end").isTrue();
        } finally {
            waitress.destroyForcibly().waitFor();
            Files.delete(socket);
        }
    }

    @Test
    void attachedWorkersHaveTheirWeightsAndTheirGroupsFigures() throws Exception {
        Path one = files.resolve("one");
        Path other = files.resolve("other");
        Process first = Processes.waitressOn(one);
        Process second = Processes.waitressOn(other);
        try (RunningTerpan terpan = RunningTerpan.start(
                        Map.of(),
                        List.of(
                                "--attach",
                                "unix:" + one + ",capacity=4,weight=3,group=new",
                                "--attach",
                                "unix:" + other + ",capacity=4"));
                Connection connection = terpan.connect()) {
            for (int i = 0; i < 400; i++) {
                assertThat(connection.get("/").status()).isEqualTo(200);
            }
            Status status = terpan.status();
            assertThat(status.group("new").number("requests")).isBetween(290L, 310L);
            assertThat(status.group("attached").number("requests")).isBetween(90L, 110L);
            assertThat(terpan.metric("terpan_worker_seconds_count{group=\"new\"}"))
                    .isEqualTo((double) status.group("new").number("requests"));
            assertThat(terpan.command("status").out()).contains("new-unix:" + one, "attached-unix:" + other);
        } finally {
            first.destroyForcibly().waitFor();
            second.destroyForcibly().waitFor();
            Files.delete(one);
            Files.delete(other);
        }
    }

    @Test
    void aCrashLoopIsSaidAndRefusedInsteadOfWaitedFor() throws Exception {
        Map<String, String> environment = Map.of("MARK", files.resolve("mark").toString());
        try (RunningTerpan terpan = RunningTerpan.start(
                environment,
                "dies:application",
                "--workers",
                "1",
                "--backoff-first",
                "20ms",
                "--backoff-most",
                "80ms")) {
            assertThat(terpan.get("/").body()).isEqualTo("Hello");
            assertThat(terpan.get("/die").status()).isEqualTo(502);
            terpan.awaitLine("crash loop");
            Answer refused = terpan.get("/");
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.body()).contains("worker");
            assertThat(terpan.ask("/healthz")).contains("no worker is ready");
            Files.delete(files.resolve("mark"));
            await().atMost(Duration.ofSeconds(20)).until(() -> terpan.get("/").status() == 200);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"builtin", "gunicorn"})
    void everyRequestHasItsLineInTheAccessLogWhichIsReopened(String server) throws Exception {
        Path log = files.resolve("access");
        try (RunningTerpan terpan = RunningTerpan.serve(
                "everything:application",
                "--workers",
                "1",
                "--server",
                server,
                "--access-log",
                "--access-log-file",
                log.toString())) {
            terpan.get("/missing?a=1");
            await().until(() -> Files.size(log) > 0);
            assertThat(Files.readString(log))
                    .contains(
                            "127.0.0.1 - - [",
                            "\"GET /missing?a=1 HTTP/1.1\" 404 12 ",
                            " worker=" + server + "-1 group=" + server + " ",
                            " id=");
            Path rotated = Files.move(log, files.resolve("access.1"));
            terpan.signal("USR1");
            await().until(() -> Files.exists(log));
            terpan.get("/");
            await().until(() -> Files.size(log) > 0);
            assertThat(Files.readAllLines(rotated)).hasSize(1);
            assertThat(Files.readString(log)).contains("\"GET / HTTP/1.1\" 200 5 ");
        }
    }

    @Test
    void theAccessLogAsJsonGoesToStandardOutput() throws Exception {
        try (RunningTerpan terpan = RunningTerpan.serve(
                "everything:application", "--workers", "1", "--access-log", "--access-log-format", "json")) {
            terpan.get("/");
            await().until(() -> !terpan.output().isEmpty());
            assertThat(terpan.output().getFirst())
                    .contains(
                            "\"target\":\"/\"",
                            "\"status\":200",
                            "\"sent\":5",
                            "\"worker\":\"builtin-1\",\"group\":\"builtin\"");
        }
    }

    @Test
    void operatorsSeeWorkersMetricsAndHealth() throws Exception {
        try (RunningTerpan terpan = Setup.BUILTIN.serve()) {
            LoadIT.awaitWorkers(terpan, 2);
            assertThat(terpan.get("/").status()).isEqualTo(200);
            assertThat(terpan.get("/missing").status()).isEqualTo(404);
            assertThat(terpan.ask("/healthz")).isEqualTo("ok\n");
            assertThat(terpan.metric("terpan_requests_total{status=\"200\"}")).isEqualTo(1);
            assertThat(terpan.metric("terpan_requests_total{status=\"404\"}")).isEqualTo(1);
            assertThat(terpan.metric("terpan_workers{group=\"builtin\",state=\"ready\"}"))
                    .isEqualTo(2);
            Program.Ended table = terpan.command("status");
            assertThat(table.code()).isZero();
            assertThat(table.out()).contains("builtin-1", "builtin-2");
            Program.Ended json = terpan.command("status", "--json");
            assertThat(new Status(json.out()).number("total")).isEqualTo(2);
            assertThat(terpan.command("restart", "builtin-9").err()).contains("builtin-9");
        }
    }

    @Test
    void aRunningTerpanIsFoundByItsSettingsItsVariableOrByItself() throws Exception {
        Path site = Files.createDirectory(files.resolve("site"));
        Files.copy(Program.APPLICATIONS.resolve("everything.py"), site.resolve("everything.py"));
        Files.writeString(site.resolve("terpan.toml"), """
                [application]
                name = "everything:application"
                python = "%s"
                """.formatted(Program.python()));
        try (RunningTerpan terpan = RunningTerpan.start(
                        Map.of(),
                        List.of("--config", site.resolve("terpan.toml").toString(), "--workers", "1"));
                RunningTerpan other = RunningTerpan.serve("everything:application", "--workers", "1")) {
            String pid = "pid " + terpan.pid();
            assertThat(Program.run(site, "status").out())
                    .as("beside its settings")
                    .contains(pid);
            assertThat(Program.run(files, "status", "--config", "site/terpan.toml")
                            .out())
                    .as("by its settings")
                    .contains(pid, "everything:application in " + site);
            Map<String, String> variable =
                    Map.of("TERPAN_RUN_DIRECTORY", other.runDirectory().toString());
            assertThat(Program.run(variable, files, "status").out())
                    .as("by the variable")
                    .contains("pid " + other.pid());
            Program.Ended several = Program.run(files, "status");
            assertThat(several.code()).isEqualTo(8);
            assertThat(several.err())
                    .contains("several are running", "everything:application in " + site + " with builtin, on ")
                    .contains("--run-directory " + other.runDirectory());
            assertThat(Program.run(site, "restart", "--all").code()).isZero();
            assertThat(Program.run(site, "stop").code()).isZero();
            assertThat(terpan.exitCode()).isZero();
            assertThat(Program.run(site, "status").err())
                    .contains(
                            "is not running",
                            "Running are:",
                            other.runDirectory().toString());
        }
    }

    @Test
    void whatAWorkerWritesIsInTheLogWithItsNameWhateverTheLevel() throws Exception {
        try (RunningTerpan terpan =
                RunningTerpan.serve("everything:application", "--workers", "1", "--log-level", "error")) {
            terpan.get("/say");
            terpan.awaitLine("said by the application");
            assertThat(terpan.errors())
                    .anyMatch(line -> line.contains("said by the application")
                            && line.contains("worker=builtin-1 group=builtin"));
        }
    }

    /** The process that Terpan starts is the master of the one that serves. */
    @ParameterizedTest
    @EnumSource(names = {"GUNICORN_SYNC", "UWSGI", "GRANIAN"})
    void theMemoryOfAWorkerIsThatOfAllItsProcesses(Setup setup) throws Exception {
        try (RunningTerpan terpan = setup.serve()) {
            LoadIT.awaitWorkers(terpan, 2);
            Status.Worker worker = terpan.status().workers().getFirst();
            ProcessHandle master = ProcessHandle.of(worker.pid()).orElseThrow();
            long all = Stream.concat(Stream.of(master), master.descendants())
                    .mapToLong(process -> Processes.memory(process.pid()))
                    .sum();
            assertThat(worker.residentBytes()).isBetween(all / 10 * 9, all / 10 * 11);
            assertThat(all).isGreaterThan(Processes.memory(worker.pid()) * 5 / 4);
        }
    }

    private String hold() {
        return "/hold?began=" + files.resolve("began") + "&until=" + files.resolve("until");
    }
}
