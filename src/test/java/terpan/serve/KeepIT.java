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
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The workers before a reload stay for a while, so that a rollback takes no time. */
@Timeout(120)
final class KeepIT {
    private static final int CLIENTS = 8;
    private static final int SOME_ANSWERS = 300;
    private static final Duration SOON = Duration.ofSeconds(60);

    private static final String CODE = """
            VERSION = open("version").read()

            def application(environ, start_response):
                start_response("200 OK", [("Content-Length", str(len(VERSION)))])
                return [VERSION.encode()]
            """;

    @TempDir
    private Path folder;

    private RunningTerpan serve(String keep, String... flags) throws IOException {
        Files.writeString(folder.resolve("shop.py"), CODE);
        version("1");
        Files.writeString(
                folder.resolve("terpan.toml"),
                "[application]\nname = \"shop:application\"\nkeep = \"%s\"\n".formatted(keep));
        List<String> arguments = new ArrayList<>(
                List.of("--config", folder.resolve("terpan.toml").toString()));
        arguments.addAll(List.of("--python", Program.python().toString()));
        arguments.addAll(List.of(flags));
        return RunningTerpan.start(Map.of(), arguments);
    }

    private void version(String version) throws IOException {
        Files.writeString(folder.resolve("version"), version);
    }

    private static Set<Long> pids(RunningTerpan terpan, String state) throws IOException {
        return terpan.status().workers().stream()
                .filter(worker -> worker.state().equals(state))
                .map(Status.Worker::pid)
                .collect(Collectors.toSet());
    }

    private static void lead(RunningTerpan terpan, String... command) throws Exception {
        Program.Ended ended = terpan.command(command);
        assertThat(ended.code()).as(ended.err()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"builtin, --threads=1", "waitress, --threads=4", "gunicorn, --socket=shared", "uvicorn, --socket=tcp"})
    void aRollbackLeadsToTheVeryWorkersThatServedBefore(String server, String option) throws Exception {
        try (RunningTerpan terpan = serve("10m", "--server", server, "--workers", "2", option)) {
            LoadIT.awaitWorkers(terpan, 2);
            Load load = Load.start(terpan.address(), "/", CLIENTS);
            EndsIT.awaitAnswers(load, SOME_ANSWERS);
            Set<Long> first = pids(terpan, "ready");
            version("2");
            lead(terpan, "reload");
            Set<Long> second = pids(terpan, "ready");
            assertThat(second).hasSize(2).doesNotContainAnyElementsOf(first);
            assertThat(pids(terpan, "parked")).isEqualTo(first);
            assertThat(terpan.get("/").body()).isEqualTo("2");

            for (int round = 0; round < 2; round++) {
                EndsIT.awaitAnswers(load, load.answered(200) + SOME_ANSWERS);
                Program.Ended back = terpan.command("rollback");
                assertThat(back.code()).as(back.err()).isZero();
                assertThat(back.out()).contains("generation 1 was kept with 2 workers beside generation 2");
                assertThat(pids(terpan, "ready")).isEqualTo(first);
                assertThat(pids(terpan, "parked")).isEqualTo(second);
                assertThat(terpan.get("/").body()).isEqualTo("1");
                EndsIT.awaitAnswers(load, load.answered(200) + SOME_ANSWERS);
                lead(terpan, "rollback");
                assertThat(pids(terpan, "ready")).isEqualTo(second);
                assertThat(terpan.get("/").body()).isEqualTo("2");
            }

            version("3");
            lead(terpan, "reload");
            assertThat(pids(terpan, "parked")).isEqualTo(second);
            await().atMost(SOON).until(() -> first.stream().noneMatch(Processes::runs));
            EndsIT.awaitAnswers(load, load.answered(200) + SOME_ANSWERS);
            load.end();
            assertThat(load.failures()).isEmpty();
            assertThat(load.statuses()).containsOnlyKeys(200);
        }
    }

    @Test
    void theyEndWhenTheirTimeIsOverAndThenARollbackStartsThemAnew() throws Exception {
        try (RunningTerpan terpan = serve("2s", "--workers", "2")) {
            LoadIT.awaitWorkers(terpan, 2);
            Set<Long> first = pids(terpan, "ready");
            version("2");
            lead(terpan, "reload");
            await().atMost(SOON).until(() -> first.stream().noneMatch(Processes::runs));
            await().atMost(SOON).until(() -> terpan.status().workers().size() == 2);
            version("1");
            lead(terpan, "rollback");
            assertThat(terpan.get("/").body()).isEqualTo("1");
            assertThat(pids(terpan, "ready")).hasSize(2).doesNotContainAnyElementsOf(first);
        }
    }

    @Test
    void workersThatWereScaledAreLedBackToAsTheyAre() throws Exception {
        try (RunningTerpan terpan = serve("10m", "--workers", "1")) {
            LoadIT.awaitWorkers(terpan, 1);
            lead(terpan, "scale", "3");
            Set<Long> first = pids(terpan, "ready");
            version("2");
            lead(terpan, "reload");
            assertThat(pids(terpan, "parked")).isEqualTo(first);
            lead(terpan, "rollback");
            assertThat(pids(terpan, "ready")).hasSize(3).isEqualTo(first);
        }
    }

    @Test
    void oneThatCanNotBeStartedAgainIsLedBackToWithoutItAndNoneIsAFailure() throws Exception {
        try (RunningTerpan terpan =
                serve("10m", "--workers", "2", "--backoff-most", "100ms", "--backoff-first", "10ms")) {
            LoadIT.awaitWorkers(terpan, 2);
            List<Long> first = List.copyOf(pids(terpan, "ready"));
            version("2");
            lead(terpan, "reload");
            Files.delete(folder.resolve("version"));
            Processes.kill(first.getFirst(), "KILL");
            await().atMost(SOON)
                    .until(() -> terpan.status().workers().stream()
                            .anyMatch(worker -> worker.state().equals("exited")));
            lead(terpan, "rollback");
            assertThat(terpan.get("/").body()).isEqualTo("1");
            lead(terpan, "rollback");
            assertThat(terpan.get("/").body()).isEqualTo("2");
            Processes.kill(first.getLast(), "KILL");
            await().atMost(SOON)
                    .until(() -> terpan.status().workers().stream()
                                    .filter(worker -> worker.state().equals("exited"))
                                    .count()
                            == 2);
            assertThat(terpan.command("rollback").code()).isEqualTo(15);
            assertThat(terpan.get("/").body()).isEqualTo("2");
        }
    }

    @Test
    void oneThatIsKilledMeanwhileIsStartedAgainAndGetsNoRequests() throws Exception {
        try (RunningTerpan terpan = serve("10m", "--workers", "1")) {
            LoadIT.awaitWorkers(terpan, 1);
            Set<Long> first = pids(terpan, "ready");
            version("2");
            lead(terpan, "reload");
            version("1");
            Processes.kill(first.iterator().next(), "KILL");
            await().atMost(SOON)
                    .until(() -> pids(terpan, "parked").size() == 1
                            && !pids(terpan, "parked").equals(first));
            for (int i = 0; i < 20; i++) {
                assertThat(terpan.get("/").body()).isEqualTo("2");
            }
            lead(terpan, "rollback");
            assertThat(terpan.get("/").body()).isEqualTo("1");
            terpan.signal("TERM");
            assertThat(terpan.exitCode()).isZero();
        }
    }
}
