package terpan.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class TimeBucketsTest {
    @Test
    void everyDurationFallsIntoTheFirstBucketThatTakesIt() {
        for (int bound = 0; bound < TimeBuckets.BOUNDS.length; bound++) {
            long limit = TimeBuckets.BOUNDS[bound];
            TimeBuckets buckets = new TimeBuckets();
            buckets.record(limit);
            buckets.record(limit + 1);
            assertThat(buckets.count(bound)).as("at %d ns", limit).isEqualTo(1);
            assertThat(buckets.count(bound + 1)).as("over %d ns", limit).isEqualTo(1);
        }
    }

    @Test
    void theExtremesFallIntoTheFirstAndTheLastBucket() {
        TimeBuckets buckets = new TimeBuckets();
        buckets.record(0);
        buckets.record(-5);
        buckets.record(Long.MAX_VALUE);
        assertThat(buckets.count(0)).isEqualTo(2);
        assertThat(buckets.count(TimeBuckets.BOUNDS.length)).isEqualTo(1);
        assertThat(buckets.sumNanos()).isEqualTo(Long.MAX_VALUE);
    }
}
