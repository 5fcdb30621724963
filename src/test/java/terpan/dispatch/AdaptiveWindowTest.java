package terpan.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** One slot that may go as deep as 32, with the bound at 1 ms. */
final class AdaptiveWindowTest {
    private static final long MILLISECOND = 1_000_000;

    private final Dispatcher dispatcher = new Dispatcher(PretendSettings.defaults(), bound -> 0);
    private final Slot slot = dispatcher.add(new SlotSpec("w1", 1, 32, true));
    private long now;

    AdaptiveWindowTest() {
        dispatcher.ready(slot, 0);
    }

    @Test
    void itBeginsAtTheCapacityAndDeepensOnlyAfterThirtyTwoQuickAnswers() {
        for (int i = 0; i < 32; i++) {
            assertThat(slot.window.size()).isEqualTo(1);
            now = Pretend.round(dispatcher, 1, Pretend.QUICK, now);
        }
        // The last batch is judged when the next begins: until then it may still grow.
        now = Pretend.round(dispatcher, 1, Pretend.QUICK, now);
        assertThat(slot.window.size()).isEqualTo(2);
    }

    @Test
    void quickAnswersTakeItToThirtyTwoWithinTwoHundred() {
        now = Pretend.deepen(dispatcher, slot, now);
        assertThat(slot.window.size()).isEqualTo(32);
        assertThat(dispatcher.snapshot().counts().granted()).isLessThan(200);
    }

    @Test
    void aHandlerOfThreeHundredMicrosecondsIsGivenTwo() {
        for (int i = 0; i < 300; i++) {
            now = Pretend.round(dispatcher, slot.window.size(), 300_000, now);
            assertThat(slot.window.size()).isLessThanOrEqualTo(2);
        }
        assertThat(slot.window.size()).isEqualTo(2);
    }

    @Test
    void aHandlerOfFiveMillisecondsHasTheCapacityAgainByItsSecondAnswer() {
        now = Pretend.deepen(dispatcher, slot, now);
        Lease first = admitted(1);
        Lease second = admitted(1);
        first.settle(Outcome.ANSWERED, now += 5 * MILLISECOND);
        assertThat(slot.limit(now))
                .as("nothing past the capacity until the next answer")
                .isEqualTo(1);
        second.settle(Outcome.ANSWERED, now += 5 * MILLISECOND);
        assertThat(slot.limit(now)).isEqualTo(1);
        Lease third = admitted(1);
        third.settle(Outcome.ANSWERED, now += MILLISECOND / 10);
        assertThat(slot.window.size()).isEqualTo(1);
    }

    @Test
    void anAnswerFarOverTheBoundIsEnough() {
        now = Pretend.deepen(dispatcher, slot, now);
        now = Pretend.round(dispatcher, 1, 50 * MILLISECOND, now);
        now = Pretend.round(dispatcher, 1, Pretend.QUICK, now);
        assertThat(slot.window.size()).isEqualTo(1);
    }

    @Test
    void waitsForAProcessorDoNotCountWhereTheWorkerTellsItsServiceTime() {
        for (int i = 0; i < 300; i++) {
            Lease lease = admitted(1);
            now += 3 * MILLISECOND;
            lease.settle(Outcome.ANSWERED, now, 10_000);
        }
        assertThat(slot.window.size()).isEqualTo(32);
        Lease slow = admitted(1);
        slow.settle(Outcome.ANSWERED, now += 50 * MILLISECOND, 50 * MILLISECOND);
        admitted(1).settle(Outcome.ANSWERED, now += MILLISECOND, 10_000);
        assertThat(slot.window.size()).isEqualTo(1);
    }

    @Test
    void aRouteIsNotSlowForItsWaitsWhereTheWorkerTellsItsServiceTime() {
        Slot threads = dispatcher.add(new SlotSpec("w2", 4, 32, true));
        dispatcher.drain(slot, () -> {});
        dispatcher.ready(threads, now);
        for (int i = 0; i < 400; i++) {
            Lease lease = admitted(1);
            now += 3 * MILLISECOND;
            lease.settle(Outcome.ANSWERED, now, 10_000);
        }
        for (int i = 0; i < 20; i++) {
            assertThat(admitted(1).slot()).isSameAs(threads);
        }
    }

    @Test
    void oneHiccupLeavesTheWindowAsItIs() {
        now = Pretend.deepen(dispatcher, slot, now);
        now = Pretend.round(dispatcher, 1, 4 * MILLISECOND, now);
        now = Pretend.round(dispatcher, 1, Pretend.QUICK, now);
        assertThat(slot.window.size()).isEqualTo(32);
    }

