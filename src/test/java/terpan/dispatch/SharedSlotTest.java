package terpan.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import terpan.metrics.GroupMetrics;

/** A slot with several workers behind it, which come and go. */
final class SharedSlotTest {
    private final Dispatcher dispatcher = new Dispatcher(PretendSettings.defaults(), bound -> 0);
    private final Slot slot =
            dispatcher.add(new SlotSpec("shared", new GroupMetrics("", 1), 1, 2, 2, false, SlotSpec.BUSY_WITH));
    private final List<Lease> open = new ArrayList<>();
    private final List<String> told = new ArrayList<>();

    @AfterEach
    void everyRuleHolds() {
        dispatcher.check();
        assertThat(dispatcher.snapshot().inFlight()).isEqualTo(open.size());
    }

    @Test
    void aWorkerThatJoinsMakesRoomForThoseWhoWait() {
        dispatcher.ready(slot, 0);
        PretendWaiter[] waiters = admit(5);
        assertThat(dispatcher.snapshot().waiting()).isEqualTo(3);
        dispatcher.resize(slot, 4, 1);
        assertThat(dispatcher.snapshot().waiting()).isEqualTo(1);
        open.add(waiters[2].lease());
        open.add(waiters[3].lease());
        assertThat(dispatcher.snapshot().slots().getFirst().capacity()).isEqualTo(4);
        assertThat(dispatcher.snapshot().slots().getFirst().window()).isEqualTo(4);
    }

    @Test
    void aWorkerThatLeavesTakesItsRoomAlongAndNothingInFlight() {
        dispatcher.ready(slot, 0);
        dispatcher.resize(slot, 4, 0);
        admit(4);
        dispatcher.resize(slot, 2, 1);
        settle(0);
        settle(0);
        assertThat(dispatcher.admit(new PretendWaiter(), 2, 0))
                .as("two are in flight")
                .isEqualTo(Admission.Queued.QUEUED);
    }

    @Test
    void theLastOneToLeaveLeavesASlotThatTakesNothingUntilAnotherJoins() {
        dispatcher.ready(slot, 0);
        admit(1);
        dispatcher.resize(slot, 0, 1);
        PretendWaiter waits = new PretendWaiter();
        assertThat(dispatcher.admit(waits, 2, 0)).isEqualTo(Admission.Queued.QUEUED);
        settle(0);
        assertThat(waits.leases).isEmpty();
        dispatcher.resize(slot, 2, 3);
        open.add(waits.lease());
    }

    @Test
    void withoutAWorkerAndWithoutHopeNobodyWaits() {
        dispatcher.ready(slot, 0);
        dispatcher.resize(slot, 0, 1);
        PretendWaiter waits = new PretendWaiter();
        assertThat(dispatcher.admit(waits, 2, 0)).isEqualTo(Admission.Queued.QUEUED);
        dispatcher.expectWorkers(false);
        assertThat(waits.refusals).containsExactly(Admission.Rejected.NO_WORKER);
    }

    @Test
    void whatIsInFlightNowIsWaitedForAndNothingThatComesLater() {
        dispatcher.ready(slot, 0);
        dispatcher.resize(slot, 6, 0);
        admit(2);
        dispatcher.whenSettled(slot, () -> told.add("first"));
        admit(1);
        dispatcher.whenSettled(slot, () -> told.add("second"));
        admit(1);
        settle(3); // the latest
        settle(1);
        assertThat(told).isEmpty();
        settle(0);
        assertThat(told).containsExactly("first");
        settle(0);
        assertThat(told).containsExactly("first", "second");
    }

    @Test
    void nothingInFlightIsToldAtOnce() {
        dispatcher.ready(slot, 0);
        dispatcher.whenSettled(slot, () -> told.add("now"));
        assertThat(told).containsExactly("now");
    }

    private PretendWaiter[] admit(int requests) {
        PretendWaiter[] waiters = new PretendWaiter[requests];
        for (int i = 0; i < requests; i++) {
            waiters[i] = new PretendWaiter();
            if (dispatcher.admit(waiters[i], 0, 0) instanceof Lease lease) {
                open.add(lease);
            }
        }
        return waiters;
    }

    private void settle(int position) {
        open.remove(position).settle(Outcome.ANSWERED, 5);
    }
}
