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

/** Several groups of workers behind one address: one built-in worker with weight 3 and two of Waitress. */
@Timeout(120)
final class GroupsIT {
    private static final String GROUPS = """
            [[workers]]
            server = "builtin"
            count = 1
            weight = 3

            [[workers]]
            name = "old"
            server = "waitress"
            count = 2
            threads = 4
            """;

    @TempDir
    private Path files;

    private RunningTerpan serve(String... more) throws IOException {
        Path config = Files.writeString(files.resolve("terpan.toml"), GROUPS);
        List<String> arguments = new ArrayList<>(
                List.of("everything:application", "--chdir", Program.APPLICATIONS.toString(), "--config"));
        arguments.addAll(List.of(config.toString(), "--python", Program.python().toString()));
        arguments.addAll(List.of(more));
        return RunningTerpan.start(Map.of(), arguments);
    }

    @Test
    void eachGroupServesUnderLoadAndHasItsOwnFigures() throws Exception {
        Path lines = files.resolve("access");
        try (RunningTerpan terpan = serve("--access-log", "--access-log-file", lines.toString())) {
            LoadIT.awaitWorkers(terpan, 3);
            Load load = Load.saturate(terpan.address(), "/", 32);
            EndsIT.awaitAnswers(load, 2_000);
            load.end();
            terpan.assertQuiet();

            assertThat(load.statuses()).containsOnlyKeys(200);
            assertThat(load.failures()).isEmpty();
            Status status = terpan.status();
            long builtin = status.group("builtin").number("requests");
            long old = status.group("old").number("requests");
            assertThat(builtin + old).isEqualTo(load.answered(200));
            assertThat(old).isPositive();
            assertThat(builtin).isPositive();
            assertThat(status.group("old").number("ready")).isEqualTo(2);
            assertThat(status.group("old").number("capacity")).isEqualTo(8);
            assertThat(status.group("old").meanSeconds()).isPositive();
            assertThat(terpan.metric("terpan_worker_seconds_count{group=\"builtin\"}"))
                    .isEqualTo((double) builtin);
            assertThat(terpan.metric("terpan_worker_seconds_count{group=\"old\"}"))
                    .isEqualTo((double) old);
            assertThat(terpan.command("status").out())
                    .contains("group    server    socket   weight", "builtin-1", "old-1", "old-2");
        }
        List<String> written = Files.readAllLines(lines);
        assertThat(written).anyMatch(line -> line.contains(" worker=builtin-1 group=builtin "));
        assertThat(written).anyMatch(line -> line.contains(" worker=old-2 group=old "));
    }

    @Test
    void requestsThatComeOneByOneAreSharedOutByWeight() throws Exception {
        try (RunningTerpan terpan = serve();
                Connection connection = terpan.connect()) {
            LoadIT.awaitWorkers(terpan, 3);
            for (int i = 0; i < 500; i++) {
                assertThat(connection.get("/").status()).isEqualTo(200);
            }
            Status status = terpan.status();
            assertThat(status.group("builtin").number("requests")).isBetween(290L, 310L);
            assertThat(status.workers().stream()
                            .filter(worker -> worker.name().startsWith("old-"))
                            .map(Status.Worker::settled))
                    .allSatisfy(settled -> assertThat(settled).isBetween(90L, 110L));
        }
    }

    @Test
    void whatAGroupFailsIsItsOwn() throws Exception {
        try (RunningTerpan terpan = serve()) {
            LoadIT.awaitWorkers(terpan, 3);
            Load load = Load.saturate(terpan.address(), "/", 32);
            EndsIT.awaitAnswers(load, 500);
            Status.Worker killed = terpan.status().workers().getLast();
            assertThat(killed.name()).isEqualTo("old-2");
            Processes.kill(killed.pid(), "KILL");
            EndsIT.awaitAnswers(load, load.answered(200) + 500);
            await().atMost(Duration.ofSeconds(30)).until(() -> terpan.status().readyWithout(killed.pid(), 3));
            load.end();

            Status status = terpan.status();
            assertThat(status.group("builtin").number("failed")).isZero();
            assertThat(status.group("builtin").number("restarts")).isZero();
            assertThat(status.group("old").number("restarts")).isEqualTo(1);
            assertThat(status.group("old").number("failed")).isGreaterThanOrEqualTo(load.answered(502));
            assertThat(terpan.metric("terpan_worker_restarts_total{group=\"old\",reason=\"crashed\",worker=\"old-2\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void theLinesOfAWorkerNameItAndItsGroup() throws Exception {
        try (RunningTerpan terpan = serve()) {
            LoadIT.awaitWorkers(terpan, 3);
            for (int i = 0; i < 10; i++) {
                terpan.get("/say");
            }
            terpan.awaitLine("worker=old-1 group=old");
            terpan.awaitLine("worker=builtin-1 group=builtin");
        }
    }

    @Test
    void checkStartsAWorkerOfEveryGroup() throws Exception {
        Path config = files.resolve("terpan.toml");
        String[] check = {
            "check", "everything:application", "--chdir", Program.APPLICATIONS.toString(), "--config", config.toString()
        };
        Files.writeString(config, "[application]\npython = \"" + Program.python() + "\"\n" + GROUPS);
        assertThat(Program.run(files, check).code()).isZero();
        Files.writeString(config, GROUPS + "\n[[workers]]\nserver = \"builtin\"\nsocket = \"shared\"\n");
        Program.Ended refused = Program.run(files, check);
        assertThat(refused.code()).isEqualTo(3);
        assertThat(refused.err())
                .contains(
                        "terpan.toml:14:1: workers.socket is \"shared\", but each built-in worker has a link of its own");
    }
}
