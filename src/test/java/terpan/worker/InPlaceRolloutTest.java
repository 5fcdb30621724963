package terpan.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Workers that are replaced in place, in time alone: never more of them than fit, and never less than one less. */
final class InPlaceRolloutTest {
    private static final int STEPS_MOST = 2_000;

    private static final class PretendMember implements InPlaceRollout.Member {
        private final String name;
        private final boolean tries;
        private boolean ready;
        private boolean admitted;
        private Optional<CompletableFuture<Optional<String>>> answers = Optional.empty();
        private boolean leaves;
        private boolean ended;

        PretendMember(String name, boolean tries) {
            this.name = name;
            this.tries = tries;
            this.admitted = !tries;
        }

        boolean serves() {
            return ready && admitted;
        }

        void happen(Random random) {
            if (leaves) {
                ready = false;
                ended = true;
            } else if (!ready && !ended) {
                boolean fails = tries && random.nextInt(12) == 0;
                ended = fails;
                ready = !fails;
            } else if (ready && !admitted && random.nextInt(12) == 0) {
                ready = false;
                ended = true;
            } else {
                answers.ifPresent(all -> all.complete(
                        random.nextInt(12) == 0 ? Optional.of(name + " answers badly") : Optional.empty()));
            }
        }

        @Override
        public CompletableFuture<Optional<String>> warm() {
            assertThat(ready && !admitted && answers.isEmpty()).isTrue();
            answers = Optional.of(new CompletableFuture<>());
            return answers.get();
        }

        @Override
        public void admit(String why) {
            assertThat(ready && answers.orElseThrow().join().isEmpty()).isTrue();
            admitted = true;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public boolean isReady() {
            return ready;
        }

        @Override
        public boolean isEnded() {
            return ended;
        }

        @Override
        public boolean hasFailed() {
            return ended;
        }

        @Override
        public String whyEnded() {
            return name + " does not import";
        }
    }

    private static final class PretendFleet implements InPlaceRollout.Fleet {
        private final String name;
        private final int workers;
        private final List<PretendMember> members = new ArrayList<>();
        private int started;
        private int retired;

        PretendFleet(String name, int workers) {
            this.name = name;
            this.workers = workers;
        }

        List<PretendMember> present() {
            return members.stream().filter(member -> !member.ended).toList();
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public int workers() {
            return workers;
        }

        @Override
        public Optional<PretendMember> startNext() {
            if (started == workers) {
                return Optional.empty();
            }
            started++;
            members.add(new PretendMember(name + "-" + started, true));
            return Optional.of(members.getLast());
        }

        @Override
        public Optional<PretendMember> retireNext() {
            Optional<PretendMember> last = members.reversed().stream()
                    .filter(member -> !member.leaves && !member.ended)
                    .findFirst();
            last.ifPresent(member -> member.leaves = true);
            retired += last.isPresent() ? 1 : 0;
            return last;
        }

        @Override
        public Optional<PretendMember> restoreNext() {
            if (retired == 0) {
                return Optional.empty();
            }
            retired--;
            members.add(new PretendMember(name + " again", false));
            return Optional.of(members.getLast());
        }

        @Override
        public int alive() {
            return present().size();
        }

        @Override
        public void ends() {}
    }

    private record TwoFleets(PretendFleet old, PretendFleet next) implements InPlaceRollout.Fleets {
        @Override
        public InPlaceRollout.Fleet serving() {
            return old;
        }

        @Override
        public InPlaceRollout.Fleet prepare(Generation generation) {
            return next;
        }

        @Override
        public void serves(InPlaceRollout.Fleet serving) {
            assertThat(serving).isSameAs(next);
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // counted in it
    private record Counted(int[] outcomes) implements Rollout.Observer {
        @Override
        public void tookOver() {
            outcomes[0]++;
        }

        @Override
        public void rolledBack(String why) {
            assertThat(why).containsPattern("does not import|answers badly");
            outcomes[1]++;
        }

        @Override
        public void superseded() {
            outcomes[2]++;
        }
    }

    @ParameterizedTest
    @CsvSource({"1, true", "2, false", "3, true", "4, false"})
    void thereAreNeverMoreThanFitNorFewerThanOneLessAndAfterAFailureAllAreAsBefore(long seed, boolean roomForOne) {
        Random random = new Random(seed);
        for (int run = 0; run < 300; run++) {
            int count = 1 + random.nextInt(5);
            PretendFleet old = new PretendFleet("old", count);
            for (int i = 0; i < count; i++) {
                PretendMember member = new PretendMember("old-" + i, false);
                member.ready = true;
                old.members.add(member);
            }
            PretendFleet next = new PretendFleet("next", count);
            int[] outcomes = new int[3];
            InPlaceRollout rollout = new InPlaceRollout(
                    RolloutTest.generation(2), roomForOne, new TwoFleets(old, next), new Counted(outcomes));
            boolean newer = random.nextInt(4) == 0;
            int steps = 0;
            while (!rollout.advance()) {
                steps++;
                assertThat(steps).isLessThan(STEPS_MOST);
                List<PretendMember> alive = new ArrayList<>(old.present());
                alive.addAll(next.present());
                assertThat(alive)
                        .as("seed %d run %d", seed, run)
                        .hasSizeLessThanOrEqualTo(roomForOne ? count + 1 : count);
                assertThat(alive.stream().filter(PretendMember::serves).count())
                        .isGreaterThanOrEqualTo(count - (roomForOne ? 1 : 2));
                List<PretendMember> all = new ArrayList<>(old.members);
                all.addAll(next.members);
                all.get(random.nextInt(all.size())).happen(random);
                if (newer && random.nextInt(20) == 0) {
                    rollout.giveWay("a newer order took its place");
                }
            }
            assertThat(outcomes[0] + outcomes[1] + outcomes[2]).isEqualTo(1);
            PretendFleet serves = outcomes[0] == 1 ? next : old;
            PretendFleet other = outcomes[0] == 1 ? old : next;
            assertThat(serves.present()).as("seed %d run %d", seed, run).hasSize(count);
            assertThat(serves.present()).allMatch(PretendMember::serves);
            assertThat(other.present()).isEmpty();
        }
    }
}
