package terpan.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import terpan.config.Settings;
import terpan.metrics.GroupMetrics;

final class DispatcherTest {
    private static final long MILLISECOND = 1_000_000;

    private Dispatcher dispatcher = new Dispatcher(PretendSettings.defaults(), bound -> 0);

    @AfterEach
    void everyRuleHolds() {
        dispatcher.check();
    }

    @Test
    void aRequestIsGrantedAtOnceWhileASlotHasRoom() {
        Slot slot = ready(new SlotSpec("w1", 2, 2, false));
        Lease lease = lease(admit(new PretendWaiter()));
        assertThat(lease.slot()).isSameAs(slot);
        assertThat(lease.slotIndex()).isZero();
        assertThat(dispatcher.snapshot().inFlight()).isEqualTo(1);
    }

    @Test
    void aRequestWaitsWhenEverySlotIsFullAndIsGrantedByTheNextRelease() {
        ready(one("w1"));
        Lease lease = lease(admit(new PretendWaiter()));
        PretendWaiter waiter = new PretendWaiter();
        assertThat(admit(waiter)).isEqualTo(Admission.Queued.QUEUED);
        lease.settle(Outcome.ANSWERED, 5 * MILLISECOND);
        assertThat(waiter.leases).hasSize(1);
        assertThat(waiter.lease().grantedAt()).isEqualTo(5 * MILLISECOND);
        assertThat(dispatcher.snapshot().counts().longestWait()).isEqualTo(5 * MILLISECOND);
        assertThat(dispatcher.snapshot().counts().waited()).isEqualTo(5 * MILLISECOND);
    }

    @Test
    void itIsCountedForHowLongPlacesAreHeld() {
        Slot slot = ready(new SlotSpec("w1", 2, 2, false));
        Lease first = lease(admit(new PretendWaiter()));
        Lease second = lease(admit(new PretendWaiter()));
        assertThat(busy(2)).isEqualTo(4 * MILLISECOND);
        dispatcher.resize(slot, 1, 2 * MILLISECOND);
        assertThat(busy(5)).as("there is one place now").isEqualTo(7 * MILLISECOND);
        first.settle(Outcome.ANSWERED, 6 * MILLISECOND);
        second.settle(Outcome.ANSWERED, 7 * MILLISECOND);
        assertThat(busy(20)).isEqualTo(9 * MILLISECOND);
    }

