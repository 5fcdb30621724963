package terpan.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import terpan.config.Settings;

/** Requests that have a worker of their own: they wait for it while it is there, and go elsewhere once it is not. */
final class StickyTest {
    private Dispatcher dispatcher = by(Settings.Sticky.COOKIE);

    private static Dispatcher by(Settings.Sticky sticky) {
        return new Dispatcher(PretendSettings.of(Settings.Choice.STICKY, sticky, 0), bound -> 0);
    }

    @AfterEach
    void everyRuleHolds() {
        dispatcher.check();
    }

    private Slot ready(String name, int capacity) {
        Slot slot = dispatcher.add(new SlotSpec(name, capacity, capacity, false));
        dispatcher.ready(slot, 0);
        return slot;
    }

    private PretendWaiter ask(long key) {
        PretendWaiter waiter = new PretendWaiter();
        waiter.stickyKey = key;
        if (dispatcher.admit(waiter, 0, 0) instanceof Lease lease) {
            waiter.granted(lease);
        }
        dispatcher.check();
        return waiter;
    }

    private Lease got(long key) {
        return ask(key).lease();
    }

    private void answer(Lease lease) {
        lease.settle(Outcome.ANSWERED, 0);
        dispatcher.check();
    }

    @Test
    void aClientHasItsWorkerByItsAddressAndKeepsItWhenOthersGo() {
        dispatcher = by(Settings.Sticky.ADDRESS);
        List<Slot> slots = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            slots.add(ready("w" + i, 1_000));
        }
        Map<Long, Slot> homes = new HashMap<>();
        for (long client = 1; client <= 400; client++) {
            homes.put(client, got(client).slot());
        }
        for (Slot slot : slots) {
            assertThat(homes.values().stream().filter(slot::equals).count())
                    .as("clients of " + slot.spec().name())
                    .isBetween(60L, 140L);
        }
        homes.forEach((client, slot) -> assertThat(got(client).slot()).isSameAs(slot));
        Slot gone = slots.removeFirst();
        dispatcher.drain(gone, () -> {});
        homes.forEach((client, slot) -> {
            Slot now = got(client).slot();
            assertThat(now).isNotSameAs(gone);
            if (slot != gone) {
                assertThat(now).isSameAs(slot);
            }
        });
    }

    @Test
    void oneWithoutAnAddressOrAWorkerGoesToTheLeastLoaded() {
        Slot one = ready("w1", 2);
        Slot two = ready("w2", 2);
        assertThat(List.of(got(0).slot(), got(0).slot(), got(0).slot(), got(0).slot()))
                .containsExactly(one, two, one, two);
    }

    @Test
    void aWorkerThatIsNotThereIsNotWaitedFor() {
        Slot one = ready("w1", 1);
        assertThat(got(Sticky.key("another")).slot()).isSameAs(one);
    }

    @Test
    void aRequestWaitsForItsWorkerWhileAnotherIsIdle() {
        Slot one = ready("w1", 1);
        Slot two = ready("w2", 1);
        Lease first = got(one.stickyKey());
        PretendWaiter waits = ask(one.stickyKey());
        assertThat(waits.leases).isEmpty();
        assertThat(got(two.stickyKey()).slot()).isSameAs(two);
        answer(first);
        assertThat(waits.lease().slot()).isSameAs(one);
    }

    @Test
    void thoseOfOneWorkerAndThoseOfAnyAreServedAsTheyCame() {
        Slot one = ready("w1", 1);
        Slot two = ready("w2", 1);
        Lease first = got(one.stickyKey());
        Lease other = got(two.stickyKey());
        PretendWaiter itsOwn = ask(one.stickyKey());
        PretendWaiter anyones = ask(0);
        PretendWaiter later = ask(one.stickyKey());
        answer(first);
        assertThat(itsOwn.lease().slot()).isSameAs(one);
        assertThat(anyones.leases).isEmpty();
        answer(itsOwn.lease());
        assertThat(anyones.lease().slot()).as("it came before the other one").isSameAs(one);
        answer(anyones.lease());
        assertThat(later.lease().slot()).isSameAs(one);
        answer(other);
    }

    @Test
    void onceItsWorkerIsDrainedOrGoneItGoesToAnyThatHasRoom() {
        for (boolean drained : new boolean[] {true, false}) {
            Slot one = ready("w1", 1);
            Slot two = ready("w2", 2);
            Lease held = got(one.stickyKey());
            PretendWaiter second = ask(one.stickyKey());
            PretendWaiter third = ask(one.stickyKey());
            PretendWaiter fourth = ask(one.stickyKey());
            if (drained) {
                dispatcher.drain(one, () -> {});
            } else {
                dispatcher.remove(one);
            }
            assertThat(second.lease().slot()).isSameAs(two);
            assertThat(third.lease().slot()).isSameAs(two);
            assertThat(fourth.leases).as("it waits for any now").isEmpty();
            answer(second.lease());
            assertThat(fourth.lease().slot()).isSameAs(two);
            answer(held);
            answer(third.lease());
            answer(fourth.lease());
            if (drained) {
                dispatcher.remove(one);
            }
            dispatcher.remove(two);
        }
    }

    @Test
    void thoseWhoWaitedForAWorkerThatIsGoneStandWhereTheyStood() {
        Slot one = ready("w1", 1);
        Slot two = ready("w2", 1);
        Lease first = got(one.stickyKey());
        Lease other = got(two.stickyKey());
        List<PretendWaiter> inOrder = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            inOrder.add(ask(i % 2 == 0 ? one.stickyKey() : 0));
        }
        dispatcher.remove(one);
        answer(first);
        for (PretendWaiter next : inOrder) {
            answer(other);
            other = next.lease();
            assertThat(other.slot()).isSameAs(two);
        }
        answer(other);
    }

    @Test
    void aWorkerThatIsLeftOutForAWhileLetsItsOwnGo() {
        Slot one = ready("w1", 1);
        Lease held = got(one.stickyKey());
        PretendWaiter waits = ask(one.stickyKey());
        dispatcher.resize(one, 0, 0);
        Slot two = ready("w2", 1);
        assertThat(waits.lease().slot()).isSameAs(two);
        answer(held);
        dispatcher.resize(one, 1, 0);
        assertThat(got(one.stickyKey()).slot()).as("and has them again").isSameAs(one);
    }

    @Test
    void whoWaitsForOneWorkerIsRefusedInTimeAndMayLeave() {
        Slot one = ready("w1", 1);
        got(one.stickyKey());
        PretendWaiter leaves = ask(one.stickyKey());
        PretendWaiter late = ask(one.stickyKey());
        assertThat(dispatcher.snapshot(PretendSettings.WAIT / 2).oldestWait()).isEqualTo(PretendSettings.WAIT / 2);
        assertThat(dispatcher.abandon(leaves)).isTrue();
        dispatcher.expire(PretendSettings.WAIT);
        assertThat(late.refusals).containsExactly(Admission.Rejected.WAIT_TOO_LONG);
        assertThat(dispatcher.snapshot().waiting()).isZero();
    }

    @Test
    void withoutHopeNobodyWaitsForAWorkerThatIsGone() {
        Slot one = ready("w1", 1);
        Lease held = got(one.stickyKey());
        PretendWaiter waits = ask(one.stickyKey());
        dispatcher.expectWorkers(false);
        dispatcher.remove(one);
        assertThat(waits.refusals).containsExactly(Admission.Rejected.NO_WORKER);
        answer(held);
    }

    @Test
    void aRequestThatComesBackWaitsForItsWorkerBeforeAllOthers() {
        Slot one = ready("w1", 1);
        ready("w2", 1);
        Lease lease = got(one.stickyKey());
        PretendWaiter waits = ask(one.stickyKey());
        PretendWaiter again = new PretendWaiter();
        again.stickyKey = one.stickyKey();
        assertThat(dispatcher.readmit(again, 0, 0)).isEqualTo(Admission.Queued.QUEUED);
        answer(lease);
        assertThat(again.lease().slot()).isSameAs(one);
        answer(again.lease());
        assertThat(waits.lease().slot()).isSameAs(one);
    }

    @Test
    void nothingWaitsInsideAWorker() {
        Slot one = dispatcher.add(new SlotSpec("w1", 1, 32, true));
        dispatcher.ready(one, 0);
        long now = 0;
        for (int i = 0; i < 500; i++) {
            Lease lease = got(one.stickyKey());
            now += 1_000;
            lease.settle(Outcome.ANSWERED, now, 1_000);
        }
        got(one.stickyKey());
        PretendWaiter body = PretendWaiter.withBodyComing();
        assertThat(dispatcher.admit(body, now, 0)).isEqualTo(Admission.Queued.QUEUED);
        assertThat(ask(one.stickyKey()).leases).isEmpty();
    }
}
