package terpan.daemon;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.config.Settings;
import terpan.dispatch.DispatchSnapshot;
import terpan.examine.BusyProcessors;
import terpan.picture.Picture;
import terpan.worker.AutoScale;
import terpan.worker.Census;
import terpan.worker.Order;
import terpan.worker.Scale;
import terpan.worker.Supervisor;
import terpan.worker.WorkerState;

/**
 * Has the groups of a range have as many workers as the load asks for: reads it once a second for an {@link AutoScale} of each, and orders what
 * that says. While another number or generation is ordered, or clients are kept away, it rests. Looks on a thread that may wait; thread-safe.
 */
final class Scaler {
    private static final Logger LOG = LoggerFactory.getLogger(Scaler.class);

    /** Of what keeps a group from having more workers the log has one line in so long. */
    private static final Duration BARRED_AGAIN = Duration.ofMinutes(10);

    private final Supplier<Settings> settings;
    private final Supervisor supervisor;
    private final LongFunction<DispatchSnapshot> dispatch;
    private final BooleanSupplier rests;
    private final InstantSource clock;
    private final AtomicBoolean looking = new AtomicBoolean();

    // Belongs to whoever looks, of whom there is one at a time.
    private final BusyProcessors processors = new BusyProcessors();
    private @Nullable SeenLoad before;

    /** Each group of a range by its name; guarded by this. */
    private final Map<String, Scaled> scaled = new HashMap<>();

    /**
     * For what is served.
     *
     * @param settings those that are served
     * @param dispatch what the dispatcher has at a moment, monotonic nanoseconds
     * @param rests whether clients are kept away now, so that the load says nothing
     */
    Scaler(
            Supplier<Settings> settings,
            Supervisor supervisor,
            LongFunction<DispatchSnapshot> dispatch,
            BooleanSupplier rests,
            InstantSource clock) {
        this.settings = settings;
        this.supervisor = supervisor;
        this.dispatch = dispatch;
        this.rests = rests;
        this.clock = clock;
    }

    /** One group. Guarded by the scaler. */
    private static final class Scaled {
        final Settings.Scaling range;

        /** 0: not seen yet. */
        int generation;

        AutoScale scale;
        boolean byHand;
        int wanted;
        String reason = "";
        Optional<Instant> changed = Optional.empty();
        Optional<Scale> order = Optional.empty();
        long grown;
        long shrunk;
        Instant barredAt = Instant.MIN;

        Scaled(Settings.Scaling range, int generation, int wanted) {
            this.range = range;
            this.generation = generation;
            this.wanted = wanted;
            this.scale = new AutoScale(range);
        }

        /** In another generation, where what was ordered by hand holds no longer. */
        Scaled in(Settings.Scaling itsRange, int itsGeneration, int present) {
            Scaled next = new Scaled(itsRange, itsGeneration, present);
            next.reason = reason;
            next.changed = changed;
            next.grown = grown;
            next.shrunk = shrunk;
            return next;
        }
    }

    /** Looks on a thread of its own, if there is a range and nobody looks now; never waits. */
    void lookSoon() {
        boolean any = settings.get().groups().stream()
                .anyMatch(group -> group.workers().scaling().isPresent());
        if (any && looking.compareAndSet(false, true)) {
            Thread.ofVirtual().name("terpan-scaler").start(() -> {
                try {
                    look();
                } finally {
                    looking.set(false);
                }
            });
        }
    }

    /** Of a group of a range; empty: it has none, or nobody has looked yet. */
    synchronized Optional<Picture.Scaling> picture(String group) {
        return Optional.ofNullable(scaled.get(group))
                .map(one -> new Picture.Scaling(
                        one.range.least(),
                        one.range.most(),
                        one.wanted,
                        one.byHand,
                        one.reason,
                        one.changed,
                        one.grown,
                        one.shrunk));
    }

    /** A person has ordered so many: it holds until the next generation. Whether the load would have said how many otherwise. */
    synchronized boolean hold(String group, int count) {
        Scaled one = known(group);
        if (one == null) {
            return false;
        }
        one.byHand = true;
        one.wanted = count;
        one.reason = "ordered by hand";
        one.changed = Optional.of(clock.instant());
        return true;
    }

    /** The load says how many again. Whether the group has a range. */
    synchronized boolean release(String group) {
        Scaled one = known(group);
        if (one == null) {
            return false;
        }
        one.byHand = false;
        one.scale = new AutoScale(one.range);
        return true;
    }

    private @Nullable Scaled known(String group) {
        settings.get().groups().stream()
                .filter(one -> one.name().equals(group))
                .forEach(one -> one.workers()
                        .scaling()
                        .ifPresent(range -> scaled.putIfAbsent(
                                group, new Scaled(range, 0, one.workers().count()))));
        return scaled.get(group);
    }

