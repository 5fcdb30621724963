package terpan.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TimerWheelTest {
    private static final long MS = 1_000_000L;
    private final List<String> fired = new ArrayList<>();
    private final TimerWheel wheel = new TimerWheel(0, fault -> fired.add("fault " + fault.getMessage()));

    @Test
    void aTimerFiresOnceAndAtMostTwentyMillisecondsLate() {
        wheel.timer(() -> fired.add("a")).set(100 * MS);
        wheel.advance(99 * MS);
        assertThat(fired).isEmpty();
        wheel.advance(120 * MS);
        wheel.advance(20_000 * MS);
        assertThat(fired).containsExactly("a");
    }

    @Test
    void aTimerMovedToLaterFiresThen() {
        Timer timer = wheel.timer(() -> fired.add("a"));
        timer.set(100 * MS);
        timer.set(500 * MS);
        wheel.advance(450 * MS);
        assertThat(fired).isEmpty();
        wheel.advance(520 * MS);
        assertThat(fired).containsExactly("a");
    }

    @Test
    void aTimerMovedToSoonerFiresThen() {
        Timer timer = wheel.timer(() -> fired.add("a"));
        timer.set(60_000 * MS);
        timer.set(50 * MS);
        wheel.advance(70 * MS);
        assertThat(fired).containsExactly("a");
    }

    @Test
    void aCancelledTimerDoesNotFireAndCanBeSetAgain() {
        Timer timer = wheel.timer(() -> fired.add("a"));
        timer.set(50 * MS);
        timer.cancel();
        wheel.advance(100 * MS);
        assertThat(fired).isEmpty();
        timer.set(150 * MS);
        wheel.advance(170 * MS);
        assertThat(fired).containsExactly("a");
    }

    @Test
    void aFailingTimerIsReportedAndTheOthersStillFire() {
        wheel.timer(() -> {
                    throw new IllegalStateException("x");
                })
                .set(50 * MS);
        wheel.timer(() -> fired.add("b")).set(50 * MS);
        wheel.advance(70 * MS);
        assertThat(fired).containsExactly("fault x", "b");
    }

    @Test
    void manyRandomTimersFireInTheirWindowAndTheWaitNeverOversleeps() {
        long seed = Long.getLong("seed", 42L);
        Random random = new Random(seed);
        long[] deadline = new long[500];
        long[] firedAt = new long[500];
        long[] clock = {0};
        for (int i = 0; i < deadline.length; i++) {
            int number = i;
            deadline[i] = (1 + random.nextInt(30_000)) * MS;
            wheel.timer(() -> firedAt[number] = clock[0]).set(deadline[i]);
        }
        while (clock[0] < 31_000 * MS) {
            long wait = wheel.untilNext(clock[0]);
            if (wait < 0) {
                break;
            }
            clock[0] += wait + 1;
            wheel.advance(clock[0]);
        }
        for (int i = 0; i < deadline.length; i++) {
            assertThat(firedAt[i]).as("timer %d, seed %d", i, seed).isBetween(deadline[i], deadline[i] + 20 * MS);
        }
    }

    @Test
    void aTimerThatCancelsOthersThatAreDueWithItKeepsThemFromFiring() {
        List<Timer> others = new ArrayList<>();
        wheel.timer(() -> {
                    fired.add("first");
                    others.forEach(Timer::cancel);
                })
                .set(100 * MS);
        for (String name : List.of("b", "c", "d")) {
            Timer other = wheel.timer(() -> fired.add(name));
            other.set(100 * MS);
            others.add(other);
        }
        wheel.timer(() -> fired.add("last")).set(100 * MS);
        wheel.advance(20_000 * MS);
        assertThat(fired).containsExactly("first", "last");
        assertThat(wheel.untilNext(20_000 * MS)).isNegative();
    }

    @Test
    void aCancelledTimerIsForgottenAtOnce() {
        Timer timer = wheel.timer(() -> fired.add("a"));
        timer.set(60_000 * MS);
        timer.cancel();
        assertThat(wheel.untilNext(0)).isNegative();
        timer.set(50 * MS);
        wheel.advance(100 * MS);
        assertThat(fired).containsExactly("a");
    }
}
