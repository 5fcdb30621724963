package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What Terpan says of memory that grows, and of memory that does not: of a minute each. */
@Timeout(240)
final class MemoryAdviceIT {
    private static final Duration MOST = Duration.ofMinutes(3);

    @Test
    void aWorkerWhoseMemoryGoesOnGrowingIsNamedWithWhatItIsAtAndNoOther() throws Exception {
        try (RunningTerpan terpan = RunningTerpan.serve("everything:application", "--workers", "1");
                RunningTerpan other = RunningTerpan.serve("everything:application", "--workers", "1")) {
            Load keeps = Load.gentle(terpan.address(), "/keep?bytes=8192", 1);
            Load keepsNothing = Load.gentle(other.address(), "/", 1);
            await().atMost(MOST)
                    .pollInterval(Duration.ofSeconds(5))
                    .untilAsserted(() -> assertThat(FiguresAdviceIT.advice(terpan))
                            .containsPattern(
                                    "advice      the memory of builtin-1 grows by \\d+\\.\\d MiB a minute, to \\d+ MiB now;"
                                            + " most of the workers' time goes to GET /keep\n"));
            assertThat(FiguresAdviceIT.advice(other)).doesNotContain("grows by");
            keeps.end();
            keepsNothing.end();
        }
    }
}
