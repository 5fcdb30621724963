package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many clients at once: nobody is refused, and the workers share the work. */
@Timeout(120)
final class LoadIT {
    private static final int CONNECTIONS = 64;
    private static final Duration LASTS = Duration.ofSeconds(3);
    private static final double LEAST_SHARE = 0.1;

    @ParameterizedTest
    @EnumSource
    void everyRequestIsAnsweredAndEveryWorkerDoesItsShare(Setup setup) throws Exception {
        try (RunningTerpan terpan = setup.serve()) {
            awaitWorkers(terpan, 2);
            long descriptors = Processes.descriptors(terpan.pid());
            Load load = Load.start(terpan.address(), "/", CONNECTIONS);
            await().pollDelay(LASTS).atMost(LASTS.plusSeconds(5)).until(() -> true);
            load.end();

            assertThat(load.failures()).isEmpty();
            assertThat(load.statuses()).containsOnlyKeys(200);
            List<Status.Worker> workers = terpan.status().workers();
            long most = workers.stream().mapToLong(Status.Worker::settled).max().orElseThrow();
            long least =
                    workers.stream().mapToLong(Status.Worker::settled).min().orElseThrow();
            assertThat((double) least / most).as(workers::toString).isGreaterThanOrEqualTo(LEAST_SHARE);
            assertThat(workers.stream().mapToLong(Status.Worker::settled).sum()).isEqualTo(load.answered(200));
            terpan.assertQuiet();
            // Kept connections to the workers may stay open, but not one for every client.
            assertThat(Processes.descriptors(terpan.pid())).isLessThan(descriptors + CONNECTIONS);
        }
    }

    static void awaitWorkers(RunningTerpan terpan, int count) {
        await().atMost(Duration.ofSeconds(30)).until(() -> terpan.status().readyWorkers() == count);
    }
}
