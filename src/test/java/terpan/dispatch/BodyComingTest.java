package terpan.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class BodyComingTest {
    private static final long MILLISECOND = 1_000_000;

    private final Dispatcher dispatcher = new Dispatcher(PretendSettings.defaults(), bound -> 0);

    @AfterEach
    void everyRuleHolds() {
        dispatcher.check();
    }

    @Test
    void aRequestWhoseBodyIsComingGoesOnlyToAnEmptySlotWhereWorkersGiveBack() {
        ready(new SlotSpec("w1", 2, 32, true));
        Lease lease = lease(admit(new PretendWaiter()));
        PretendWaiter upload = PretendWaiter.withBodyComing();
        assertThat(admit(upload)).isEqualTo(Admission.Queued.QUEUED);
        PretendWaiter behind = new PretendWaiter();
        assertThat(admit(behind)).as("the slot is held for the upload").isEqualTo(Admission.Queued.QUEUED);
        lease.settle(Outcome.ANSWERED, MILLISECOND);
        assertThat(upload.leases).hasSize(1);
        assertThat(behind.leases).as("a place beside the upload").hasSize(1);
    }

    @Test
    void othersUseTheOtherSlotsWhileOneIsHeld() {
        ready(new SlotSpec("w1", 2, 32, true));
        ready(new SlotSpec("w2", 2, 32, true));
        dispatcher.admit(new PretendWaiter(), 0, 1);
        dispatcher.admit(new PretendWaiter(), 0, 2);
        PretendWaiter upload = PretendWaiter.withBodyComing();
        admit(upload);
        lease(admit(new PretendWaiter()));
        assertThat(admit(new PretendWaiter())).isEqualTo(Admission.Queued.QUEUED);
        assertThat(dispatcher.abandon(upload)).isTrue();
        assertThat(dispatcher.snapshot().waiting()).as("the hold has ended").isZero();
    }

    @Test
    void afterSomePatienceABodyThatComesIsGivenAPlaceWithinTheCapacity() {
        ready(new SlotSpec("w1", 2, 32, true));
        admit(new PretendWaiter());
        PretendWaiter upload = PretendWaiter.withBodyComing();
        admit(upload);
        dispatcher.expire(100 * MILLISECOND);
        assertThat(upload.leases).isEmpty();
        dispatcher.expire(101 * MILLISECOND);
        assertThat(upload.leases).hasSize(1);
    }

    @Test
    void whereEachPlaceIsAThreadABodyThatComesNeedsNoEmptySlot() {
        ready(new SlotSpec("w1", 2, 2, false));
        admit(new PretendWaiter());
        lease(admit(PretendWaiter.withBodyComing()));
    }

    private Admission admit(Waiter waiter) {
        return dispatcher.admit(waiter, 0, 0);
    }

    private Slot ready(SlotSpec spec) {
        Slot slot = dispatcher.add(spec);
        dispatcher.ready(slot, 0);
        return slot;
    }

    private static Lease lease(Admission admission) {
        assertThat(admission).isInstanceOf(Lease.class);
        return (Lease) admission;
    }
}
