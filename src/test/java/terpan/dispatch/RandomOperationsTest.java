package terpan.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import terpan.config.Settings;
import terpan.metrics.GroupMetrics;

/**
 * Random operations, with every rule looked at after every step. The seed is printed with a failure; a given one is used with
 * {@code -Dterpan.seed=N}.
 */
final class RandomOperationsTest {
    private static final int STEPS = 20_000;
    private static final int QUEUE = 40;

    @ParameterizedTest
    @EnumSource(Settings.Choice.class)
    void everyRuleHoldsAfterEveryStep(Settings.Choice choice) {
        everyRuleHolds(choice, Settings.Sticky.ADDRESS);
    }

    @Test
    void everyRuleHoldsWhereRequestsWantOneWorker() {
        everyRuleHolds(Settings.Choice.STICKY, Settings.Sticky.COOKIE);
    }

    private static void everyRuleHolds(Settings.Choice choice, Settings.Sticky sticky) {
        long seed = Long.getLong("terpan.seed", System.nanoTime());
        Run run = new Run(choice, sticky, seed);
        int step = 0;
        try {
            for (; step < STEPS; step++) {
                run.step();
                run.check();
            }
            run.end();
        } catch (RuntimeException | AssertionError failure) {
            throw new AssertionError(
                    choice + " by " + sticky + ", step " + step + ": again with -Dterpan.seed=" + seed, failure);
        }
    }

    private static final class Run {
        private final Random random;
        private final Dispatcher dispatcher;
        private final List<Slot> slots = new ArrayList<>();
        private final List<Lease> open = new ArrayList<>();
        private final Set<Lease> givenUp = new HashSet<>();
        private final List<RandomWaiter> waiting = new ArrayList<>();
        private long now;
        private long turn;
        private int heard;
        private int asked;
        private int named;
        private final boolean byWorker;
        private final boolean maySharePart;
        private boolean proves;
        /** Whoever asks now, and may be granted what it waits for before it is told that it waits. */
        private @Nullable RandomWaiter asking;

        Run(Settings.Choice choice, Settings.Sticky sticky, long seed) {
            random = new Random(seed);
            byWorker = sticky == Settings.Sticky.COOKIE;
            maySharePart = choice != Settings.Choice.STICKY;
            dispatcher = new Dispatcher(PretendSettings.of(choice, sticky, QUEUE), random::nextInt);
            now = random.nextLong();
        }

        void step() {
            if (random.nextInt(3) == 0) {
                now += random.nextInt(random.nextInt(50) == 0 ? 3_000_000 : 50_000);
                turn = (long) random.nextInt(2) << 56 | (now & 0xffffff);
                dispatcher.expire(now);
            }
            switch (random.nextInt(44)) {
                case 0 -> addSlot();
                case 1 -> endSlot();
                case 2 -> dispatcher.expectWorkers(random.nextInt(4) > 0);
                case 3 -> leave();
                case 4 -> takeBack();
                case 5 -> expireSome();
                case 6 -> resizeSlot();
                case 7 -> markSlot();
                case 8 -> giveUp();
                case 9 -> prove();
                default -> {
                    if (random.nextInt(2) == 0) {
                        ask();
                    } else {
                        answer(random.nextInt(20) == 0 ? Outcome.FAILED : Outcome.ANSWERED);
                    }
                }
            }
        }

        void check() {
            dispatcher.check();
            DispatchSnapshot snapshot = dispatcher.snapshot();
            assertThat(snapshot.inFlight()).as("in flight equals open leases").isEqualTo(open.size());
            assertThat(snapshot.waiting()).as("those who wait").isEqualTo(waiting.size());
            assertThat(heard + open.size() + waiting.size())
                    .as("nobody is lost")
                    .isEqualTo(asked);
            for (Lease lease : open) {
                assertThat(lease.slot().inFlight).isPositive();
            }
            givenUp.retainAll(open);
            for (Slot slot : slots) {
                long its =
                        givenUp.stream().filter(lease -> lease.slot() == slot).count();
                assertThat((long) slot.lost(now)).as("lost places").isEqualTo(Math.min(slot.capacity, its));
            }
            for (Hang hang : dispatcher.hung(now)) {
                assertThat(hang.slot().state).isEqualTo(Slot.State.READY);
                assertThat(hang.givenUp()).isGreaterThanOrEqualTo(hang.slot().capacity);
            }
        }

        /** Some prove themselves; or that ends, and where it did not go well they go. */
        private void prove() {
            if (!maySharePart) {
                return;
            }
            if (!proves) {
                dispatcher.prove(1 + random.nextInt(100), now);
                proves = true;
                return;
            }
            boolean well = random.nextBoolean();
            dispatcher.endProof(well, now);
            proves = false;
            List<Slot> proving = slots.stream().filter(slot -> slot.proving).toList();
            if (!well) {
                proving.forEach(dispatcher::remove);
                slots.removeAll(proving);
            }
        }

        private void giveUp() {
            if (!open.isEmpty()) {
                Lease lease = open.get(random.nextInt(open.size()));
                if (givenUp.add(lease)) {
                    dispatcher.giveUp(lease, now);
                }
            }
        }

        void end() {
            while (!open.isEmpty()) {
                answer(Outcome.ANSWERED);
            }
            dispatcher.expire(now + PretendSettings.WAIT);
            assertThat(waiting).as("nobody waits for ever").isEmpty();
            assertThat(dispatcher.snapshot().inFlight()).isZero();
        }

