package terpan.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import terpan.config.Settings;

/** A share of the requests goes to workers that have to prove themselves, and costs nobody who waits anything. */
final class ProofTest {
    private static final int TENTH = 10;
    private static final long MS = 1_000_000;

    private final Dispatcher dispatcher = new Dispatcher(
            PretendSettings.of(Settings.Choice.LEAST_LOADED, Settings.Sticky.ADDRESS, 1_000), bound -> 0);
    private final Slot old = dispatcher.add(new SlotSpec("old", 100, 100, false));
    private final Slot fresh = dispatcher.add(new SlotSpec("fresh", 2, 2, false));

    @AfterEach
    void everyRuleHolds() {
        dispatcher.check();
    }

    private Admission admit(Waiter waiter) {
        return dispatcher.admit(waiter, 0, 0);
    }

    private void begin(int percent) {
        dispatcher.ready(old, 0);
        dispatcher.prove(percent, 0);
        dispatcher.prove(fresh, 0);
    }

    private void answer(Lease lease, int status, long now) {
        lease.told(status);
        lease.settle(Outcome.ANSWERED, now);
    }

    @Test
    void itsShareAndNoMoreGoesThere() {
        begin(TENTH);
        int there = 0;
        for (int i = 0; i < 1_000; i++) {
            Lease lease = (Lease) admit(new PretendWaiter());
            there += lease.slot() == fresh ? 1 : 0;
            answer(lease, 200, 0);
        }
        assertThat(there).isEqualTo(100);
        ProofCounts counts = dispatcher.proofCounts(0);
        assertThat(counts.fresh().requests()).isEqualTo(100);
        assertThat(counts.old().requests()).isEqualTo(900);
    }

