package terpan.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import terpan.config.AppTarget;
import terpan.config.Settings;

/** Rollouts against workers that exist in time alone: whatever happens when, somebody serves, and every order ends. */
final class RolloutTest {
    private static final int STEPS_MOST = 400;
    private static final Path ROOT = Path.of("/");

    /** Workers of one generation, to whom things happen. */
    private static final class PretendFleet implements Rollout.Fleet {
        private final int number;
        private final int workers;
        private int ready;
        private boolean admitted;
        private boolean retired;
        private boolean stopped;
        private boolean ended;
        private Optional<String> failure = Optional.empty();
        private boolean toProve;
        private boolean toKeep;
        private boolean kept;
        private boolean proves;
        private final CompletableFuture<Optional<String>> warm = new CompletableFuture<>();
        private final CompletableFuture<Proven> proof = new CompletableFuture<>();

        PretendFleet(int number, int workers) {
            this.number = number;
            this.workers = workers;
        }

        boolean serves() {
            return admitted && !kept && !retired && !stopped;
        }

        /** One thing that may happen to it now. */
        void happen(Random random) {
            if (ended) {
                return;
            }
            if (stopped || (retired && random.nextInt(10) == 0)) {
                ended = true;
            } else if (!admitted && ready < workers) {
                if (random.nextInt(40) == 0) {
                    failure = Optional.of("it does not import");
                } else {
                    ready++;
                }
            } else if (proves && !admitted && !retired && random.nextInt(3) == 0) {
                if (random.nextInt(4) == 0) {
                    failure = Optional.of("it ended while it proved itself");
                } else {
                    proof.complete(new Proven(random.nextInt(3) > 0, "figures"));
                }
            } else if (!admitted && random.nextInt(3) == 0) {
                warm.complete(random.nextInt(5) == 0 ? Optional.of("it answers with 500") : Optional.empty());
            }
        }

        @Override
        public String name() {
            return "generation " + number;
        }

        @Override
        public int workers() {
            return workers;
        }

        @Override
        public int ready() {
            return ready;
        }

        @Override
        public Optional<String> failure() {
            return failure;
        }

        @Override
        public CompletableFuture<Optional<String>> warm() {
            assertThat(ready).as("all are ready before they are warmed").isEqualTo(workers);
            return warm;
        }

        @Override
        public boolean isToProve() {
            return toProve;
        }

        @Override
        public CompletableFuture<Proven> prove() {
            assertThat(warm.join()).isEmpty();
            proves = true;
            return proof;
        }

        @Override
        public boolean hasServed() {
            return false;
        }

        @Override
        public boolean isToKeep() {
            return toKeep;
        }

        @Override
        public void park() {
            kept = true;
        }

        @Override
        public void admit() {
            assertThat(warm.join()).isEmpty();
            assertThat(!toProve || proof.join().well())
                    .as("it has proven itself")
                    .isTrue();
            admitted = true;
        }

        @Override
        public void retire() {
            retired = true;
        }

        @Override
        public void stopNow() {
            assertThat(proves && !admitted && !retired)
                    .as("it has requests of clients")
                    .isFalse();
            stopped = true;
        }

        @Override
        public boolean hasEnded() {
            return ended;
        }
    }

    private static class PretendFleets implements Rollout.Fleets {
        private final List<PretendFleet> all = new ArrayList<>();
        private PretendFleet serving = new PretendFleet(1, 2);

        PretendFleets() {
            serving.admitted = true;
            all.add(serving);
        }

        @Override
        public boolean isFull(Generation next) {
            return all.stream().filter(fleet -> !fleet.ended).count() > 3;
        }

        @Override
        public Rollout.Fleet serving() {
            return serving;
        }

        @Override
        public Rollout.Fleet begin(Generation next) {
            PretendFleet begun = new PretendFleet(next.number(), 1 + next.number() % 4);
            begun.toProve = next.number() % 2 == 0;
            begun.toKeep = next.number() % 3 == 0;
            all.add(begun);
            return begun;
        }

        @Override
        public void serves(Rollout.Fleet next) {
            all.stream().filter(fleet -> fleet.kept && !fleet.retired).forEach(PretendFleet::retire);
            serving = (PretendFleet) next;
        }

        @Override
        public void keep(Rollout.Fleet old) {
            assertThat(all.stream().filter(fleet -> fleet.kept && !fleet.retired))
                    .containsExactly((PretendFleet) old);
        }
    }

    private static final class Outcome implements Rollout.Observer {
        private int took;
        private int superseded;
        private int back;

        @Override
        public void tookOver() {
            took++;
        }

