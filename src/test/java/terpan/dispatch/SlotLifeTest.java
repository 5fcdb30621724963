package terpan.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class SlotLifeTest {
    private final Dispatcher dispatcher = new Dispatcher(PretendSettings.defaults(), bound -> 0);

    @AfterEach
    void everyRuleHolds() {
        dispatcher.check();
    }

    @Test
    void theQueueGrowsWithTheTotalCapacity() {
        assertThat(dispatcher.snapshot().queueMost()).isEqualTo(1024);
        Slot slot = ready(new SlotSpec("w1", 100, 100, false));
        assertThat(dispatcher.snapshot().queueMost()).isEqualTo(1600);
        dispatcher.remove(slot);
        assertThat(dispatcher.snapshot().queueMost()).isEqualTo(1024);
    }

    @Test
    void aDrainingSlotTakesNothingAndSaysOnceWhenItIsIdle() {
        Slot slot = ready(new SlotSpec("w1", 2, 2, false));
        Lease lease = lease(admit(new PretendWaiter()));
        List<String> told = new ArrayList<>();
        dispatcher.drain(slot, () -> told.add("idle"));
        assertThat(admit(new PretendWaiter())).isEqualTo(Admission.Queued.QUEUED);
        assertThat(told).isEmpty();
        lease.settle(Outcome.ANSWERED, 0);
        assertThat(told).containsExactly("idle");
        dispatcher.remove(slot);
        assertThat(told).containsExactly("idle");
    }

    @Test
    void aSlotThatIsIdleAlreadyDrainsAtOnce() {
        Slot slot = ready(one("w1"));
        List<String> told = new ArrayList<>();
        dispatcher.drain(slot, () -> told.add("idle"));
        assertThat(told).containsExactly("idle");
        assertThatThrownBy(() -> dispatcher.ready(slot, 0)).hasMessage("slot w1 is draining and can not become ready");
    }

    @Test
    void anIndexIsUsedAgainOnlyAfterTheLastLease() {
        Slot slot = ready(one("w1"));
        Lease lease = lease(admit(new PretendWaiter()));
        dispatcher.remove(slot);
        assertThat(dispatcher.add(one("w2")).index()).isEqualTo(1);
        lease.settle(Outcome.FAILED, 0);
        assertThat(dispatcher.add(one("w3")).index()).isZero();
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
