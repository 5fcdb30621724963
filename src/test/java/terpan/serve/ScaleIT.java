package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Workers that become more and fewer, that are replaced for their age, and that get nothing for a while. */
@Timeout(180)
final class ScaleIT {
    private static final int CLIENTS = 8;
    private static final int SOME_ANSWERS = 300;
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int NOT_FOUND = 9;

    private static List<String> names(RunningTerpan terpan) throws Exception {
        return terpan.status().workers().stream().map(Status.Worker::name).toList();
    }

    @Test
    void aGroupGrowsAndShrinksUnderLoadWithoutALostRequest() throws Exception {
        try (RunningTerpan terpan = RunningTerpan.serve("everything:application", "--workers", "2")) {
            LoadIT.awaitWorkers(terpan, 2);
            Load load = Load.start(terpan.address(), "/", CLIENTS);
            EndsIT.awaitAnswers(load, SOME_ANSWERS);
            Program.Ended grown = terpan.command("scale", "4");
            assertThat(grown.out())
                    .contains("builtin: 2 workers now, 4 asked for", "builtin-3 is ready", "builtin-4 is ready");
            assertThat(grown.code()).isZero();
            assertThat(names(terpan)).containsExactly("builtin-1", "builtin-2", "builtin-3", "builtin-4");
            EndsIT.awaitAnswers(load, load.answered(200) + SOME_ANSWERS);
            assertThat(terpan.command("scale", "1", "--group", "builtin").out())
                    .contains("builtin-4 has ended", "builtin-2 has ended");
            assertThat(names(terpan)).containsExactly("builtin-1");
            EndsIT.awaitAnswers(load, load.answered(200) + SOME_ANSWERS);
            load.end();
            assertThat(load.failures()).isEmpty();
            assertThat(load.statuses()).containsOnlyKeys(200);
            assertThat(terpan.command("scale", "2", "--group", "nobody").code()).isEqualTo(NOT_FOUND);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--max-requests=300", "--max-age=2s", "--max-memory=1MiB"})
    void workersAreRecycledOneAtATimeUnderLoadWithoutALostRequest(String limit) throws Exception {
        try (RunningTerpan terpan = RunningTerpan.serve("everything:application", "--workers", "2", limit)) {
            LoadIT.awaitWorkers(terpan, 2);
            Set<Long> first = RestartIT.pids(terpan);
            Load load = Load.start(terpan.address(), "/", CLIENTS);
            await().atMost(SOON).until(() -> RestartIT.pids(terpan).stream().noneMatch(first::contains));
            load.end();
            assertThat(load.failures()).isEmpty();
            assertThat(load.statuses()).containsOnlyKeys(200);
            assertThat(terpan.errors())
                    .anyMatch(line -> line.contains("worker is recycled")
                            && line.matches(".*(it has had \\d+ requests|it has served for|it has \\d+ MiB).*"));
        }
    }

    @Test
    void maintenanceShowsAPageToAllButNamedAddressesAndOutlivesAReload() throws Exception {
        try (RunningTerpan terpan = RunningTerpan.serve("everything:application", "--workers", "1");
                Connection kept = terpan.connect()) {
            assertThat(terpan.command("maintenance", "on").out()).contains("terpan maintenance off ends it");
            Answer page = kept.get("/", "Accept: text/html");
            assertThat(page.status()).isEqualTo(503);
            assertThat(page.field("retry-after")).contains("60");
            assertThat(page.body()).contains("The site is worked on and will be back soon.");
            kept.ask("POST", "/", "Content-Length: 0");
            assertThat(kept.read().status()).isEqualTo(503);
            assertThat(terpan.command("status").out()).contains("maintenance for");
            assertThat(terpan.command("reload").code()).isZero();
            assertThat(kept.get("/").status()).isEqualTo(503);
            assertThat(terpan.command("maintenance", "on", "--allow", "192.0.2.7", "--allow", "127.0.0.0/8")
                            .code())
                    .isZero();
            assertThat(kept.get("/").status()).isEqualTo(200);
            assertThat(terpan.command("maintenance", "on", "--allow", "300.1.1.1")
                            .err())
                    .contains("\"300.1.1.1\" is not an address or a network");
            assertThat(terpan.command("maintenance", "off").code()).isZero();
            assertThat(kept.get("/").status()).isEqualTo(200);
            assertThat(terpan.command("maintenance", "off").err()).contains("there was no maintenance");
        }
    }

    @Test
    void aPauseHoldsRequestsAndWhatIsWithWorkersGoesOn() throws Exception {
        try (RunningTerpan terpan = RunningTerpan.serve("everything:application", "--workers", "2", "--queue-wait=1s");
                Connection works = terpan.connect();
                Connection waits = terpan.connect()) {
            works.ask("GET", "/sleep?seconds=1");
            await().atMost(SOON).until(() -> terpan.metric("terpan_requests_in_flight") == 1);
            assertThat(terpan.command("pause").out()).contains("for 1m at most");
            waits.ask("GET", "/");
            await().atMost(SOON).until(() -> terpan.metric("terpan_queue_length") == 1);
            assertThat(works.read().status()).isEqualTo(200);
            assertThat(terpan.command("status").out()).contains("paused for");
            assertThat(terpan.metric("terpan_queue_length")).isEqualTo(1);
            assertThat(terpan.command("resume").code()).isZero();
            assertThat(waits.read().status()).isEqualTo(200);
            assertThat(terpan.command("resume").err()).contains("there was no pause");
            assertThat(terpan.command("pause", "--timeout", "1").code()).isZero();
            assertThat(waits.get("/").status()).as("it ends by itself").isEqualTo(200);
        }
    }
}
