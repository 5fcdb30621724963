package terpan.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class BackoffTest {
    private final Backoff backoff = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(3));

    @Test
    void theFirstRestartIsAtOnceAndTheDelayDoublesUpToTheCap() {
        assertThat(IntStream.rangeClosed(1, 6).mapToLong(backoff::delay).map(nanos -> nanos / 1_000_000))
                .containsExactly(0L, 500L, 1000L, 2000L, 3000L, 3000L);
    }

    @Test
    void theDelayNeverOverflows() {
        assertThat(backoff.delay(Integer.MAX_VALUE))
                .isEqualTo(Duration.ofSeconds(3).toNanos());
    }

    @Test
    void itIsACrashLoopOnceTheDelayCanGrowNoMore() {
        assertThat(backoff.isCrashLoop(1)).isFalse();
        assertThat(backoff.isCrashLoop(4)).isFalse();
        assertThat(backoff.isCrashLoop(5)).isTrue();
    }
}
