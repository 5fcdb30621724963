package terpan.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class ExponentialBucketsTest {
    private static final double NANOS = 1e9;

    /** The place in the counts that one duration falls into. */
    private static int place(long nanos) {
        ExponentialBuckets buckets = new ExponentialBuckets();
        buckets.record(nanos);
        long[] counts = ExponentialBuckets.none();
        buckets.addTo(counts);
        int place = -1;
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] == 1 && place < 0) {
                place = i;
            } else {
                assertThat(counts[i]).isZero();
            }
        }
        assertThat(place).isNotNegative();
        return place;
    }

    /** The upper bound of a bucket as Prometheus has it, seconds. */
    private static double upper(int index) {
        return Math.pow(2, index / 8.0);
    }

    private static void assertInItsBucket(long nanos) {
        int place = place(nanos);
        if (place == 0) {
            assertThat(nanos / NANOS).isLessThanOrEqualTo(ExponentialBuckets.ZERO_THRESHOLD);
            return;
        }
        int index = ExponentialBuckets.index(place);
        assertThat(nanos / NANOS)
                .as("%d ns", nanos)
                .isGreaterThan(upper(index - 1))
                .isLessThanOrEqualTo(upper(index));
    }

    @Test
    void everyDurationFallsIntoTheBucketThatPrometheusMeans() {
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            assertInItsBucket(random.nextLong(1L << (1 + random.nextInt(46))));
        }
        for (int index = -160; index < 136; index++) {
            long bound = (long) Math.floor(upper(index) * NANOS);
            assertInItsBucket(bound);
            assertInItsBucket(bound + 1);
        }
    }

    @Test
    void wholePowersOfTwoAreUpperBounds() {
        assertThat(ExponentialBuckets.index(place(1_000_000_000))).isZero();
        assertThat(ExponentialBuckets.index(place(1_000_000_001))).isEqualTo(1);
        assertThat(ExponentialBuckets.index(place(2_000_000_000))).isEqualTo(8);
        assertThat(ExponentialBuckets.index(place(500_000_000))).isEqualTo(-8);
    }

    @Test
    void theExtremesAreZeroAndTheLastBucket() {
        assertThat(place(0)).isZero();
        assertThat(place(-5)).isZero();
        assertThat(place(953)).isZero();
        assertThat(place(954)).isEqualTo(1);
        assertThat(place(Long.MAX_VALUE)).isEqualTo(ExponentialBuckets.none().length - 1);
    }
}
