package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What Terpan advises under a load that makes it true, and under none. */
@Timeout(240)
final class FiguresAdviceIT {
    /** Figures are of ten seconds. */
    private static final Duration SOON = Duration.ofSeconds(90);

    private static final String NONE = "advice      none: ";

    static String advice(RunningTerpan terpan) throws Exception {
        Program.Ended doctor = terpan.command("doctor", "--live");
        assertThat(doctor.code()).as(doctor.err()).isZero();
        return doctor.out();
    }

    @Test
    void whereWorkersAreBusyAndRequestsWaitMoreOfThemAreAdvisedAndTheRouteIsNamed() throws Exception {
        try (RunningTerpan terpan = RunningTerpan.serve("everything:application", "--workers", "2")) {
            LoadIT.awaitWorkers(terpan, 2);
            assertThat(advice(terpan)).contains("well        2 of 2 workers are ready", NONE);
            Load slow = Load.gentle(terpan.address(), "/sleep?seconds=0.05", 8);
            Load quick = Load.gentle(terpan.address(), "/", 1);
            await().atMost(SOON)
                    .pollInterval(Duration.ofSeconds(2))
                    .untilAsserted(() -> assertThat(advice(terpan))
                            .containsPattern(
                                    "advice      the 2 workers are busy (9\\d|100) % of the time, and requests wait up to \\d+(\\.\\d)? ms")
                            .containsPattern("advice      GET /sleep takes \\d{2,3} % of the workers' time: "));
            assertThat(terpan.command("status").out()).contains("\nadvice      the 2 workers are busy ");
            assertThat(terpan.command("doctor", "--live", "--json").out())
                    .contains("\"verdict\":{\"level\":\"", "\"advice\":[\"the 2 workers are busy ");
            slow.end();
            quick.end();
            await().atMost(SOON)
                    .pollInterval(Duration.ofSeconds(2))
                    .untilAsserted(() ->
                            assertThat(advice(terpan)).as("ten seconds later").contains(NONE));
        }
    }
}