    @Test
    void afterACollapseItIsDeepAgainWithinAHundredQuickAnswersOrSo() {
        now = Pretend.deepen(dispatcher, slot, now);
        now = Pretend.round(dispatcher, 1, 50 * MILLISECOND, now);
        long before = dispatcher.snapshot().counts().granted();
        now = Pretend.round(dispatcher, 1, Pretend.QUICK, now);
        now = Pretend.deepen(dispatcher, slot, now);
        assertThat(slot.window.size()).isEqualTo(32);
        assertThat(dispatcher.snapshot().counts().granted() - before).isLessThan(160);
    }

    @Test
    void underHiccupsOfSeveralMillisecondsAQuickApplicationKeepsItsWindow() {
        Random random = new Random(3);
        now = Pretend.deepen(dispatcher, slot, now);
        int deep = 0;
        int rounds = 20_000;
        for (int i = 0; i < rounds; i++) {
            int size = 1 + random.nextInt(slot.limit(now));
            boolean hiccup = random.nextInt(100) == 0;
            long overhead = 50_000 + random.nextInt(150_000) + (hiccup ? MILLISECOND + random.nextInt(7_000_000) : 0);
            now = Pretend.round(dispatcher, size, (overhead + size * 10_000L) / size, now);
            deep += slot.limit(now) >= 16 ? 1 : 0;
        }
        assertThat(deep).isGreaterThan(rounds * 95 / 100);
    }

    @Test
    void nothingIsPutBehindARequestThatHasBeenInTheWorkerForLong() {
        now = Pretend.deepen(dispatcher, slot, now);
        Lease stuck = admitted(1);
        now += 2 * MILLISECOND;
        PretendWaiter waiter = PretendWaiter.ofRoute(1);
        assertThat(dispatcher.admit(waiter, now, 0)).isEqualTo(Admission.Queued.QUEUED);
        stuck.settle(Outcome.ANSWERED, now + MILLISECOND);
        assertThat(waiter.leases).hasSize(1);
    }

    @Test
    void aReturnedRequestTakesTheWindowToTheCapacityAndNamesTheRouteThatHeldItUp() {
        now = Pretend.deepen(dispatcher, slot, now);
        Lease blocking = admitted(7);
        Lease returned = admitted(8);
        returned.settle(Outcome.RETURNED, now += 3 * MILLISECOND);
        assertThat(slot.window.size()).isEqualTo(1);
        blocking.settle(Outcome.ABANDONED, now);
        now = Pretend.deepen(dispatcher, slot, now);
        assertThat(slot.window.size()).isEqualTo(32);
        admitted(8);
        assertThat(dispatcher.admit(PretendWaiter.ofRoute(7), now, 0))
                .as("a slow route goes behind nobody")
                .isEqualTo(Admission.Queued.QUEUED);
    }

    @Test
    void nobodyIsPutBehindARouteKnownToBeSlow() {
        Lease slow = admitted(7);
        slow.settle(Outcome.ANSWERED, now += 5 * MILLISECOND);
        now = Pretend.round(dispatcher, 1, Pretend.QUICK, now);
        now = Pretend.deepen(dispatcher, slot, now);
        assertThat(admitted(7).quick()).isFalse();
        PretendWaiter other = PretendWaiter.ofRoute(8);
        assertThat(dispatcher.admit(other, now, 0)).isEqualTo(Admission.Queued.QUEUED);
    }

    @Test
    void aLeaseSaysWhetherAQuickAnswerIsToBeExpected() {
        assertThat(admitted(0).quick()).isFalse();
        lastAdmitted.settle(Outcome.ANSWERED, now += Pretend.QUICK);
        now = Pretend.deepen(dispatcher, slot, now);
        assertThat(admitted(0).quick()).isTrue();
    }

    @Test
    void whereMoreWouldBeHarmfulItStaysAtTheCapacity() {
        Slot threads = dispatcher.add(new SlotSpec("w2", 4, 4, false));
        dispatcher.remove(slot);
        dispatcher.ready(threads, now);
        for (int i = 0; i < 100; i++) {
            now = Pretend.round(dispatcher, 4, Pretend.QUICK, now);
        }
        assertThat(threads.window.size()).isEqualTo(4);
    }

    private Lease lastAdmitted = new Lease(slot, 0, 0, false);

    private Lease admitted(int route) {
        Admission admission = dispatcher.admit(PretendWaiter.ofRoute(route), now, 0);
        assertThat(admission).isInstanceOf(Lease.class);
        lastAdmitted = (Lease) admission;
        return lastAdmitted;
    }
}
