package terpan.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import terpan.config.Settings;
import terpan.metrics.GroupMetrics;

/** Slots whose weights differ. */
final class WeightTest {
    private final Dispatcher dispatcher = new Dispatcher(PretendSettings.defaults(), bound -> 0);
    private final Map<String, Integer> granted = new HashMap<>();

    @Test
    void oneRequestAfterTheOtherIsSharedOutByWeight() {
        slot("heavy", 3, 1);
        slot("light", 1, 1);
        oneAfterTheOther(400);
        assertThat(granted).containsEntry("heavy", 300).containsEntry("light", 100);
    }

    @Test
    void severalInFlightAreSharedOutByWeightAndCapacity() {
        slot("heavy", 3, 8);
        slot("light", 1, 8);
        assertThat(names(8).stream().filter("heavy"::equals)).hasSize(6);
    }

    @Test
    void aLightSlotIsUsedBeforeAHeavyOneIsFull() {
        slot("heavy", 100, 2);
        slot("light", 1, 2);
        assertThat(names(2)).containsExactlyInAnyOrder("heavy", "light");
    }

    @Test
    void nobodyWaitsWhileALightSlotHasRoom() {
        slot("heavy", 100, 1);
        slot("light", 1, 3);
        assertThat(names(4)).hasSize(4);
    }

    @Test
    void equalWeightsOtherThanOneChangeNothing() {
        slot("w0", 7, 1);
        slot("w1", 7, 1);
        oneAfterTheOther(4);
        assertThat(granted).containsEntry("w0", 2).containsEntry("w1", 2);
    }

    @Test
    void aSlotThatComesLaterDoesNotMakeUpForWhatItMissed() {
        slot("heavy", 3, 1);
        oneAfterTheOther(1_000);
        granted.clear();
        slot("light", 1, 1);
        oneAfterTheOther(8);
        assertThat(granted).containsEntry("heavy", 6).containsEntry("light", 2);
    }

    @Test
    void quickBuiltInWorkersTakeTurnsByWeight() {
        Slot heavy = dispatcher.add(new SlotSpec("heavy", new GroupMetrics("", 1), 3, 1, 32, true, SlotSpec.BUSY_WITH));
        Slot light = dispatcher.add(new SlotSpec("light", new GroupMetrics("", 1), 1, 1, 32, true, SlotSpec.BUSY_WITH));
        dispatcher.ready(heavy, 0);
        long now = Pretend.deepen(dispatcher, heavy, 0);
        dispatcher.ready(light, now);
        for (int round = 0; round < 40; round++) {
            now = Pretend.round(dispatcher, 1, Pretend.QUICK, now + 1);
        }
        long lightBefore = light.settled;
        long heavyBefore = heavy.settled;
        for (int round = 0; round < 50 * (64 + 192); round++) {
            now = Pretend.round(dispatcher, 1, Pretend.QUICK, now + 1);
        }
        assertThat((double) (heavy.settled - heavyBefore) / (light.settled - lightBefore))
                .isBetween(2.9, 3.1);
    }

    @Test
    void theLessLoadedOfTwoIsFoundByWeightToo() {
        Dispatcher two = new Dispatcher(PretendSettings.of(Settings.Choice.RANDOM_TWO, 0), bound -> 0);
        two.ready(two.add(new SlotSpec("heavy", new GroupMetrics("", 1), 3, 8, 8, false, SlotSpec.BUSY_WITH)), 0);
        two.ready(two.add(new SlotSpec("light", new GroupMetrics("", 1), 1, 8, 8, false, SlotSpec.BUSY_WITH)), 0);
        int heavy = 0;
        for (int i = 0; i < 8; i++) {
            if (two.admit(new PretendWaiter(), 0, 0) instanceof Lease lease) {
                heavy += lease.slot().spec().name().equals("heavy") ? 1 : 0;
            }
        }
        assertThat(heavy).isEqualTo(6);
    }

    private void slot(String name, int weight, int capacity) {
        dispatcher.ready(
                dispatcher.add(new SlotSpec(
                        name, new GroupMetrics("", 1), weight, capacity, capacity, false, SlotSpec.BUSY_WITH)),
                0);
    }

    private void oneAfterTheOther(int requests) {
        for (int i = 0; i < requests; i++) {
            if (dispatcher.admit(new PretendWaiter(), i, i) instanceof Lease lease) {
                granted.merge(lease.slot().spec().name(), 1, Integer::sum);
                lease.settle(Outcome.ANSWERED, i);
            }
        }
    }

    private List<String> names(int requests) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            if (dispatcher.admit(new PretendWaiter(), 0, 0) instanceof Lease lease) {
                names.add(lease.slot().spec().name());
            }
        }
        return names;
    }
}
