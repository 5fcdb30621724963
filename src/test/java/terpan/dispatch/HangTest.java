package terpan.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import terpan.metrics.GroupMetrics;

/** Requests that were given up hold places; a worker that has no others hangs. */
final class HangTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final long HANG = 30 * SECOND;

    private final Dispatcher dispatcher = new Dispatcher(PretendSettings.defaults(), bound -> 0);

    @AfterEach
    void everyRuleHolds() {
        dispatcher.check();
    }

    @Test
    void aWorkerHangsWhenAllItsPlacesAreHeldByRequestsThatWereGivenUpForSoLong() {
        Slot slot = ready(spec(2, HANG, false));
        giveUp(admit(slot, 0), 60);
        Lease second = admit(slot, 5);
        assertThat(dispatcher.hung(200 * SECOND)).as("one place is not lost").isEmpty();
        giveUp(second, 70);
        assertThat(dispatcher.hung(99 * SECOND)).as("the younger one").isEmpty();
        assertThat(dispatcher.hung(100 * SECOND)).containsExactly(new Hang(slot, 2, 0));
        assertThat(lost(100)).isEqualTo(2);
    }

    @Test
    void aPlaceIsNoLongerLostWhenTheWorkerEndsTheRequestAfterAll() {
        Slot slot = ready(spec(1, HANG, false));
        Lease lease = admit(slot, 0);
        giveUp(lease, 60);
        assertThat(lost(61)).isEqualTo(1);
        lease.settle(Outcome.TIMED_OUT, 80 * SECOND);
        assertThat(lost(81)).isZero();
        assertThat(dispatcher.hung(500 * SECOND)).isEmpty();
    }

    @Test
    void aRequestWhoseClientLeftCountsFromWhenItWouldHaveBeenGivenUp() {
        Slot slot = ready(spec(1, HANG, false));
        giveUp(admit(slot, 0), 60);
        assertThat(lost(59)).isZero();
        assertThat(lost(60)).isEqualTo(1);
        assertThat(dispatcher.hung(89 * SECOND)).isEmpty();
        assertThat(dispatcher.hung(90 * SECOND)).hasSize(1);
    }

    @Test
    void aRequestThatWaitedInsideTheWorkerHasItsTimeFromWhenItBegan() {
        Slot slot =
                ready(new SlotSpec("w1", new GroupMetrics("", 1), 1, 1, 32, false, SlotSpec.BUSY_WITH, HANG, false));
        long now = Pretend.deepen(dispatcher, slot, 0);
        Lease first = lease(now);
        Lease behind = lease(now);
        dispatcher.giveUp(first, now + 60 * SECOND);
        dispatcher.giveUp(behind, now + 60 * SECOND);
        first.settle(Outcome.TIMED_OUT, now + 80 * SECOND);
        assertThat(dispatcher.hung(now + 109 * SECOND))
                .as("the second began at 80")
                .isEmpty();
        assertThat(dispatcher.hung(now + 110 * SECOND)).hasSize(1);
    }

    @Test
    void whatOthersWaitForIsTold() {
        Slot slot =
                ready(new SlotSpec("w1", new GroupMetrics("", 1), 1, 1, 32, false, SlotSpec.BUSY_WITH, HANG, false));
        long now = Pretend.deepen(dispatcher, slot, 0);
        dispatcher.giveUp(lease(now), now + 60 * SECOND);
        lease(now);
        assertThat(dispatcher.hung(now + 90 * SECOND)).containsExactly(new Hang(slot, 1, 1));
    }

    @Test
    void aWorkerThatGivesBackWhatItHasAFreePlaceForHangs() {
        Slot slot = ready(spec(2, HANG, false));
        for (int second = 0; second < 30; second++) {
            admit(slot, second).settle(Outcome.RETURNED, second * SECOND);
            assertThat(lost(second)).isEqualTo(second == 0 ? 0 : 2);
            assertThat(dispatcher.hung(second * SECOND)).isEmpty();
        }
        admit(slot, 30).settle(Outcome.RETURNED, 30 * SECOND);
        assertThat(dispatcher.hung(30 * SECOND)).containsExactly(new Hang(slot, 0, 0));
        assertThat(dispatcher.hung(36 * SECOND)).as("nobody asks it any more").isEmpty();
    }

    @Test
    void aWorkerThatGivesBackWhileItWorksOnAnotherOrHasAnsweredOneDoesNotHang() {
        Slot slot = ready(spec(2, HANG, false));
        Lease longOne = admit(slot, 0);
        for (int second = 0; second <= 40; second++) {
            admit(slot, second).settle(Outcome.RETURNED, second * SECOND);
        }
        assertThat(dispatcher.hung(40 * SECOND)).as("it works").isEmpty();
        longOne.settle(Outcome.ANSWERED, 40 * SECOND);
        admit(slot, 41).settle(Outcome.RETURNED, 41 * SECOND);
        assertThat(dispatcher.hung(41 * SECOND)).as("it has answered").isEmpty();
    }

    @Test
    void withoutAHangTimeoutPlacesAreCountedAndNothingMore() {
        Slot slot = ready(spec(1, 0, false));
        giveUp(admit(slot, 0), 60);
        assertThat(lost(600)).isEqualTo(1);
        assertThat(dispatcher.hung(6000 * SECOND)).isEmpty();
    }

    @Test
    void aWorkerThatIsDrainedIsLeftToItsDrainTimeout() {
        Slot slot = ready(spec(1, HANG, false));
        giveUp(admit(slot, 0), 60);
        dispatcher.drain(slot, () -> {});
        assertThat(dispatcher.hung(200 * SECOND)).isEmpty();
    }

    @Test
    void oneThreadThatEndsNothingHangsWithFreePlaces() {
        Slot slot = ready(spec(256, HANG, true));
        giveUp(admit(slot, 0), 60);
        assertThat(dispatcher.silent(200 * SECOND))
                .as("nothing else was sent to it")
                .isEmpty();
        giveUp(admit(slot, 10), 70);
        assertThat(dispatcher.silent(69 * SECOND)).isEmpty();
        assertThat(dispatcher.unheard(silence(70), 70 * SECOND))
                .as("not for long")
                .isEmpty();
        assertThat(lost(70)).as("no place can be had").isEqualTo(256);
        assertThat(dispatcher.unheard(silence(90), 90 * SECOND)).contains(new Hang(slot, 2, 0));
    }

    @Test
    void oneThreadThatEndsOthersDoesNotHang() {
        Slot slot = ready(spec(256, HANG, true));
        giveUp(admit(slot, 0), 60);
        giveUp(admit(slot, 1), 61);
        admit(slot, 2).settle(Outcome.ANSWERED, 80 * SECOND);
        assertThat(dispatcher.silent(200 * SECOND)).isEmpty();
        assertThat(lost(200)).isEqualTo(2);
    }

    @Test
    void oneThreadThatIsHeardOfDoesNotHang() {
        Slot slot = ready(spec(256, HANG, true));
        giveUp(admit(slot, 0), 60);
        giveUp(admit(slot, 1), 61);
        Silence silence = silence(200);
        dispatcher.heard(slot, 199 * SECOND);
        assertThat(dispatcher.unheard(silence, 200 * SECOND)).isEmpty();
        assertThat(dispatcher.silent(201 * SECOND)).isEmpty();
        assertThat(lost(201)).isEqualTo(2);
    }

    @Test
    void oneThreadThatShowsThatItTurnsDoesNotHangThoughWhatItIsAtNeverEnds() {
        Slot slot = ready(spec(256, HANG, true));
        giveUp(admit(slot, 0), 60);
        giveUp(admit(slot, 1), 61);
        assertThat(dispatcher.unheard(silence(70), 70 * SECOND)).isEmpty();
        dispatcher.alive(slot, 199 * SECOND);
        assertThat(dispatcher.unheard(silence(200), 200 * SECOND)).isEmpty();
        assertThat(lost(200)).isEqualTo(2);
        assertThat(dispatcher.unheard(silence(300), 300 * SECOND))
                .as("it has been still since")
                .contains(new Hang(slot, 2, 0));
    }

    @Test
    void severalThreadsMayAllBeStuckButForThoseThatAreFree() {
        Slot slot = ready(spec(4, HANG, false));
        giveUp(admit(slot, 0), 60);
        giveUp(admit(slot, 1), 61);
        assertThat(dispatcher.silent(200 * SECOND)).isEmpty();
        assertThat(dispatcher.hung(200 * SECOND)).isEmpty();
    }

    private static SlotSpec spec(int capacity, long hangTimeout, boolean oneThread) {
        return new SlotSpec(
                "w1",
                new GroupMetrics("", 1),
                1,
                capacity,
                capacity,
                false,
                SlotSpec.BUSY_WITH,
                hangTimeout,
                oneThread);
    }

    private Slot ready(SlotSpec spec) {
        Slot slot = dispatcher.add(spec);
        dispatcher.ready(slot, 0);
        return slot;
    }

    private Lease admit(Slot slot, long seconds) {
        Lease lease = lease(seconds * SECOND);
        assertThat(lease.slot()).isSameAs(slot);
        return lease;
    }

    private Lease lease(long now) {
        return (Lease) dispatcher.admit(new PretendWaiter(), now, now);
    }

    private void giveUp(Lease lease, long seconds) {
        dispatcher.giveUp(lease, seconds * SECOND);
    }

    private Silence silence(long seconds) {
        List<Silence> silences = new ArrayList<>(dispatcher.silent(seconds * SECOND));
        assertThat(silences).hasSize(1);
        return silences.getFirst();
    }

    private int lost(long seconds) {
        return dispatcher.snapshot(seconds * SECOND).slots().getFirst().lost();
    }
}
