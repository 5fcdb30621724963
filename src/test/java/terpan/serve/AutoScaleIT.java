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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Workers of a range become more and fewer with the load. */
@Timeout(180)
final class AutoScaleIT {
    private static final int CLIENTS = 12;
    private static final int SOME_ANSWERS = 100;
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int REFUSED = 9;

    /** It waits for others, so that a busy machine keeps nobody from having more workers. */
    private static final String WAITS = "/sleep?seconds=0.1";

    @TempDir
    private Path folder;

    private static RunningTerpan serve(String range, String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("--workers", range, "--scale-down-after", "1s"));
        arguments.addAll(List.of(more));
        return RunningTerpan.serve("everything:application", arguments.toArray(String[]::new));
    }

    private static void awaitReady(RunningTerpan terpan, int workers) {
        await().atMost(SOON)
                .until(() -> terpan.status().readyWorkers() == workers
                        && terpan.status().workers().size() == workers);
    }

    private static List<String> changes(RunningTerpan terpan) {
        return terpan.errors().stream()
                .filter(line -> line.contains("group is scaled"))
                .toList();
    }

    /** By the settings in the folder. */
    private RunningTerpan serveFile() throws IOException {
        return RunningTerpan.start(
                Map.of(),
                List.of(
                        "--config",
                        folder.resolve("terpan.toml").toString(),
                        "--python",
                        Program.python().toString()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"builtin:private", "waitress:private", "gunicorn:shared", "waitress:tcp"})
    void aLoadMakesAGroupGrowAndQuietLetsItShrinkWithoutALostRequest(String setup) throws Exception {
        String server = setup.substring(0, setup.indexOf(':'));
        String socket = setup.substring(setup.indexOf(':') + 1);
        try (RunningTerpan terpan = serve("1..4", "--server", server, "--socket", socket, "--threads", "1")) {
            awaitReady(terpan, 1);
            Load load = Load.start(terpan.address(), WAITS, CLIENTS);
            awaitReady(terpan, 4);
            assertThat(terpan.command("status").out())
                    .containsPattern("scaling +" + server + ": 4 wanted of 1 to 4; .*(wait|are busy)");
            load.end();
            Load little = Load.start(terpan.address(), WAITS, 1);
            awaitReady(terpan, 2);
            EndsIT.awaitAnswers(little, little.answered(200) + 10);
            little.end();
            awaitReady(terpan, 1);
            for (Load one : List.of(load, little)) {
                assertThat(one.failures()).isEmpty();
                assertThat(one.statuses()).containsOnlyKeys(200);
            }
            assertThat(terpan.status().workers().getFirst().name()).isEqualTo(server + "-1");
            assertThat(changes(terpan))
                    .hasSizeBetween(4, 8)
                    .allMatch(line -> line.matches(".*group=" + server
                            + ".*reason=\"?(requests wait for|\\d+ % of the workers are busy|no more than).*"));
            assertThat(terpan.metric("terpan_workers_wanted{group=\"" + server + "\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void aReloadBeginsWithAsManyWorkersAsTheLoadAskedFor() throws Exception {
        Files.writeString(folder.resolve("terpan.toml"), """
                [application]
                name = "%s"
                [workers]
                count = "1..3"
                """.formatted(Program.APPLICATIONS.resolve("everything.py")));
        try (RunningTerpan terpan = serveFile()) {
            Load load = Load.start(terpan.address(), WAITS, CLIENTS);
            awaitReady(terpan, 3);
            assertThat(terpan.command("reload").out()).contains("generation 2 starts with 3 workers");
            awaitReady(terpan, 3);
            assertThat(terpan.command("reload", "--in-place").code()).isZero();
            awaitReady(terpan, 3);
            load.end();
            assertThat(load.failures()).isEmpty();
            assertThat(load.statuses()).containsOnlyKeys(200);
        }
    }

    @Test
    void whatAPersonOrdersHoldsWhateverTheLoadUntilItIsGivenBackOrAReload() throws Exception {
        try (RunningTerpan terpan = serve("1..2")) {
            awaitReady(terpan, 1);
            Program.Ended ordered = terpan.command("scale", "3");
            assertThat(ordered.code()).isZero();
            assertThat(ordered.out()).contains("whatever the load: until the next reload, or terpan scale auto");
            assertThat(terpan.command("status").out())
                    .containsPattern("builtin: 3 wanted of 1 to 2, whatever the load; .* ordered by hand");
            assertThat(terpan.command("scale", "auto").out()).contains("as many workers as the load asks for");
            awaitReady(terpan, 1);
            assertThat(terpan.command("scale", "2").code()).isZero();
            assertThat(terpan.command("reload").out()).contains("generation 2 starts with 2 workers");
            awaitReady(terpan, 1);
        }
    }

    @Test
    void recyclingGoesOnBesideIt() throws Exception {
        try (RunningTerpan terpan = serve("1..3", "--max-requests", "20")) {
            awaitReady(terpan, 1);
            Load load = Load.start(terpan.address(), WAITS, CLIENTS);
            await().atMost(SOON).until(() -> terpan.status().readyWorkers() >= 3);
            await().atMost(SOON)
                    .until(() -> terpan.errors().stream().anyMatch(line -> line.contains("worker is recycled")));
            load.end();
            awaitReady(terpan, 1);
            assertThat(load.failures()).isEmpty();
            assertThat(load.statuses()).containsOnlyKeys(200);
        }
    }

    @Test
    void throughAPauseNothingIsDecidedAndWhatWaitedInItMakesNothingGrow() throws Exception {
        try (RunningTerpan terpan = serve("1..3")) {
            awaitReady(terpan, 1);
            assertThat(terpan.command("pause").code()).isZero();
            List<Connection> waiting = new ArrayList<>();
            try {
                for (int client = 0; client < CLIENTS; client++) {
                    waiting.add(terpan.connect());
                    waiting.getLast().ask("GET", "/");
                }
                await().atMost(SOON).until(() -> terpan.metric("terpan_queue_length") == CLIENTS);
                double since = uptime(terpan);
                await().atMost(SOON).until(() -> uptime(terpan) > since + 3);
                assertThat(terpan.command("resume").code()).isZero();
                for (Connection one : waiting) {
                    assertThat(one.read().status()).isEqualTo(200);
                }
                double resumed = uptime(terpan);
                await().atMost(SOON).until(() -> uptime(terpan) > resumed + 2);
            } finally {
                for (Connection one : waiting) {
                    one.close();
                }
            }
            assertThat(changes(terpan)).isEmpty();
        }
    }

    private static double uptime(RunningTerpan terpan) throws Exception {
        return System.currentTimeMillis() / 1e3 - terpan.metric("process_start_time_seconds");
    }

    @Test
    void whereTheNumberIsFixedTheLoadHasNoSay() throws Exception {
        try (RunningTerpan terpan = RunningTerpan.serve("everything:application", "--workers", "1")) {
            Program.Ended refused = terpan.command("scale", "auto");
            assertThat(refused.code()).isEqualTo(REFUSED);
            assertThat(refused.err()).contains("builtin is fixed: set workers.count to a range, such as \"2..8\"");
            assertThat(terpan.command("status").out()).doesNotContain("scaling");
        }
    }

    @Test
    void aNewWorkerThatDoesNotStartIsToldOfAndTriedAgainLater() throws Exception {
        Path code = folder.resolve("shop.py");
        String works = """
                import time

                def application(environ, start_response):
                    time.sleep(0.1)
                    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
                    return [b"ok"]
                """;
        Files.writeString(code, works);
        try (RunningTerpan terpan = RunningTerpan.start(
                Map.of(),
                List.of(
                        code.toString(),
                        "--workers",
                        "1..2",
                        "--python",
                        Program.python().toString()))) {
            awaitReady(terpan, 1);
            Files.writeString(code, "raise RuntimeError('a mistake in the code')\n");
            Load load = Load.start(terpan.address(), "/", CLIENTS);
            await().atMost(SOON)
                    .until(() -> terpan.errors().stream().anyMatch(line -> line.contains("group could not be scaled"))
                            && terpan.errors().stream().anyMatch(line -> line.contains("a mistake in the code")));
            await().atMost(SOON).until(() -> terpan.command("status").out().contains("did not become ready"));
            assertThat(terpan.status().readyWorkers()).isOne();
            Files.writeString(code, works);
            awaitReady(terpan, 2);
            load.end();
            assertThat(load.failures()).isEmpty();
            assertThat(load.statuses()).containsOnlyKeys(200);
            assertThat(terpan.errors().stream().filter(line -> line.contains("group could not be scaled")))
                    .as("it was tried again once or twice, not all the time")
                    .hasSizeLessThanOrEqualTo(3);
        }
    }

    @Test
    void ofSeveralApplicationsTheOneGrowsThatHasTheLoad() throws Exception {
        String both = """
                name = "%s"
                routes = ["%s.test"]
                [applications.application]
                name = "%s"
                [applications.workers]
                count = "1..3"
                scale-down-after = "1s"
                """;
        Path code = Program.APPLICATIONS.resolve("everything.py");
        Files.writeString(
                folder.resolve("terpan.toml"),
                "[[applications]]\n" + both.formatted("shop", "shop", code) + "[[applications]]\n"
                        + both.formatted("site", "site", code));
        try (RunningTerpan terpan = serveFile()) {
            awaitReady(terpan, 2);
            Load load = Load.start(terpan.address(), "shop.test", WAITS, CLIENTS);
            awaitReady(terpan, 4);
            assertThat(terpan.metric("terpan_workers_wanted{application=\"shop\",group=\"shop/builtin\"}"))
                    .isEqualTo(3);
            assertThat(terpan.metric("terpan_workers_wanted{application=\"site\",group=\"site/builtin\"}"))
                    .isEqualTo(1);
            assertThat(terpan.command("scale", "auto").code()).as("which one?").isEqualTo(REFUSED);
            assertThat(terpan.command("scale", "auto", "shop").code()).isZero();
            load.end();
            awaitReady(terpan, 2);
            assertThat(load.failures()).isEmpty();
            assertThat(load.statuses()).containsOnlyKeys(200);
        }
    }

    @Test
    void groupsOfOneApplicationGrowEachByItsOwnLoad() throws Exception {
        Files.writeString(folder.resolve("terpan.toml"), """
                [application]
                name = "%s"
                [[workers]]
                count = "1..3"
                scale-down-after = "1s"
                [[workers]]
                server = "waitress"
                count = 1
                threads = 1
                """.formatted(Program.APPLICATIONS.resolve("everything.py")));
        try (RunningTerpan terpan = serveFile()) {
            Load load = Load.start(terpan.address(), WAITS, CLIENTS);
            awaitReady(terpan, 4);
            EndsIT.awaitAnswers(load, load.answered(200) + SOME_ANSWERS);
            load.end();
            awaitReady(terpan, 2);
            assertThat(load.failures()).isEmpty();
            assertThat(load.statuses()).containsOnlyKeys(200);
            assertThat(terpan.status().workers())
                    .extracting(Status.Worker::name)
                    .containsExactly("builtin-1", "waitress-1");
        }
    }
}
