package terpan.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import terpan.config.Settings;

final class SlotChoiceTest {
    private final List<Lease> leases = new ArrayList<>();
    private long turn;

    @Test
    void leastLoadedCountsInFlightInRelationToTheCapacityAndEqualsTakeTurns() {
        Dispatcher dispatcher = with(Settings.Choice.LEAST_LOADED, 1, 2);
        assertThat(names(dispatcher, 3)).containsExactly("w0", "w1", "w1");
        Dispatcher equals = with(Settings.Choice.LEAST_LOADED, 2, 2, 2);
        assertThat(names(equals, 6)).containsExactly("w0", "w1", "w2", "w0", "w1", "w2");
    }

    @Test
    void roundRobinPassesOverASlotWithoutRoom() {
        Dispatcher dispatcher = with(Settings.Choice.ROUND_ROBIN, 1, 3, 3);
        assertThat(names(dispatcher, 6)).containsExactly("w0", "w1", "w2", "w1", "w2", "w1");
    }

    @Test
    void firstFreeFillsTheFirstSlotBeforeTheNext() {
        Dispatcher dispatcher = with(Settings.Choice.FIRST_FREE, 2, 2);
        assertThat(names(dispatcher, 4)).containsExactly("w0", "w0", "w1", "w1");
    }

    @Test
    void randomTwoTakesTheLessLoadedOfTwo() {
        Dispatcher dispatcher = with(Settings.Choice.RANDOM_TWO, 8, 8, 8);
        assertThat(names(dispatcher, 4)).as("always the first two").containsExactly("w0", "w1", "w0", "w1");
    }

    @Test
    void randomTwoFindsTheOnlyFreeSlot() {
        Dispatcher dispatcher = with(Settings.Choice.RANDOM_TWO, 1, 1, 1);
        assertThat(names(dispatcher, 3)).containsExactlyInAnyOrder("w0", "w1", "w2");
    }

    @Test
    void requestsOfATurnGoToOneBatchingSlotOnceItsAnswersAreKnownToBeQuick() {
        Dispatcher dispatcher = batching(2);
        warm(dispatcher);
        turn = 1L << 40;
        List<String> first = namesOfOneTurn(dispatcher, 8);
        turn++;
        List<String> second = namesOfOneTurn(dispatcher, 8);
        assertThat(first.stream().distinct()).hasSize(1);
        assertThat(second.stream().distinct()).hasSize(1).doesNotContain(first.getFirst());
    }

    @Test
    void beforeThatASecondRequestOfTheTurnGoesToAnIdleSlot() {
        Dispatcher dispatcher = batching(2);
        assertThat(namesOfOneTurn(dispatcher, 2)).containsExactly("w0", "w1");
    }

    @Test
    void eachLoopHasItsOwnWorkerOfTheTurn() {
        Dispatcher dispatcher = batching(2);
        warm(dispatcher);
        turn = 1L << 40;
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            names.add(admit(dispatcher, turn));
            names.add(admit(dispatcher, 1L << 56 | turn));
        }
        assertThat(names.stream().distinct()).hasSize(2);
        for (int i = 2; i < names.size(); i++) {
            assertThat(names.get(i)).isEqualTo(names.get(i - 2));
        }
    }

    @Test
    void quickSlotsAtWorkShareTheRequestsOutEvenlyWhoeverIsALittleAhead() {
        Dispatcher dispatcher = batching(2);
        warm(dispatcher);
        turn = 1L << 40;
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 1_280; i++) {
            turn++;
            names.addAll(namesOfOneTurn(dispatcher, 2));
            while (leases.size() > 10) {
                leases.removeFirst().settle(Outcome.ANSWERED, 0, 1_000);
            }
        }
        long first = names.stream().filter("w0"::equals).count();
        assertThat(first).isBetween(1_280L - 2 * 64, 1_280L + 2 * 64);
    }

    @Test
    void aWorkerThatWorksOffSoonStaysTheOneOfTheNextTurnsUntilItHadItsShare() {
        Dispatcher dispatcher = batching(2);
        warm(dispatcher);
        turn = 1L << 40;
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 128; i++) {
            turn++;
            names.addAll(namesOfOneTurn(dispatcher, 1));
            leases.getLast().settle(Outcome.ANSWERED, 0, Pretend.QUICK);
        }
        assertThat(names.subList(0, 64).stream().distinct()).hasSize(1);
        assertThat(names.subList(64, 128).stream().distinct()).hasSize(1).doesNotContain(names.getFirst());
    }

    private static void warm(Dispatcher dispatcher) {
        long now = 0;
        for (int i = 0; i < 200; i++) {
            now = Pretend.round(dispatcher, 2, Pretend.QUICK, now);
        }
        for (int i = 0; i < 20; i++) {
            now = Pretend.round(dispatcher, 16, Pretend.QUICK, now);
        }
    }

    private List<String> names(Dispatcher dispatcher, int requests) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            names.add(admit(dispatcher, 0));
        }
        return names;
    }

    private List<String> namesOfOneTurn(Dispatcher dispatcher, int requests) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            names.add(admit(dispatcher, turn));
        }
        return names;
    }

    private String admit(Dispatcher dispatcher, long itsTurn) {
        PretendWaiter waiter = new PretendWaiter();
        Admission admission = dispatcher.admit(waiter, 0, itsTurn);
        assertThat(admission).isInstanceOf(Lease.class);
        leases.add((Lease) admission);
        return leases.getLast().slot().spec().name();
    }

    private static Dispatcher with(Settings.Choice choice, int... capacities) {
        Dispatcher dispatcher = new Dispatcher(PretendSettings.of(choice, 0), bound -> 0);
        for (int i = 0; i < capacities.length; i++) {
            dispatcher.ready(dispatcher.add(new SlotSpec("w" + i, capacities[i], capacities[i], false)), 0);
        }
        return dispatcher;
    }

    private static Dispatcher batching(int workers) {
        Dispatcher dispatcher = new Dispatcher(PretendSettings.defaults(), bound -> 0);
        for (int i = 0; i < workers; i++) {
            dispatcher.ready(dispatcher.add(new SlotSpec("w" + i, 1, 32, true)), 0);
        }
        return dispatcher;
    }
}
