package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Workers all of whose places are held by requests that never end are seen, told of and replaced. */
@Timeout(120)
final class HangIT {
    /** What hangs, and how many requests it takes to stop all that serves. */
    enum Case {
        BUILTIN("/stuck", 2, "application", "--server builtin --workers 2"),
        BUILTIN_THREADS("/stuck", 2, "application", "--server builtin --threads 2 --loops 2"),
        WAITRESS("/stuck", 2, "application", "--server waitress --threads 2"),
        WITHIN_AN_ANSWER("/begun", 2, "application", "--server waitress --threads 2"),
        /** The body is not read: the front can not send it to its end. */
        WITH_A_BODY("/stuck", 1, "application", "--server gunicorn"),
        SHARED_SOCKET("/stuck", 2, "application", "--server gunicorn --workers 2 --socket shared"),
        BJOERN("/stuck", 1, "application", "--server bjoern"),
        GEVENT("/stuck", 2, "application", "--server gevent"),
        UVICORN("/stuck", 2, "asgi", "--server uvicorn");

        private final String target;
        private final int requests;
        private final String callable;
        private final String flags;

        Case(String target, int requests, String callable, String flags) {
            this.target = target;
            this.requests = requests;
            this.callable = callable;
            this.flags = flags;
        }

        RunningTerpan serve(String... more) throws IOException {
            List<String> all = new ArrayList<>(List.of(flags.split(" ", -1)));
            if (!all.contains("--workers")) {
                all.addAll(List.of("--workers", "1"));
            }
            all.addAll(List.of("--answer-idle", "1s"));
            all.addAll(List.of(more));
            return RunningTerpan.serve("stuck:" + callable, all.toArray(String[]::new));
        }

        Connection ask(RunningTerpan terpan) throws IOException {
            Connection connection = terpan.connect();
            if (this != WITH_A_BODY) {
                return connection.ask("GET", target);
            }
            return connection.ask("POST", target, "Content-Length: 2000000").send("x".repeat(2_000_000));
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @EnumSource
    void aWorkerThatHangsIsReplacedAndItsStacksAreInTheLog(Case what) throws Exception {
        try (RunningTerpan terpan = what.serve("--hang-timeout", "1s")) {
            LoadIT.awaitWorkers(terpan, terpan.status().workers().size());
            stopAll(terpan, what);
            await().atMost(Duration.ofSeconds(40))
                    .ignoreExceptions()
                    .until(() -> terpan.get("/").body().equals("Hello"));
            terpan.awaitLine("worker hangs and is replaced");
            terpan.awaitLine("in stuck ");
            String group = terpan.status().workers().getFirst().name().replaceAll("-1$", "");
            String restarts = "terpan_worker_restarts_total{group=\"" + group + "\",reason=\"hung\",worker=\"" + group;
            assertThat(terpan.metric(restarts + "-1\"}") + terpan.metric(restarts + "-2\"}"))
                    .isPositive();
            LoadIT.awaitWorkers(terpan, terpan.status().workers().size());
            assertThat(terpan.ask("/metrics").lines().filter(line -> line.startsWith("terpan_worker_places_lost")))
                    .isNotEmpty()
                    .allMatch(line -> line.endsWith(" 0.0"));
        }
    }

    @Test
    void withoutAHangTimeoutTheLostPlacesAreToldAndHealthSaysThatNobodyServes() throws Exception {
        try (RunningTerpan terpan = Case.BUILTIN.serve("--hang-timeout", "0s", "--stop-timeout", "100ms")) {
            LoadIT.awaitWorkers(terpan, 2);
            assertThat(terpan.ask("/healthz")).isEqualTo("ok\n");
            stopAll(terpan, Case.BUILTIN);
            assertThat(terpan.metric("terpan_worker_places_lost{group=\"builtin\",worker=\"builtin-2\"}"))
                    .isOne();
            assertThat(terpan.status().group("builtin").number("places_lost")).isEqualTo(2);
            assertThat(terpan.ask("/healthz"))
                    .isEqualTo("not serving: every place of a worker is held by a request that was given up\n");
            assertThat(terpan.status().readyWorkers()).isEqualTo(2);
            terpan.signal("TERM");
            assertThat(terpan.exitCode()).isZero();
        }
    }

    /** The answers are whole, so that nobody waits for them and none is given up; what waits behind them must still be served. */
    @Test
    void aWorkerWhoseThreadsHangInCloseIsReplaced() throws Exception {
        String[] flags = {
            "--server", "builtin", "--workers", "1", "--threads", "2", "--answer-idle", "1s", "--hang-timeout", "1s"
        };
        try (RunningTerpan terpan = RunningTerpan.serve("stuck:application", flags)) {
            assertThat(terpan.get("/close").body()).isEqualTo("closing");
            assertThat(terpan.get("/close").body()).isEqualTo("closing");
            await().atMost(Duration.ofSeconds(60))
                    .ignoreExceptions()
                    .until(() -> terpan.get("/").body().equals("Hello"));
            terpan.awaitLine("worker hangs and is replaced");
            terpan.awaitLine("in close");
        }
    }

    private static void stopAll(RunningTerpan terpan, Case what) throws IOException {
        List<Connection> asked = new ArrayList<>();
        try {
            for (int i = 0; i < what.requests; i++) {
                asked.add(what.ask(terpan));
            }
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> terpan.metric("terpan_requests_timed_out_total") >= what.requests);
        } finally {
            for (Connection connection : asked) {
                connection.close();
            }
        }
    }
}