    private long busy(int millis) {
        return dispatcher.snapshot(millis * MILLISECOND).slots().getFirst().busy();
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 12})
    void aLeaseSaysWhetherItsWorkerHadEnoughToDo(int enough) {
        ready(new SlotSpec("w1", new GroupMetrics("", 1), 1, 20, 20, false, enough));
        for (int before = 0; before < 20; before++) {
            assertThat(lease(admit(new PretendWaiter())).deep())
                    .as("%d before it", before)
                    .isEqualTo(before >= enough);
        }
    }

    @Test
    void aBatchingWorkerIsNeverCalledDeep() {
        ready(new SlotSpec("w1", 20, 32, true));
        for (int before = 0; before < 20; before++) {
            assertThat(lease(admit(new PretendWaiter())).deep()).isFalse();
        }
    }

    @Test
    void whoCameFirstIsServedFirst() {
        ready(one("w1"));
        Lease lease = lease(admit(new PretendWaiter()));
        List<PretendWaiter> waiters = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            waiters.add(new PretendWaiter());
            admit(waiters.get(i));
        }
        for (PretendWaiter waiter : waiters) {
            lease.settle(Outcome.ANSWERED, 0);
            lease = waiter.lease();
        }
        lease.settle(Outcome.ANSWERED, 0);
        assertThat(dispatcher.snapshot().inFlight()).isZero();
    }

    @Test
    void aLeaseThatIsReleasedTwiceIsAProgramError() {
        ready(one("w1"));
        Lease lease = lease(admit(new PretendWaiter()));
        lease.settle(Outcome.ANSWERED, 0);
        assertThatThrownBy(() -> lease.settle(Outcome.FAILED, 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("lease on slot w1 was released before; now as FAILED: a lease is released exactly once");
        assertThat(dispatcher.snapshot().inFlight()).isZero();
    }

    @Test
    void aWaiterInTheQueueTwiceIsAProgramError() {
        PretendWaiter waiter = new PretendWaiter();
        admit(waiter);
        assertThatThrownBy(() -> admit(waiter)).isInstanceOf(IllegalStateException.class);
        assertThat(dispatcher.snapshot().waiting()).isEqualTo(1);
    }

    @Test
    void aFullQueueRefusesWithQueueFull() {
        dispatcher = new Dispatcher(PretendSettings.of(Settings.Choice.LEAST_LOADED, 2), bound -> 0);
        admit(new PretendWaiter());
        admit(new PretendWaiter());
        assertThat(admit(new PretendWaiter())).isEqualTo(Admission.Rejected.QUEUE_FULL);
        assertThat(dispatcher.snapshot().counts().rejected()).containsEntry(Admission.Rejected.QUEUE_FULL, 1L);
    }

    @Test
    void whoWaitsTooLongIsRefused() {
        PretendWaiter early = new PretendWaiter();
        PretendWaiter late = new PretendWaiter();
        dispatcher.admit(early, 0, 0);
        dispatcher.admit(late, 1, 0);
        dispatcher.expire(PretendSettings.WAIT - 1);
        assertThat(early.refusals).isEmpty();
        dispatcher.expire(PretendSettings.WAIT);
        assertThat(early.refusals).containsExactly(Admission.Rejected.WAIT_TOO_LONG);
        assertThat(late.refusals).isEmpty();
    }

    @Test
    void aClientThatLeavesIsTakenOutOfTheQueue() {
        PretendWaiter gone = new PretendWaiter();
        PretendWaiter stays = new PretendWaiter();
        admit(gone);
        admit(stays);
        assertThat(dispatcher.abandon(gone)).isTrue();
        assertThat(dispatcher.abandon(gone)).isFalse();
        dispatcher.ready(dispatcher.add(one("w1")), 0);
        assertThat(gone.leases).isEmpty();
        assertThat(stays.leases).hasSize(1);
    }

    @Test
    void aReturnedRequestGoesBeforeAllOthersAndKeepsItsWait() {
        ready(one("w1"));
        Lease lease = lease(admit(new PretendWaiter()));
        PretendWaiter waits = new PretendWaiter();
        PretendWaiter returned = new PretendWaiter();
        PretendWaiter returnedEarlier = new PretendWaiter();
        dispatcher.admit(waits, 10, 0);
        assertThat(dispatcher.readmit(returned, 7, 20)).isEqualTo(Admission.Queued.QUEUED);
        assertThat(dispatcher.readmit(returnedEarlier, 5, 20)).isEqualTo(Admission.Queued.QUEUED);
        assertThat(dispatcher.snapshot(25).oldestWait()).isEqualTo(20);
        lease.settle(Outcome.ANSWERED, 30);
        returnedEarlier.lease().settle(Outcome.ANSWERED, 40);
        assertThat(returned.leases).hasSize(1);
        assertThat(waits.leases).isEmpty();
    }

    @Test
    void aReturnedRequestIsNeverRefusedForAFullQueueNorForClosing() {
        dispatcher = new Dispatcher(PretendSettings.of(Settings.Choice.LEAST_LOADED, 1), bound -> 0);
        admit(new PretendWaiter());
        dispatcher.close();
        assertThat(dispatcher.readmit(new PretendWaiter(), 0, 0)).isEqualTo(Admission.Queued.QUEUED);
    }

    @Test
    void aReturnedRequestThatHasWaitedTooLongIsRefused() {
        assertThat(dispatcher.readmit(new PretendWaiter(), 0, PretendSettings.WAIT))
                .isEqualTo(Admission.Rejected.WAIT_TOO_LONG);
    }

    @Test
    void whereNoWorkerIsExpectedWaitersAreRefusedAtOnceAndSoAreNewOnes() {
        PretendWaiter waiter = new PretendWaiter();
        admit(waiter);
        dispatcher.expectWorkers(false);
        assertThat(waiter.refusals).containsExactly(Admission.Rejected.NO_WORKER);
        assertThat(admit(new PretendWaiter())).isEqualTo(Admission.Rejected.NO_WORKER);
        dispatcher.expectWorkers(true);
        assertThat(admit(new PretendWaiter())).isEqualTo(Admission.Queued.QUEUED);
    }

    @Test
    void aReadySlotServesWithoutHopeUntilItGoes() {
        Slot slot = ready(one("w1"));
        dispatcher.expectWorkers(false);
        admit(new PretendWaiter());
        PretendWaiter waiter = new PretendWaiter();
        assertThat(admit(waiter)).isEqualTo(Admission.Queued.QUEUED);
        dispatcher.remove(slot);
        assertThat(waiter.refusals).containsExactly(Admission.Rejected.NO_WORKER);
    }

    @Test
    void afterCloseNewRequestsAreRefusedAndWaitingOnesServed() {
        ready(one("w1"));
        Lease lease = lease(admit(new PretendWaiter()));
        PretendWaiter waiter = new PretendWaiter();
        admit(waiter);
        dispatcher.close();
        assertThat(admit(new PretendWaiter())).isEqualTo(Admission.Rejected.DRAINING);
        lease.settle(Outcome.ANSWERED, 0);
        assertThat(waiter.leases).hasSize(1);
    }

    @Test
    void aGrantedWaiterMayReleaseAndAskAgainInsideTheCallback() {
        ready(one("w1"));
        Lease lease = lease(admit(new PretendWaiter()));
        PretendWaiter last = new PretendWaiter();
        PretendWaiter first = new PretendWaiter();
        first.whenGranted = () -> {
            admit(last);
            first.lease().settle(Outcome.UNSENT, 0);
        };
        admit(first);
        lease.settle(Outcome.ANSWERED, 0);
        assertThat(last.leases).hasSize(1);
        assertThat(dispatcher.snapshot().inFlight()).isEqualTo(1);
    }

    @Test
    void aCallbackThatFailsKeepsNoOtherFromBeingTold() {
        PretendWaiter bad = new PretendWaiter();
        bad.whenGranted = () -> {
            throw new IllegalStateException("bad waiter");
        };
        PretendWaiter good = new PretendWaiter();
        admit(bad);
        admit(good);
        Slot slot = dispatcher.add(new SlotSpec("w1", 2, 2, false));
        assertThatThrownBy(() -> dispatcher.ready(slot, 0)).hasMessage("bad waiter");
        assertThat(good.leases).hasSize(1);
    }

    @Test
    void longWaitsBehindOthersInOneWorkerAreCounted() {
        Slot slot = ready(new SlotSpec("w1", 1, 32, true));
        long now = Pretend.deepen(dispatcher, slot, 0);
        Lease first = lease(dispatcher.admit(new PretendWaiter(), now, 0));
        Lease behind = lease(dispatcher.admit(new PretendWaiter(), now, 0));
        first.settle(Outcome.ANSWERED, now + 50 * MILLISECOND);
        behind.settle(Outcome.ANSWERED, now + 50 * MILLISECOND + 1);
        assertThat(dispatcher.snapshot().counts().stuckBehind()).isEqualTo(1);
    }

    private Admission admit(Waiter waiter) {
        return dispatcher.admit(waiter, 0, 0);
    }

    private Slot ready(SlotSpec spec) {
        Slot slot = dispatcher.add(spec);
        dispatcher.ready(slot, 0);
        return slot;
    }

    private static SlotSpec one(String name) {
        return new SlotSpec(name, 1, 1, false);
    }

    private static Lease lease(Admission admission) {
        assertThat(admission).isInstanceOf(Lease.class);
        return (Lease) admission;
    }
}