        @Override
        public void superseded() {
            superseded++;
        }

        @Override
        public void rolledBack(String why) {
            assertThat(why).isNotEmpty();
            back++;
        }
    }

    static Generation generation(int number) {
        return Generation.of(
                number,
                new Settings.Application(
                        "shop",
                        new AppTarget(ROOT, ROOT, "shop", Optional.empty(), Optional.empty(), false),
                        ROOT,
                        Optional.empty(),
                        Map.of(),
                        "",
                        Settings.Interface.AUTO,
                        Optional.empty(),
                        Optional.empty(),
                        false,
                        List.of(),
                        Optional.empty(),
                        Duration.ZERO,
                        false,
                        List.of()),
                List.of(),
                false);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void somebodyServesAtEveryMomentAndEveryOrderEndsWithOneOutcome(long seed) {
        Random random = new Random(seed);
        for (int run = 0; run < 300; run++) {
            PretendFleets fleets = new PretendFleets();
            List<Rollout> orders = new ArrayList<>();
            List<Outcome> outcomes = new ArrayList<>();
            int at = 0;
            int number = 1;
            for (int step = 0; step < STEPS_MOST; step++) {
                if (number < 6 && random.nextInt(15) == 0) {
                    orders.forEach(order -> order.giveWay("a newer order took its place"));
                    outcomes.add(new Outcome());
                    number++;
                    orders.add(new Rollout(generation(number), fleets, outcomes.getLast()));
                }
                fleets.all.get(random.nextInt(fleets.all.size())).happen(random);
                while (at < orders.size() && orders.get(at).advance()) {
                    at++;
                }
                assertThat(fleets.serving.serves())
                        .as("seed %d run %d step %d", seed, run, step)
                        .isTrue();
                assertThat(fleets.all.stream().filter(PretendFleet::serves)).hasSize(1);
            }
            for (int step = 0; at < orders.size() && step < STEPS_MOST; step++) {
                fleets.all.forEach(fleet -> fleet.happen(random));
                while (at < orders.size() && orders.get(at).advance()) {
                    at++;
                }
            }
            assertThat(at).as("seed %d run %d: orders that ended", seed, run).isEqualTo(orders.size());
            for (int i = 0; i < orders.size(); i++) {
                Outcome outcome = outcomes.get(i);
                Order.Progress progress = orders.get(i).progress();
                assertThat(outcome.took + outcome.back + outcome.superseded).isEqualTo(1);
                assertThat(progress.state()).isEqualTo(outcome.took == 1 ? Order.State.DONE : Order.State.FAILED);
                assertThat(progress.failure().isEmpty()).isEqualTo(outcome.took == 1);
            }
        }
    }

    @Test
    void aNewOneWaitsWhileTooManyDrain() {
        PretendFleets fleets = new PretendFleets();
        for (int number = 2; number <= 4; number++) {
            PretendFleet drains = new PretendFleet(number, 1);
            drains.admitted = true;
            drains.retired = true;
            fleets.all.add(drains);
        }
        Rollout rollout = new Rollout(generation(5), fleets, new Outcome());
        assertThat(rollout.advance()).isFalse();
        assertThat(rollout.phase()).isEqualTo(Rollout.Phase.WAITING);
        fleets.all.get(1).ended = true;
        assertThat(rollout.advance()).isFalse();
        assertThat(rollout.phase()).isEqualTo(Rollout.Phase.STARTING);
    }

    @Test
    void oneOfTheSameNumberThatDrainsIsWaitedFor() {
        List<Boolean> full = new ArrayList<>(List.of(true, false));
        PretendFleets fleets = new PretendFleets() {
            @Override
            public boolean isFull(Generation next) {
                return full.removeFirst();
            }
        };
        Rollout rollout = new Rollout(generation(1), fleets, new Outcome());
        assertThat(rollout.advance()).isFalse();
        assertThat(rollout.phase()).isEqualTo(Rollout.Phase.WAITING);
        assertThat(rollout.advance()).isFalse();
        assertThat(rollout.phase()).isEqualTo(Rollout.Phase.STARTING);
    }

    @Test
    void aStopEndsItWhereverItIs() {
        PretendFleets fleets = new PretendFleets();
        Outcome outcome = new Outcome();
        Rollout rollout = new Rollout(generation(2), fleets, outcome);
        rollout.advance();
        rollout.cancel("Terpan is stopping");
        assertThat(rollout.advance()).isTrue();
        assertThat(rollout.progress().failure()).isEqualTo("Terpan is stopping");
        assertThat(fleets.all.getLast().stopped).isTrue();
        assertThat(outcome.back).isEqualTo(1);
    }
}
