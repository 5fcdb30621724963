package terpan.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import terpan.config.Settings;

/** What is made of readings, one a second. */
final class AutoScaleTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long MILLISECOND = 1_000_000L;
    private static final long MIB = 1L << 20;
    private static final int QUIET = 60;

    private final AutoScale scale = new AutoScale(new Settings.Scaling(2, 8, Duration.ofSeconds(QUIET)));
    private long now = 7 * SECOND;
    private int present = 2;
    private int ready = 2;
    private double bound = 1;
    private double rise = 1;
    private double processors = 0.2;
    private OptionalLong free = OptionalLong.of(100_000 * MIB);

    private AutoScale.Reading reading(double load, long waitedMillis) {
        now += SECOND;
        return new AutoScale.Reading(
                now,
                present,
                ready,
                load,
                bound,
                rise,
                waitedMillis * MILLISECOND,
                processors,
                free,
                OptionalLong.of(50 * MIB));
    }

    private AutoScale.Decision decide(double load, long waitedMillis) {
        return scale.decide(reading(load, waitedMillis));
    }

    /** So many seconds of it, with what is decided done at once; how often something was. */
    private int go(int seconds, double load) {
        int changes = 0;
        for (int second = 0; second < seconds; second++) {
            if (decide(load, 0) instanceof AutoScale.Decision.Change change) {
                changes++;
                present = change.workers();
                ready = present;
            }
        }
        return changes;
    }

    @Test
    void whenRequestsWaitThereAreAtOnceAsManyAsWhatComesKeepsBusy() {
        rise = 1.3;
        assertThat(decide(2, 120)).isEqualTo(new AutoScale.Decision.Change(4, "requests wait for 120 ms"));
        present = 4;
        rise = 3;
        assertThat(decide(2, 800))
                .as("two are not ready yet, and more come than these four can do")
                .isEqualTo(new AutoScale.Decision.Change(8, "requests wait for 800 ms"));
    }

    @Test
    void itAtMostDoublesInOneStep() {
        rise = 50;
        assertThat(decide(2, 500)).isEqualTo(new AutoScale.Decision.Change(4, "requests wait for 500 ms"));
    }

    @Test
    void aQueueThatGetsShorterIsLeftToItself() {
        go(10, 1);
        rise = 0.5;
        assertThat(decide(2, 300)).isEqualTo(new AutoScale.Decision.Stay(""));
    }

    @Test
    void burstsThatWaitThoughThereIsLittleToDoAreWorthOneMoreWorker() {
        go(10, 0.5);
        assertThat(decide(0.5, 90)).isEqualTo(new AutoScale.Decision.Change(3, "requests wait for 90 ms"));
    }

    @Test
    void workersThatAreBusyForAWhileGetOthersBeforeAnybodyWaits() {
        assertThat(go(4, 1.9)).isZero();
        assertThat(go(3, 1.9)).isOne();
        assertThat(present).isEqualTo(3);
    }

    @Test
    void aLongQuietWhileTakesOneAfterTheOther() {
        present = 6;
        ready = 6;
        assertThat(go(QUIET, 0.6)).isZero();
        assertThat(go(1, 0.6)).isOne();
        assertThat(present).isEqualTo(5);
        assertThat(go(QUIET / 5 - 1, 0.6)).as("then some time goes by again").isZero();
        assertThat(go(QUIET, 0.6)).isEqualTo(3);
        assertThat(present).as("at least").isEqualTo(2);
        assertThat(go(10 * QUIET, 0)).isZero();
    }

    @Test
    void oneBusyMomentWithinTheQuietWhileKeepsThem() {
        present = 3;
        ready = 3;
        go(QUIET - 20, 0.5);
        for (int second = 0; second < 5; second++) {
            decide(2.3, 0);
        }
        assertThat(go(QUIET - 6, 0.5)).isZero();
        assertThat(go(20, 0.5)).isOne();
    }

    @Test
    void thereAreNeverMoreThanTheMost() {
        present = 8;
        ready = 8;
        rise = 4;
        assertThat(decide(8, 5_000))
                .isEqualTo(new AutoScale.Decision.Stay(
                        "requests wait for 5000 ms, and 8 workers are the most that there may be"));
    }

    @Test
    void whatIsOutsideOfTheRangeIsBroughtIntoIt() {
        present = 12;
        ready = 12;
        assertThat(decide(0.5, 0)).isEqualTo(new AutoScale.Decision.Change(8, "at most 8 are set"));
        present = 1;
        assertThat(decide(0.5, 0)).isEqualTo(new AutoScale.Decision.Change(2, "at least 2 are set"));
    }

    @Test
    void whereAllProcessorsAreBusyMoreWorkersWouldDoNoMore() {
        processors = 0.97;
        assertThat(decide(2, 400))
                .isEqualTo(
                        new AutoScale.Decision.Stay(
                                "requests wait for 400 ms, but 97 % of the processors are busy: more workers would do no more"));
        processors = 0.7;
        rise = 4;
        present = 4;
        ready = 4;
        assertThat(decide(4, 400))
                .as("six of them would keep all processors busy, so it is no use to double")
                .isEqualTo(new AutoScale.Decision.Change(5, "requests wait for 400 ms"));
    }

    @Test
    void workersThatWaitForOthersAreWorthMoreOfThemHoweverBusyTheProcessorsAre() {
        processors = 1;
        bound = 0.4;
        rise = 2;
        assertThat(decide(2, 400)).isEqualTo(new AutoScale.Decision.Change(4, "requests wait for 400 ms"));
    }

    @Test
    void whatIsNotKnownOfProcessorsAndMemoryKeepsNobodyFromGrowing() {
        processors = -1;
        free = OptionalLong.empty();
        assertThat(decide(2, 400)).isEqualTo(new AutoScale.Decision.Change(3, "requests wait for 400 ms"));
    }

    @ParameterizedTest
    @CsvSource({"54,0", "56,1", "109,1", "111,2"})
    void memoryIsTakenWithATenthToSpare(long freeMib, int more) {
        rise = 4;
        free = OptionalLong.of(freeMib * MIB);
        AutoScale.Decision expected = more == 0
                ? new AutoScale.Decision.Stay(
                        "requests wait for 400 ms, but 54 MiB of memory are free, and another worker takes 50 MiB")
                : new AutoScale.Decision.Change(2 + more, "requests wait for 400 ms");
        assertThat(decide(2, 400)).isEqualTo(expected);
    }

    @Test
    void thoseThatStartHaveTheirMemoryStillToTake() {
        rise = 4;
        present = 3;
        free = OptionalLong.of(60 * MIB);
        assertThat(decide(2, 400)).isInstanceOf(AutoScale.Decision.Stay.class);
    }

    @Test
    void aStartThatFailsIsTriedAgainAfterAWhileThatDoubles() {
        assertThat(scale.failed(now)).isEqualTo(Duration.ofSeconds(10));
        assertThat(decide(2, 400))
                .isEqualTo(new AutoScale.Decision.Stay("requests wait for 400 ms, but the last worker that was started"
                        + " did not become ready; the next is in 9s"));
        now += 8 * SECOND;
        assertThat(decide(2, 400)).isInstanceOf(AutoScale.Decision.Change.class);
        assertThat(scale.failed(now)).isEqualTo(Duration.ofSeconds(20));
        for (int times = 0; times < 10; times++) {
            scale.failed(now);
        }
        assertThat(scale.failed(now)).isEqualTo(Duration.ofMinutes(10));
        scale.grown();
        assertThat(scale.failed(now)).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void afterARestTheQuietWhileBeginsAnew() {
        present = 4;
        ready = 4;
        go(QUIET - 1, 0.2);
        scale.rest();
        assertThat(go(QUIET, 0.2)).isZero();
        assertThat(go(1, 0.2)).isOne();
    }

    @Test
    void whoGrowsSoonAfterItShrankWaitsLongerWithTheNextStep() {
        present = 3;
        ready = 3;
        assertThat(go(QUIET + 1, 0.5)).isOne();
        assertThat(decide(2, 200)).isInstanceOf(AutoScale.Decision.Change.class);
        present = 3;
        ready = 3;
        assertThat(go(2 * QUIET, 0.5)).isZero();
        assertThat(go(30, 0.5)).isOne();
    }

    /** Whatever load stays the same, the number comes to rest. */
    @Test
    void aLoadThatStaysTheSameEndsInANumberThatDoes() {
        for (double load = 0; load <= 8; load += 0.1) {
            AutoScale fresh = new AutoScale(new Settings.Scaling(1, 16, Duration.ofSeconds(QUIET)));
            int workers = 16;
            int changes = 0;
            int late = 0;
            for (int second = 1; second < 40 * QUIET; second++) {
                double busy = Math.min(load, workers);
                long waited = load > workers ? 500 * MILLISECOND : 0;
                AutoScale.Reading reading = new AutoScale.Reading(
                        second * SECOND,
                        workers,
                        workers,
                        busy,
                        0,
                        load > workers ? load / busy : 1,
                        waited,
                        0.1,
                        free,
                        free);
                if (fresh.decide(reading) instanceof AutoScale.Decision.Change change) {
                    workers = change.workers();
                    changes++;
                    late += second > 10 * QUIET ? 1 : 0;
                }
            }
            assertThat(changes).as("load %.1f", load).isLessThanOrEqualTo(15);
            assertThat(late).as("load %.1f", load).isZero();
        }
    }

    @Test
    void whateverIsReadItStaysWithinTheRangeAndOneStepDown() {
        Random random = new Random(5);
        for (int step = 0; step < 100_000; step++) {
            now += random.nextLong(3 * SECOND);
            ready = random.nextInt(present + 1);
            processors = random.nextDouble() * 1.1 - 0.1;
            free = random.nextBoolean() ? OptionalLong.empty() : OptionalLong.of(random.nextLong(1_000 * MIB));
            rise = random.nextDouble() * 3;
            AutoScale.Decision decision =
                    decide(random.nextDouble() * present, random.nextInt(3) == 0 ? random.nextInt(200) : 0);
            if (decision instanceof AutoScale.Decision.Change change) {
                assertThat(change.workers()).isBetween(Math.max(2, present - 1), Math.min(8, 2 * present));
                assertThat(change.workers()).isNotEqualTo(present);
                present = change.workers();
            }
            if (random.nextInt(1_000) == 0) {
                scale.rest();
            }
        }
    }
}
