package terpan.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import terpan.dispatch.Admission;
import terpan.dispatch.DispatchSnapshot;
import terpan.sampler.ProcessorTime;
import terpan.worker.AutoScale;
import terpan.worker.WorkerSnapshot;
import terpan.worker.WorkerState;

/** Two looks at a load, and what workers are scaled by. */
final class SeenLoadTest {
    private static final long SECOND = 1_000_000_000L;
    private static final Offset<Double> EXACT = within(1e-9);
    private static final ProcessorTime NOTHING = new ProcessorTime(0, 0);

    private static WorkerSnapshot worker(String name, long pid) {
        return new WorkerSnapshot(
                name,
                name.substring(0, name.length() - 2),
                pid,
                WorkerState.READY,
                "",
                0,
                Instant.EPOCH,
                1,
                "",
                "",
                "");
    }

    private static DispatchSnapshot.SlotSnapshot slot(String name, String group, int capacity, long busy) {
        return new DispatchSnapshot.SlotSnapshot(name, group, "ready", capacity, capacity, 0, 0, 0, 0, busy);
    }

    private static SeenLoad seen(
            long now,
            int waiting,
            long granted,
            long waited,
            long refused,
            List<DispatchSnapshot.SlotSnapshot> slots,
            Map<Long, ProcessorTime> times,
            Map<String, Long> busy) {
        DispatchSnapshot.Counts counts = new DispatchSnapshot.Counts(
                granted, 0, 0, 0, 0, waited, Map.of(Admission.Rejected.QUEUE_FULL, refused), Map.of());
        DispatchSnapshot dispatch =
                new DispatchSnapshot(waiting, 0, slots, 1_000, waiting == 0 ? 0 : SECOND / 2, counts);
        // No such processes: their memory is not known.
        List<WorkerSnapshot> ready = List.of(worker("web-1", 0), worker("web-2", 0), worker("old-1", 0));
        return new SeenLoad(now, dispatch, ready, times, busy, 0.5, OptionalLong.of(1_000));
    }

    @Test
    void workersAreBusyByTheirPlacesInTheMeanOfTheSpan() {
        List<DispatchSnapshot.SlotSnapshot> slots =
                List.of(slot("web-1", "web", 4, 0), slot("web-2", "web", 4, 0), slot("old-1", "old", 1, 0));
        SeenLoad earlier = seen(
                SECOND, 0, 100, 0, 0, slots, Map.of(), Map.of("web-1", 7 * SECOND, "web-2", 5 * SECOND, "old-1", 0L));
        SeenLoad now = seen(
                3 * SECOND,
                0,
                140,
                0,
                0,
                slots,
                Map.of(),
                Map.of("web-1", 13 * SECOND, "web-2", 3 * SECOND, "old-1", SECOND));
        AutoScale.Reading web = now.reading("web", 3, earlier, false, 0, false);
        assertThat(web.load())
                .as("3 places of 8 that two workers have; the slot of one is another's than before")
                .isCloseTo(0.75, EXACT);
        assertThat(web.present()).isEqualTo(3);
        assertThat(web.ready()).isEqualTo(2);
        assertThat(web.rise()).isCloseTo(1, EXACT);
        assertThat(web.waited()).isZero();
        assertThat(now.reading("old", 1, earlier, false, 0, false).load()).isCloseTo(0.5, EXACT);
    }

    @Test
    void whatComesIsWhatWasTakenOnWhatWaitsMoreAndWhatWasRefused() {
        List<DispatchSnapshot.SlotSnapshot> slots = List.of(slot("web-1", "web", 1, 0));
        SeenLoad earlier = seen(SECOND, 10, 100, 0, 5, slots, Map.of(), Map.of());
        SeenLoad now = seen(2 * SECOND, 20, 140, 10 * SECOND, 15, slots, Map.of(), Map.of("web-1", SECOND));
        AutoScale.Reading reading = now.reading("web", 2, earlier, false, 400, false);
        assertThat(reading.rise()).isCloseTo(60.0 / 40, EXACT);
        assertThat(reading.waited())
                .as("40 waited ten seconds together, 20 wait for up to half a second")
                .isEqualTo((10 * SECOND + 5 * SECOND) / 60);
        assertThat(reading.free()).hasValue(600);
        assertThat(reading.size()).isEmpty();
        assertThat(now.reading("web", 2, earlier, true, 4_000, false).waited())
                .as("each for a worker of its own")
                .isZero();
        assertThat(now.reading("web", 2, earlier, true, 4_000, false).free()).hasValue(0);
    }

    @Test
    void oneInterpreterIsBusyByItsProcessorTimeHoweverManyPlacesAreLeft() {
        DispatchSnapshot.SlotSnapshot wide = slot("web-1", "web", 1_000, 0);
        SeenLoad earlier = new SeenLoad(
                0,
                seen(0, 0, 0, 0, 0, List.of(wide), Map.of(), Map.of()).dispatch(),
                List.of(worker("web-1", 11), worker("web-2", 12)),
                Map.of(11L, NOTHING, 12L, NOTHING),
                Map.of(),
                0.5,
                OptionalLong.empty());
        SeenLoad now = new SeenLoad(
                2 * SECOND,
                earlier.dispatch(),
                List.of(worker("web-1", 11), worker("web-2", 12), worker("web-3", 13)),
                Map.of(
                        11L, new ProcessorTime(5, 1),
                        12L, new ProcessorTime(0.5, 1.1),
                        13L, new ProcessorTime(9, 9)),
                Map.of("web-1", 2 * SECOND),
                0.5,
                OptionalLong.empty());
        AutoScale.Reading reading = now.reading("web", 3, earlier, false, 0, false);
        assertThat(reading.load())
                .as("the third is not known yet; threads of the first use more than one processor")
                .isCloseTo(1.25, EXACT);
        assertThat(reading.bound()).isCloseTo(1, EXACT);
    }
}
