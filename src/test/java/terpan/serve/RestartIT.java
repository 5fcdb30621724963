package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Workers that are replaced while they serve: by the command, and by a signal. */
@Timeout(180)
final class RestartIT {
    private static final int CLIENTS = 8;
    private static final int SOME_ANSWERS = 300;
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    private RunningTerpan serve(String... more) throws IOException {
        Files.writeString(folder.resolve("shop.py"), """
                import os, time

                if os.path.exists("slow"):
                    time.sleep(2)
                if os.path.exists("broken"):
                    raise RuntimeError("a mistake in the code")
                VERSION = open("version", "rb").read()

                def application(environ, start_response):
                    if environ["PATH_INFO"] == "/long":
                        time.sleep(3)
                    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "1")])
                    return [VERSION]
                """);
        Files.writeString(folder.resolve("version"), "1");
        List<String> arguments = new ArrayList<>(List.of("shop:application", "--chdir", folder.toString()));
        arguments.addAll(List.of("--python", Program.python().toString()));
        arguments.addAll(List.of(more));
        return RunningTerpan.start(Map.of(), arguments);
    }

    static Set<Long> pids(RunningTerpan terpan) throws IOException {
        return terpan.status().workers().stream().map(Status.Worker::pid).collect(Collectors.toSet());
    }

    @ParameterizedTest
    @CsvSource({"builtin, --threads=1", "waitress, --threads=4", "gunicorn, --socket=shared"})
    void allWorkersAreReplacedUnderLoadWithoutALostRequest(String server, String option) throws Exception {
        try (RunningTerpan terpan = serve("--server", server, "--workers", "3", option)) {
            LoadIT.awaitWorkers(terpan, 3);
            Set<Long> before = pids(terpan);
            Load load = Load.start(terpan.address(), "/", CLIENTS);
            EndsIT.awaitAnswers(load, SOME_ANSWERS);
            Files.writeString(folder.resolve("version"), "2");
            Program.Ended restart = terpan.command("restart", "--all");
            assertThat(restart.code()).as(restart.err()).isZero();
            assertThat(restart.out())
                    .contains(
                            server + "-1: a new process starts",
                            server + "-3: the old process has ended",
                            "is ready, process");
            assertThat(terpan.get("/").body()).isEqualTo("2");
            EndsIT.awaitAnswers(load, load.answered(200) + SOME_ANSWERS);
            load.end();
            assertThat(load.failures()).isEmpty();
            assertThat(load.statuses()).containsOnlyKeys(200);
            assertThat(pids(terpan)).hasSize(3).doesNotContainAnyElementsOf(before);
            assertThat(terpan.metric("terpan_worker_restarts_total{group=\"%s\",reason=\"stopped\",worker=\"%s-1\"}"
                            .formatted(server, server)))
                    .isEqualTo(1);
        }
    }

    @Test
    void theOnlyWorkerIsReplacedWithoutAGapAndALongRequestIsAnsweredByTheOldOne() throws Exception {
        try (RunningTerpan terpan = serve("--workers", "1", "--threads", "2");
                Connection waits = terpan.connect()) {
            waits.ask("GET", "/long");
            await().atMost(SOON).until(() -> terpan.metric("terpan_requests_in_flight") == 1);
            Files.createFile(folder.resolve("slow"));
            Files.writeString(folder.resolve("version"), "2");
            assertThat(terpan.command("restart", "--all", "--no-wait").code()).isZero();
            await().atMost(SOON).until(() -> terpan.get("/").body().equals("2"));
            assertThat(waits.read().body()).isEqualTo("1");
            await().atMost(SOON).until(() -> terpan.status().workers().size() == 1);
        }
    }

    @Test
    void codeThatDoesNotImportIsToldWithItsTracebackAndTheOldWorkersServeOn() throws Exception {
        try (RunningTerpan terpan = serve("--workers", "2")) {
            LoadIT.awaitWorkers(terpan, 2);
            Set<Long> before = pids(terpan);
            Files.createFile(folder.resolve("broken"));
            Program.Ended restart = terpan.command("restart", "--all");
            assertThat(restart.code()).isEqualTo(14);
            assertThat(restart.out())
                    .contains("builtin-1: the new process did not become ready; the old one serves on");
            assertThat(restart.err()).contains("Traceback", "shop.py", "RuntimeError: a mistake in the code");
            terpan.awaitLine("restart failed");
            assertThat(terpan.errors()).anyMatch(line -> line.equals("        RuntimeError: a mistake in the code"));
            assertThat(pids(terpan)).isEqualTo(before);
            assertThat(terpan.get("/").body()).isEqualTo("1");
        }
    }

    @Test
    void aWorkerThatCannotComeBackHasItsTracebackInLogAndStatus() throws Exception {
        try (RunningTerpan terpan = serve("--workers", "2")) {
            LoadIT.awaitWorkers(terpan, 2);
            Files.createFile(folder.resolve("broken"));
            Processes.kill(terpan.status().workers().getFirst().pid(), "KILL");
            terpan.awaitLine("        RuntimeError: a mistake in the code");
            await().atMost(SOON)
                    .until(() -> terpan.command("status").out().contains("builtin-1 could not be started:"));
            assertThat(terpan.command("status").out()).contains("  RuntimeError: a mistake in the code");
            assertThat(terpan.get("/").body()).isEqualTo("1");
            Files.delete(folder.resolve("broken"));
            assertThat(terpan.command("restart", "builtin-1").code()).isZero();
            assertThat(terpan.command("status").out()).doesNotContain("could not be started");
        }
    }

    @Test
    void hupReloadsAndOtherSignalsOfTerminalsAndServersDoNothing() throws Exception {
        try (RunningTerpan terpan = serve("--workers", "2")) {
            LoadIT.awaitWorkers(terpan, 2);
            Set<Long> before = pids(terpan);
            Load load = Load.start(terpan.address(), "/", CLIENTS);
            EndsIT.awaitAnswers(load, SOME_ANSWERS);
            for (String signal : List.of("TTIN", "TTOU")) {
                terpan.signal(signal);
                terpan.awaitLine("means nothing here signal=" + signal);
            }
            terpan.signal("QUIT");
            terpan.signal("HUP");
            terpan.awaitLine("rollout done");
            EndsIT.awaitAnswers(load, load.answered(200) + SOME_ANSWERS);
            load.end();
            assertThat(load.failures()).isEmpty();
            assertThat(load.statuses()).containsOnlyKeys(200);
            assertThat(pids(terpan)).hasSize(2).doesNotContainAnyElementsOf(before);
            assertThat(terpan.output()).anyMatch(line -> line.contains("terpan-supervisor"));
        }
    }

    @Test
    void aTerminalThatClosesDrains() throws Exception {
        try (RunningTerpan terpan = RunningTerpan.serveOnATerminal("everything:application", "--workers", "1")) {
            CompletableFuture<Answer> answer = CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            return terpan.get("/sleep?seconds=2");
                        } catch (IOException lost) {
                            throw new java.io.UncheckedIOException(lost);
                        }
                    },
                    Thread::startVirtualThread);
            await().atMost(SOON).until(() -> terpan.metric("terpan_requests_in_flight") == 1);
            terpan.closeTerminal();
            assertThat(answer.get().status()).isEqualTo(200);
            assertThat(terpan.exitCode()).isZero();
        }
    }
}
