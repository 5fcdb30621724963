package terpan.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import terpan.config.Settings;

/** While Terpan pauses requests wait, and none of them loses by it. */
final class PauseTest {
    private static final long SECOND = 1_000_000_000;
    private static final Duration WAIT = Duration.ofSeconds(5);

    private final Dispatcher dispatcher = new Dispatcher(
            new Settings.Dispatch(
                    Settings.Choice.LEAST_LOADED, Settings.Sticky.ADDRESS, 2, WAIT, 1, Duration.ofMillis(1)),
            bound -> 0);
    private final Slot slot = dispatcher.add(new SlotSpec("w1", 1, 1, false));

    @AfterEach
    void everyRuleHolds() {
        dispatcher.check();
    }

    private Admission admit(Waiter waiter, long now) {
        return dispatcher.admit(waiter, now, 0);
    }

    @Test
    void requestsWaitThoughAWorkerIsFreeAndGoToItWhenThePauseIsOver() {
        dispatcher.ready(slot, 0);
        dispatcher.pause(0, 100 * SECOND);
        PretendWaiter first = new PretendWaiter();
        PretendWaiter second = new PretendWaiter();
        assertThat(admit(first, 0)).isEqualTo(Admission.Queued.QUEUED);
        assertThat(admit(second, 0)).isEqualTo(Admission.Queued.QUEUED);
        assertThat(admit(new PretendWaiter(), 0)).isEqualTo(Admission.Rejected.QUEUE_FULL);
        dispatcher.expire(60 * SECOND);
        assertThat(first.refusals).isEmpty();
        assertThat(dispatcher.paused()).isTrue();
        assertThat(dispatcher.resume(60 * SECOND)).isTrue();
        assertThat(dispatcher.resume(60 * SECOND)).isFalse();
        first.lease().settle(Outcome.ANSWERED, 63 * SECOND);
        second.lease().settle(Outcome.ANSWERED, 64 * SECOND);
    }

    @Test
    void whatWasWaitedThroughAPauseSaysNothingOfHowManyWorkersThereAre() {
        dispatcher.pause(0, 10 * SECOND);
        PretendWaiter waits = new PretendWaiter();
        admit(waits, 0);
        dispatcher.ready(slot, 0);
        dispatcher.resume(8 * SECOND);
        assertThat(dispatcher.snapshot(8 * SECOND).counts().waited()).isZero();
        PretendWaiter second = new PretendWaiter();
        admit(second, 9 * SECOND);
        waits.lease().settle(Outcome.ANSWERED, 11 * SECOND);
        assertThat(dispatcher.snapshot(11 * SECOND).counts().waited()).isEqualTo(2 * SECOND);
        second.lease().settle(Outcome.ANSWERED, 12 * SECOND);
    }

    @Test
    void whatWasWaitedThroughThePauseIsNotHeldAgainstAnybodyAndTheRestIs() {
        dispatcher.ready(slot, 0);
        Lease busy = (Lease) admit(new PretendWaiter(), 0);
        PretendWaiter waits = new PretendWaiter();
        admit(waits, 2 * SECOND);
        dispatcher.pause(3 * SECOND, 13 * SECOND);
        dispatcher.expire(13 * SECOND);
        assertThat(dispatcher.paused()).as("it ends by itself").isFalse();
        dispatcher.expire(16 * SECOND);
        assertThat(waits.refusals).isEmpty();
        assertThat(dispatcher.snapshot(16 * SECOND).oldestWait()).isEqualTo(3 * SECOND);
        dispatcher.expire(18 * SECOND);
        assertThat(waits.refusals).containsExactly(Admission.Rejected.WAIT_TOO_LONG);
        busy.settle(Outcome.ANSWERED, 19 * SECOND);
        dispatcher.expire(19 * SECOND);
    }

    @Test
    void aRequestThatComesBackWaitsTooAndAWorkerThatBecomesReadyGetsNothing() {
        dispatcher.ready(slot, 0);
        PretendWaiter waiter = new PretendWaiter();
        Lease lease = (Lease) admit(waiter, 0);
        dispatcher.pause(0, 100 * SECOND);
        lease.settle(Outcome.UNSENT, SECOND);
        assertThat(dispatcher.readmit(waiter, 0, 50 * SECOND)).isEqualTo(Admission.Queued.QUEUED);
        Slot other = dispatcher.add(new SlotSpec("w2", 1, 1, false));
        dispatcher.ready(other, 51 * SECOND);
        assertThat(waiter.leases).isEmpty();
        dispatcher.close();
        waiter.lease().settle(Outcome.ANSWERED, 53 * SECOND);
    }
}
