package terpan.loop;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CoalescingTest {
    private static final int FEW_EVENTS = 2;
    private static final long MILLI = 1_000_000;

    private final Coalescing coalescing = new Coalescing();
    private long now;

    private enum Workers {
        QUICK,
        DEEP,
        OTHERS
    }

    /** So many are in flight all the time, and so many are answered in a millisecond, for long enough to be known. */
    private long wanted(int inFlight, int answersInMillisecond, Workers workers) {
        boolean quick = workers == Workers.QUICK;
        boolean deep = workers == Workers.DEEP;
        for (int i = 0; i < inFlight; i++) {
            coalescing.inFlight(1, quick, deep);
        }
        long wanted = 0;
        for (int millisecond = 0; millisecond < 200; millisecond++) {
            for (int i = 0; i < answersInMillisecond; i++) {
                coalescing.inFlight(-1, quick, deep);
                coalescing.inFlight(1, quick, deep);
            }
            now += MILLI;
            wanted = coalescing.wanted(FEW_EVENTS, now);
        }
        return wanted;
    }

    @ParameterizedTest
    @CsvSource({
        "64, 32, 500", // sixteen of them
        "64, 4, 2000", // eight in the longest pause
        "8, 4, 500", // two
        "16, 8, 500",
    })
    void aPauseLastsAsLongAsAQuarterOfWhatIsWithDeepWorkersTakes(int inFlight, int answers, long micros) {
        assertThat(wanted(inFlight, answers, Workers.DEEP)).isBetween(micros * 980, micros * 1020);
    }

    @ParameterizedTest
    @CsvSource({
        "7, 4", // less than two of eight
        "1000, 0",
    })
    void thereIsNoneWhenHardlyOneWouldBeAnswered(int inFlight, int answers) {
        assertThat(wanted(inFlight, answers, Workers.DEEP)).isZero();
    }

    @ParameterizedTest
    @CsvSource({"100, 2", "1000, 40", "1000, 1"}) // fifty milliseconds, twenty-five, a second
    void thereIsNoneWhenRequestsTakeSoLongThatTheyRatherWait(int inFlight, int answers) {
        assertThat(wanted(inFlight, answers, Workers.DEEP)).isZero();
    }

    @Test
    void workersThatHaveFewGetTheNextAtOnce() {
        assertThat(wanted(64, 32, Workers.OTHERS)).isZero();
    }

    @Test
    void manyWithQuickWorkersPauseForAFixedTime() {
        assertThat(wanted(16, 0, Workers.QUICK)).isEqualTo(60_000);
    }

    @Test
    void aTurnThatHadMuchToDoIsFollowedByTheNext() {
        wanted(64, 32, Workers.DEEP);
        assertThat(coalescing.wanted(16, now)).isZero();
    }

    @Test
    void whatWasAnsweredOnceIsForgottenWhenNothingIsAnsweredAnyMore() {
        wanted(64, 32, Workers.DEEP);
        int more = 0;
        while (coalescing.wanted(FEW_EVENTS, now) > 0) {
            now += 8 * MILLI;
            assertThat(++more).isLessThan(10);
        }
    }
}