    @Test
    void whatIsBusyProvingIsPassedBy() {
        begin(50);
        List<Lease> open = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            open.add((Lease) admit(new PretendWaiter()));
        }
        assertThat(open.stream().filter(lease -> lease.slot() == fresh)).hasSize(2);
        open.forEach(lease -> answer(lease, 200, 0));
    }

    @Test
    void thoseWhoWaitGoThereInTheirOrderAndOnlyAsFarAsItsShareSays() {
        begin(TENTH);
        List<Lease> open = new ArrayList<>();
        while (old.inFlight < 100 || fresh.inFlight < 2) {
            open.add((Lease) admit(new PretendWaiter()));
        }
        open.stream().filter(lease -> lease.slot() == fresh).toList().forEach(lease -> {
            open.remove(lease);
            answer(lease, 200, 0);
        });
        List<PretendWaiter> waiting = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            PretendWaiter waiter = new PretendWaiter();
            if (admit(waiter) instanceof Lease atOnce) {
                waiter.leases.add(atOnce);
            }
            waiting.add(waiter);
            waiting.stream()
                    .flatMap(each -> each.leases.stream())
                    .filter(lease -> !lease.released)
                    .toList()
                    .forEach(lease -> {
                        assertThat(lease.slot()).isSameAs(fresh);
                        answer(lease, 200, 0);
                    });
        }
        List<Boolean> granted =
                waiting.stream().map(waiter -> !waiter.leases.isEmpty()).toList();
        assertThat(granted.stream().filter(had -> had)).hasSizeBetween(3, 5);
        assertThat(granted.subList(0, 3)).as("who waits longest").containsOnly(true);
        open.forEach(lease -> answer(lease, 200, 0));
        waiting.stream().filter(waiter -> !waiter.lease().released).forEach(waiter -> answer(waiter.lease(), 200, 0));
    }

    @Test
    void whoeverHasProvenItselfIsOneOfThem() {
        begin(TENTH);
        dispatcher.endProof(true, 0);
        dispatcher.drain(old, () -> {});
        Lease lease = (Lease) admit(new PretendWaiter());
        assertThat(lease.slot()).isSameAs(fresh);
        answer(lease, 200, 0);
        dispatcher.prove(TENTH, 0); // the next one may
    }

    @Test
    void whatWasTakenBackGetsNothingMoreAndAnswersWhatItHas() {
        begin(100);
        Lease there = (Lease) admit(new PretendWaiter());
        assertThat(there.slot()).isSameAs(fresh);
        dispatcher.endProof(false, 0);
        Lease next = (Lease) admit(new PretendWaiter());
        assertThat(next.slot()).isSameAs(old);
        List<String> idle = new ArrayList<>();
        dispatcher.drain(fresh, () -> idle.add("idle"));
        assertThatThrownBy(() -> {
                    dispatcher.prove(TENTH, 0);
                    dispatcher.prove(TENTH, 0);
                })
                .isInstanceOf(IllegalStateException.class);
        answer(there, 500, 0);
        assertThat(idle).containsExactly("idle");
        answer(next, 200, 0);
    }

    @Test
    void whatMayNotBeAskedAgainGoesThereOnceSomeWereAnsweredWell() {
        begin(50);
        int there = 0;
        for (int i = 0; i < 100; i++) {
            PretendWaiter once = new PretendWaiter();
            once.mayAskAgain = false;
            Lease lease = (Lease) admit(once);
            assertThat(lease.proving()).isEqualTo(lease.slot() == fresh);
            there += lease.proving() ? 1 : 0;
            answer(lease, 200, 0);
        }
        assertThat(there).isZero();
        for (int i = 0; i < 50; i++) {
            answer((Lease) admit(new PretendWaiter()), 200, 0);
        }
        for (int i = 0; i < 100; i++) {
            PretendWaiter once = new PretendWaiter();
            once.mayAskAgain = false;
            Lease lease = (Lease) admit(once);
            there += lease.proving() ? 1 : 0;
            answer(lease, 200, 0);
        }
        assertThat(there).isBetween(45, 55);
    }

    @Test
    void whatFailsMoreOftenGetsNothingMoreAtOnce() {
        begin(TENTH);
        int failed = 0;
        for (int i = 0; i < 1_000; i++) {
            Lease lease = (Lease) admit(new PretendWaiter());
            failed += lease.slot() == fresh ? 1 : 0;
            answer(lease, lease.slot() == fresh ? 500 : 200, 0);
        }
        assertThat(failed).isBetween(3, 10);
        assertThat(dispatcher.proofCounts(0).failsMore()).isTrue();
        for (int i = 0; i < 1_000; i++) {
            answer((Lease) admit(new PretendWaiter()), 500, 0);
        }
        assertThat(dispatcher.proofCounts(0).failsMore())
                .as("what the others do since does not make it good")
                .isTrue();
    }

    @Test
    void whereNobodyElseIsLeftItServes() {
        begin(TENTH);
        PretendWaiter waits = new PretendWaiter();
        dispatcher.remove(old);
        for (int i = 0; i < 2; i++) {
            assertThat(((Lease) admit(new PretendWaiter())).slot()).isSameAs(fresh);
        }
        assertThat(admit(waits)).isEqualTo(Admission.Queued.QUEUED);
        dispatcher.remove(fresh);
    }

    @Test
    void whatHasNoAnswerYetCountsAsLongAsItHasTaken() {
        begin(50);
        List<Lease> open = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            open.add((Lease) admit(new PretendWaiter()));
        }
        open.stream().filter(lease -> lease.slot() == old).forEach(lease -> answer(lease, 200, 2 * MS));
        ProofCounts counts = dispatcher.proofCounts(900 * MS);
        assertThat(counts.fresh().requests()).isZero();
        assertThat(counts.fresh().begun()).isEqualTo(2);
        assertThat(counts.fresh().oldestOpen()).isEqualTo(900 * MS);
        assertThat(counts.fresh().p95()).isGreaterThanOrEqualTo(900 * MS);
        assertThat(counts.old().oldestOpen()).isZero();
        open.stream().filter(lease -> lease.slot() == fresh).forEach(lease -> answer(lease, 200, 900 * MS));
    }

    @Test
    void whatFailsMoreOftenIsWorseAndWhatFailsAlikeIsNot() {
        assertThat(counts(100, 0, 2, 3_000, 0, 2).failsMore()).isFalse();
        assertThat(counts(100, 2, 2, 3_000, 60, 2).failsMore()).isFalse();
        assertThat(counts(100, 20, 2, 3_000, 60, 2).failsMore()).isTrue();
        assertThat(counts(5, 5, 2, 100, 0, 2).failsMore()).isTrue();
        assertThat(counts(2, 2, 2, 100, 0, 2).failsMore()).as("two are too few").isFalse();
        assertThat(counts(100, 0, 2, 3_000, 3_000, 2).failsMore()).isFalse();
        assertThat(counts(100, 50, 2, 0, 0, 2).failsMore()).isTrue();
    }

    @Test
    void whatIsSlowerIsWorse() {
        assertThat(counts(200, 0, 30, 3_000, 0, 2).isSlower()).isTrue();
        assertThat(counts(200, 0, 2, 3_000, 0, 2).isSlower()).isFalse();
        assertThat(counts(200, 0, 12, 3_000, 0, 2).isSlower())
                .as("by not so much more than 10 ms")
                .isFalse();
        assertThat(counts(100, 0, 20, 0, 0, 2).isSlower())
                .as("nobody to compare with")
                .isFalse();
    }

    @Test
    void nineteenOfTwentyAreWithinWhatIsTold() {
        Tally tally = new Tally();
        assertThat(tally.p95()).isZero();
        for (int i = 1; i <= 100; i++) {
            tally.add(false, i * MS);
        }
        assertThat(tally.p95()).isBetween(95 * MS, 95 * MS * 9 / 8);
        assertThat(tally.over(50 * MS)).isBetween(44L, 50L);
        assertThat(tally.over(200 * MS)).isZero();
    }

    private static ProofCounts counts(
            int here, int failures, long millis, int there, int theirFailures, long theirMillis) {
        return new ProofCounts(tally(here, failures, millis), tally(there, theirFailures, theirMillis));
    }

    private static Tally tally(int requests, int failures, long millis) {
        Tally tally = new Tally();
        for (int i = 0; i < requests; i++) {
            tally.add(i < failures, millis * MS);
        }
        return tally;
    }
}