        private void addSlot() {
            if (slots.size() < 6) {
                int capacity = 1 + random.nextInt(3);
                boolean batching = random.nextBoolean();
                int most = batching ? 32 : capacity;
                Slot slot = dispatcher.add(new SlotSpec(
                        "w" + named++,
                        new GroupMetrics("", 1),
                        1 + random.nextInt(3),
                        capacity,
                        most,
                        batching,
                        1 + random.nextInt(12),
                        PretendSettings.WAIT,
                        false));
                slots.add(slot);
                if (proves && random.nextBoolean()) {
                    dispatcher.prove(slot, now);
                } else if (random.nextInt(5) > 0) {
                    dispatcher.ready(slot, now);
                }
            }
        }

        private void endSlot() {
            if (slots.isEmpty()) {
                return;
            }
            Slot slot = slots.get(random.nextInt(slots.size()));
            switch (random.nextInt(4)) {
                case 0 -> {
                    free(slot);
                    dispatcher.drain(slot, () -> assertThat(slot.inFlight).isZero());
                }
                case 1 -> {
                    free(slot);
                    dispatcher.remove(slot);
                    slots.remove(slot);
                }
                default -> {
                    if (slot.state == Slot.State.STARTING) {
                        dispatcher.ready(slot, now);
                    }
                }
            }
        }

        /** Like workers behind one socket that come and go. */
        private void resizeSlot() {
            slots.stream()
                    .filter(slot -> slot.state == Slot.State.READY || slot.state == Slot.State.STARTING)
                    .skip(random.nextInt(2))
                    .findFirst()
                    .ifPresent(slot -> {
                        int capacity = random.nextInt(4);
                        if (capacity == 0) {
                            free(slot);
                        }
                        dispatcher.resize(slot, capacity, now);
                    });
        }

        private void markSlot() {
            if (!slots.isEmpty()) {
                Slot slot = slots.get(random.nextInt(slots.size()));
                List<Lease> present =
                        open.stream().filter(lease -> lease.slot() == slot).toList();
                dispatcher.whenSettled(
                        slot, () -> assertThat(present).as("what was open").noneMatch(open::contains));
            }
        }

        private void ask() {
            asked++;
            RandomWaiter waiter = new RandomWaiter(this, random.nextInt(10) > 0, random.nextInt(4));
            choose(waiter);
            asking = waiter;
            Admission admission = dispatcher.admit(waiter, now, turn);
            if (asking != null) {
                take(waiter, admission);
            }
            asking = null;
        }

        /** What it wants: a worker that is there or not, or whichever is a client's. */
        private void choose(RandomWaiter waiter) {
            waiter.stickyKey = random.nextInt(3);
            if (byWorker && !slots.isEmpty() && waiter.stickyKey > 0) {
                Slot wanted = slots.get(random.nextInt(slots.size()));
                waiter.stickyKey = wanted.stickyKey;
                waiter.home = wanted.state == Slot.State.READY ? wanted : null;
            }
        }

        /** Those that waited for a slot alone may go to any once it takes nothing more. */
        private void free(Slot slot) {
            waiting.stream().filter(waiter -> waiter.home == slot).forEach(waiter -> waiter.home = null);
        }

        private void take(RandomWaiter waiter, Admission admission) {
            switch (admission) {
                case Lease lease -> {
                    waiter.assertAtHome(lease);
                    assertThat(lease.slot().inFlight)
                            .isLessThanOrEqualTo(lease.slot().window.size());
                    open.add(lease);
                }
                case Admission.Queued _ -> waiting.add(waiter);
                case Admission.Rejected reason -> {
                    assertThat(reason == Admission.Rejected.QUEUE_FULL ? waiting.size() : QUEUE)
                            .isGreaterThanOrEqualTo(QUEUE);
                    heard++;
                }
            }
        }

        private void answer(Outcome outcome) {
            if (!open.isEmpty()) {
                heard++;
                open.remove(random.nextInt(open.size())).settle(outcome, now);
            }
        }

        private void takeBack() {
            if (!open.isEmpty()) {
                open.remove(random.nextInt(open.size())).settle(Outcome.RETURNED, now);
                RandomWaiter waiter = new RandomWaiter(this, true, random.nextInt(4));
                choose(waiter);
                take(waiter, dispatcher.readmit(waiter, now - random.nextInt(1_000_000), now));
            }
        }

        private void leave() {
            if (!waiting.isEmpty()) {
                RandomWaiter waiter = waiting.remove(random.nextInt(waiting.size()));
                assertThat(dispatcher.abandon(waiter)).isTrue();
                heard++;
            }
        }

        private void expireSome() {
            if (random.nextInt(10) == 0) {
                now += PretendSettings.WAIT / 2;
                dispatcher.expire(now);
            }
        }
    }

    private static final class RandomWaiter implements Waiter {
        private final Run run;
        private final boolean bodyRepeatable;
        private final int route;
        private long stickyKey;

        /** The slot that it waits for alone. */
        private @Nullable Slot home;

        void assertAtHome(Lease lease) {
            if (home != null) {
                assertThat(lease.slot()).as("the slot that it wants").isSameAs(home);
            }
        }

        RandomWaiter(Run run, boolean bodyRepeatable, int route) {
            this.run = run;
            this.bodyRepeatable = bodyRepeatable;
            this.route = route;
        }

        @Override
        public void granted(Lease lease) {
            if (run.asking == this) {
                run.asking = null;
            } else {
                assertThat(run.waiting.remove(this)).isTrue();
            }
            assertAtHome(lease);
            run.open.add(lease);
        }

        @Override
        public void rejected(Admission.Rejected reason) {
            assertThat(run.waiting.remove(this)).isTrue();
            run.heard++;
        }

        @Override
        public boolean bodyRepeatable() {
            return bodyRepeatable;
        }

        @Override
        public int route() {
            return route;
        }

        @Override
        public long stickyKey() {
            return stickyKey;
        }
    }
}