    private void look() {
        Optional<Census> counted = supervisor.census();
        if (counted.isEmpty()) {
            before = null;
            return;
        }
        Census census = counted.get();
        long now = System.nanoTime();
        SeenLoad seen = SeenLoad.of(
                now,
                dispatch.apply(now),
                supervisor.snapshots().stream()
                        .filter(worker ->
                                worker.state() == WorkerState.READY && worker.generation() == census.generation())
                        .toList(),
                processors.share(now));
        SeenLoad earlier = before;
        if (earlier != null && seen.now() > earlier.now()) {
            decide(census, seen, earlier);
        }
        before = seen;
    }

    private synchronized void decide(Census census, SeenLoad seen, SeenLoad earlier) {
        Map<String, Settings.Scaling> ranges = new HashMap<>();
        settings.get()
                .groups()
                .forEach(group -> group.workers().scaling().ifPresent(range -> ranges.put(group.name(), range)));
        Set<String> preloaded = new HashSet<>();
        settings.get().groups().stream()
                .filter(group -> group.workers().preload())
                .forEach(group -> preloaded.add(group.name()));
        scaled.keySet().retainAll(ranges.keySet());
        scaled.values().forEach(this::conclude);
        boolean sticky = settings.get().dispatch().choice() == Settings.Choice.STICKY;
        long[] taken = new long[1];
        boolean ours = scaled.values().stream().anyMatch(one -> one.order.isPresent());
        ranges.forEach((name, range) -> {
            int present = census.present().getOrDefault(name, 0);
            Scaled one = scaled.compute(name, (key, known) -> inGeneration(known, range, census.generation(), present));
            if (rests.getAsBoolean() || (census.ordered() && !ours) || present == 0) {
                one.scale.rest();
            } else if (!one.byHand) {
                AutoScale.Reading reading =
                        seen.reading(name, present, earlier, sticky, taken[0], preloaded.contains(name));
                if (ours) {
                    one.scale.note(reading);
                } else {
                    int leaving = census.leaving().getOrDefault(name, 0);
                    carryOut(name, one, withLeaving(one.scale.decide(reading), reading, range, leaving), reading);
                    taken[0] +=
                            Math.max(0, one.wanted - present) * reading.size().orElse(0);
                }
            }
        });
    }

    /** Those that answer what they have still are processes too: together there are never more than the range's upper number. */
    private static AutoScale.Decision withLeaving(
            AutoScale.Decision decision, AutoScale.Reading reading, Settings.Scaling range, int leaving) {
        if (!(decision instanceof AutoScale.Decision.Change change) || change.workers() <= reading.present()) {
            return decision;
        }
        int most = range.most() - leaving;
        if (change.workers() <= most) {
            return decision;
        }
        return most > reading.present()
                ? new AutoScale.Decision.Change(most, change.why())
                : new AutoScale.Decision.Stay(leaving + " answer what they have still");
    }

    private static Scaled inGeneration(@Nullable Scaled known, Settings.Scaling range, int generation, int present) {
        if (known == null) {
            return new Scaled(range, generation, present);
        }
        known.generation = known.generation == 0 ? generation : known.generation;
        return known.generation == generation && known.range.equals(range)
                ? known
                : known.in(range, generation, present);
    }

    /** Whether the last order is over, and how it went. */
    private void conclude(Scaled one) {
        Optional<Scale> over = one.order.filter(order -> order.progress().state() != Order.State.RUNNING);
        if (over.isEmpty()) {
            return;
        }
        one.order = Optional.empty();
        if (over.get().progress().state() == Order.State.DONE) {
            one.scale.grown();
        } else if (over.get().hasStartFailed()) {
            Duration pause = one.scale.failed(System.nanoTime());
            one.reason =
                    "a new worker did not become ready; the next is tried in " + pause.toSeconds() + "s at the soonest";
            one.changed = Optional.of(clock.instant());
        }
    }

    private void carryOut(String name, Scaled one, AutoScale.Decision decision, AutoScale.Reading reading) {
        switch (decision) {
            case AutoScale.Decision.Stay stay -> {
                one.wanted = reading.present();
                if (!stay.barred().isEmpty()) {
                    tellBarred(name, one, stay.barred());
                }
            }
            case AutoScale.Decision.Change change -> {
                one.order = supervisor.scale(name, change.workers(), one.generation, change.why());
                one.wanted = change.workers();
                one.grown += change.workers() > reading.present() ? 1 : 0;
                one.shrunk += change.workers() < reading.present() ? 1 : 0;
                one.reason = change.why();
                one.changed = Optional.of(clock.instant());
            }
        }
    }

    private void tellBarred(String name, Scaled one, String why) {
        Instant now = clock.instant();
        one.reason = why;
        one.changed = Optional.of(now);
        if (one.barredAt.isBefore(now.minus(BARRED_AGAIN))) {
            one.barredAt = now;
            LOG.atWarn().addKeyValue("group", name).addKeyValue("reason", why).log("group gets no more workers");
        }
    }
}
