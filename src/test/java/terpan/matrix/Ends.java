package terpan.matrix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import terpan.serve.Load;
import terpan.serve.RunningTerpan;

/** What is left when Terpan itself ends; each of these ends it. */
final class Ends {
    private static final int CONNECTIONS = 16;
    private static final long SOME_ANSWERS = 200;

    private Ends() {}

    static void stopped(Bench bench) throws Exception {
        RunningTerpan terpan = bench.terpan();
        bench.awaitWorkers();
        Load load = Load.gentle(terpan.address(), Bench.PREFIX + "/", CONNECTIONS);
        Load slow = Load.gentle(terpan.address(), Bench.PREFIX + "/sleep?seconds=0.3", 2);
        Bench.awaitAnswers(load, SOME_ANSWERS);
        Bench.awaitAnswers(slow, 1);
        terpan.signal("TERM");
        assertThat(terpan.exitCode()).isZero();
        load.end();
        slow.end();

        assertThat(load.statuses()).containsOnlyKeys(200);
        assertThat(slow.statuses()).containsOnlyKeys(200);
        assertThat(load.failures()).isEmpty();
        assertThat(slow.failures()).isEmpty();
        bench.end(); // which looks for processes and files
    }

    static void killed(Bench bench) throws Exception {
        RunningTerpan terpan = bench.terpan();
        bench.awaitWorkers();
        Load load = Load.gentle(terpan.address(), Bench.PREFIX + "/", CONNECTIONS);
        Bench.awaitAnswers(load, SOME_ANSWERS);
        assertThat(terpan.otherProcesses()).hasSizeGreaterThan(Bench.WORKERS);
        terpan.signal("KILL");
        assertThat(terpan.exitCode()).isEqualTo(137);
        await().atMost(Duration.ofSeconds(2))
                .until(() -> terpan.otherProcesses().isEmpty());
        load.end();
        bench.end();
    }
}
