package terpan.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import terpan.attached.AttachedSnapshot;
import terpan.attached.AttachedState;
import terpan.config.Settings;
import terpan.dispatch.Admission;
import terpan.dispatch.Dispatcher;
import terpan.dispatch.Lease;
import terpan.dispatch.Outcome;
import terpan.dispatch.PretendWaiter;
import terpan.dispatch.Slot;
import terpan.dispatch.SlotSpec;
import terpan.metrics.Metrics;
import terpan.picture.Picture;
import terpan.pool.Group;
import terpan.pool.Groups;
import terpan.spool.SpoolSpace;
import terpan.worker.WorkerSnapshot;
import terpan.worker.WorkerState;

/** What a picture says of workers, groups and queue, from a real dispatcher and from what supervisor and watch would say. */
final class PicturesTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final long MILLISECOND = 1_000_000;
    private static final int PICTURES = 300;

    @TempDir
    private Path files;

    private final Metrics metrics = new Metrics(1);
    private final Groups groups = new Groups(metrics);
    private final Dispatcher dispatcher = new Dispatcher(
            new Settings.Dispatch(
                    Settings.Choice.LEAST_LOADED,
                    Settings.Sticky.ADDRESS,
                    100,
                    Duration.ofSeconds(30),
                    32,
                    Duration.ofMillis(1)),
            bound -> 0);
    private final List<WorkerSnapshot> ours = new ArrayList<>();
    private final List<AttachedSnapshot> attached = new ArrayList<>();
    private SpoolSpace spool;
    private Pictures pictures;

    @BeforeEach
    void begin() throws IOException {
        spool = new SpoolSpace(SpoolSpace.Place.of(new Settings.Spool(files, 1_000, 20_000, Long.MAX_VALUE)), 1);
        pictures = new Pictures(
                new Pictures.Constants("0.1.0", 42, NOW),
                new Life(),
                dispatcher,
                groups,
                metrics,
                spool,
                () -> ours,
                () -> attached,
                group -> Optional.empty(),
                () -> 5 * MILLISECOND,
                InstantSource.fixed(NOW.plusSeconds(60)));
    }

    @AfterEach
    void end() {
        spool.close();
    }

    private Group group(String name, Settings.SocketMode socket) {
        Duration time = Duration.ofSeconds(1);
        groups.open(
                1,
                List.of(new Settings.WorkerGroup(
                        name,
                        new Settings.Server("waitress", Map.of()),
                        new Settings.Workers(
                                1,
                                1,
                                time,
                                time,
                                time,
                                Duration.ZERO,
                                time,
                                time,
                                Optional.empty(),
                                false,
                                Settings.Recycling.NEVER,
                                Optional.empty()),
                        3,
                        socket)));
        return groups.get(name);
    }

    private Slot slot(String name, Group group, int capacity) {
        Slot slot =
                dispatcher.add(new SlotSpec(name, group.counters(), 1, capacity, capacity, false, SlotSpec.BUSY_WITH));
        dispatcher.ready(slot, 0);
        return slot;
    }

    private Admission ask() {
        return dispatcher.admit(new PretendWaiter(), 0, 0);
    }

    private static WorkerSnapshot worker(String name, String group, WorkerState state, int restarts) {
        return new WorkerSnapshot(name, group, 0, state, "why", restarts, NOW, 1, "3.13", "waitress", "");
    }

    @Test
    void aWorkerHasTheFiguresOfItsSlotAndItsGroupTheSums() {
        Group web = group("web", Settings.SocketMode.PRIVATE);
        slot("web-1", web, 2);
        slot("web-2", web, 2);
        ours.add(worker("web-1", "web", WorkerState.READY, 1));
        ours.add(worker("web-2", "web", WorkerState.READY, 2));
        ours.add(worker("web-3", "web", WorkerState.STARTING, 0));
        Lease first = (Lease) ask();
        ask();
        ask();
        first.settle(Outcome.ANSWERED, 3 * MILLISECOND);
        metrics.loop(0).requestSettled(200, 9, 0, 3_000_000, -1, web.counters().loop(0));
        Picture picture = pictures.get();
        assertThat(picture.workers())
                .extracting(
                        Picture.Worker::name, Picture.Worker::state, Picture.Worker::inFlight, Picture.Worker::settled)
                .containsExactly(
                        tuple("web-1", "ready", OptionalLong.of(1), OptionalLong.of(1)),
                        tuple("web-2", "ready", OptionalLong.of(1), OptionalLong.of(0)),
                        tuple("web-3", "starting", OptionalLong.of(0), OptionalLong.of(0)));
        Picture.Group sums = picture.groups().getFirst();
        assertThat(sums)
                .isEqualTo(new Picture.Group(
                        "web",
                        Optional.of("waitress"),
                        "private",
                        3,
                        3,
                        2,
                        2,
                        0,
                        4,
                        1,
                        OptionalDouble.of(0.003),
                        0,
                        3,
                        Optional.empty()));
        assertThat(picture.inFlight()).isEqualTo(2);
        assertThat(picture.requests().success()).isEqualTo(1);
        assertThat(picture.uptime()).isEqualTo(Duration.ofMinutes(1));
        assertThat(picture.buffers()).isEqualTo(new Picture.Buffers(7, 1_000));
        assertThat(picture.dropped()).isEqualTo(new Picture.Dropped(1, 2));
    }

    @Test
    void whileOneProcessTakesAnothersPlaceEachHasItsOwnSlot() {
        Group web = group("web", Settings.SocketMode.PRIVATE);
        Slot old = slot("web-1", web, 1);
        ask();
        dispatcher.drain(old, () -> {});
        slot("web-1", web, 1);
        ours.add(worker("web-1", "web", WorkerState.DRAINING, 0));
        ours.add(worker("web-1", "web", WorkerState.READY, 0));
        Picture picture = pictures.get();
        assertThat(picture.workers())
                .extracting(Picture.Worker::state, Picture.Worker::inFlight)
                .containsExactly(tuple("draining", OptionalLong.of(1)), tuple("ready", OptionalLong.of(0)));
        assertThat(picture.slots()).containsExactly(new Picture.Slot("web", "web-1", 1, 0, 2, 0));
    }

    @Test
    void whatWorkersOfOneSocketHoldIsToldOfTheirGroup() {
        Group web = group("web", Settings.SocketMode.SHARED);
        slot("web", web, 4);
        ours.add(worker("web-1", "web", WorkerState.READY, 0));
        ask();
        Picture picture = pictures.get();
        assertThat(picture.workers().getFirst().inFlight()).isEmpty();
        assertThat(picture.groups().getFirst().inFlight()).isEqualTo(1);
        assertThat(picture.groups().getFirst().capacity()).isEqualTo(4);
    }

    @Test
    void anAttachedWorkerIsToldWithItsNextProbe() {
        attached.add(new AttachedSnapshot(
                "unix:/run/app",
                "attached",
                AttachedState.EJECTED,
                "no such file",
                NOW,
                Optional.of(NOW.plusSeconds(5))));
        Picture.Worker worker = pictures.get().workers().getFirst();
        assertThat(worker.state()).isEqualTo("ejected");
        assertThat(worker.pid()).isEmpty();
        assertThat(worker.inFlight()).hasValue(0);
        assertThat(worker.nextProbe()).contains(NOW.plusSeconds(5));
    }

    @Test
    void theQueueAndTheServiceTimeAreThoseOfTheMoment() {
        slot("web-1", group("web", Settings.SocketMode.PRIVATE), 1);
        ours.add(worker("web-1", "web", WorkerState.READY, 0));
        for (int i = 1; i <= 5; i++) {
            ((Lease) ask()).settle(Outcome.ANSWERED, i * MILLISECOND, (6 - i) * MILLISECOND);
        }
        ask();
        ask();
        Picture picture = pictures.get();
        assertThat(picture.queueLength()).isEqualTo(1);
        assertThat(picture.queueBound()).isEqualTo(100);
        assertThat(picture.workers().getFirst().serviceSeconds())
                .as("three quarters of 5, 4, 3 and 2 ms; the last one is still a batch that may grow")
                .hasValue(0.004);
    }

    /** Whatever goes on meanwhile: the sums are those of one moment. */
    @Test
    void underTheLocksPressureEachPictureIsOfOneMoment() throws InterruptedException {
        Group web = group("web", Settings.SocketMode.PRIVATE);
        for (int i = 1; i <= 8; i++) {
            slot("web-" + i, web, 2);
            ours.add(worker("web-" + i, "web", WorkerState.READY, 0));
        }
        AtomicBoolean enough = new AtomicBoolean();
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            clients.add(Thread.ofPlatform().start(() -> {
                List<Lease> held = new ArrayList<>();
                while (!enough.get()) {
                    while (held.size() < 4) {
                        held.add((Lease) ask());
                    }
                    held.forEach(lease -> lease.settle(Outcome.ANSWERED, 0));
                    held.clear();
                }
            }));
        }
        try {
            for (int i = 0; i < PICTURES; i++) {
                Picture picture = pictures.get();
                long onSlots = picture.slots().stream()
                        .mapToLong(Picture.Slot::inFlight)
                        .sum();
                long onWorkers = picture.workers().stream()
                        .mapToLong(worker -> worker.inFlight().orElseThrow())
                        .sum();
                assertThat(picture.inFlight()).isBetween(0, 16);
                assertThat(onSlots).isEqualTo(picture.inFlight());
                assertThat(onWorkers).isEqualTo(picture.inFlight());
                assertThat(picture.groups().getFirst().inFlight()).isEqualTo(picture.inFlight());
            }
        } finally {
            enough.set(true);
            for (Thread client : clients) {
                client.join();
            }
        }
        Picture last = pictures.get();
        assertThat(last.inFlight()).isZero();
        assertThat(last.slots().stream().mapToLong(Picture.Slot::settled).sum())
                .isEqualTo(dispatcher.snapshot().counts().granted());
    }

    /** A process that serves one application. */
    private static final class Life implements Pictures.Life {
        @Override
        public String state() {
            return "serving";
        }

        @Override
        public List<String> binds() {
            return List.of("127.0.0.1:8000");
        }

        @Override
        public Optional<String> application() {
            return Optional.of("shop");
        }

        @Override
        public int generation() {
            return 3;
        }

        @Override
        public Optional<Picture.Reload> reload() {
            return Optional.empty();
        }

        @Override
        public int connectionsMost() {
            return 99;
        }

        @Override
        public Picture.Buffers buffers() {
            return new Picture.Buffers(7, 1_000);
        }

        @Override
        public Optional<String> tlsEngine() {
            return Optional.empty();
        }

        @Override
        public Picture.Issuance issuance() {
            return Picture.Issuance.NONE;
        }

        @Override
        public List<Picture.Certificate> certificates() {
            return List.of();
        }

        @Override
        public Picture.Dropped dropped() {
            return new Picture.Dropped(1, 2);
        }
    }
}
