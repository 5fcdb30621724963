package terpan.daemon;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.config.Settings;
import terpan.config.Units;
import terpan.picture.Picture;
import terpan.worker.Order;

/**
 * Has workers replaced that have answered enough requests, are old enough, or have grown too large: each by another that is ready before
 * it drains, one at a time. Each process has limits of its own, up to a fifth below what was set, so that workers that began together do not end
 * together. Looks once a second, on a thread that may wait.
 */
final class Recycler {
    static final Duration EVERY = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(Recycler.class);
    private static final double JITTER = 0.2;
    private static final Duration PAUSE_FIRST = Duration.ofSeconds(10);
    private static final Duration PAUSE_MOST = Duration.ofMinutes(10);

    private final Supplier<List<Settings.WorkerGroup>> groups;
    private final Supplier<Picture> pictures;
    private final Function<String, Optional<Order>> restart;
    private final DoubleSupplier random;
    private final AtomicBoolean looking = new AtomicBoolean();

    // Belongs to whoever looks, of whom there is one at a time.
    private final Map<Long, Double> shares = new HashMap<>();
    private Optional<Order> order = Optional.empty();
    private Duration pause = Duration.ZERO;
    private Instant notBefore = Instant.MIN;

    /**
     * For what is served.
     *
     * @param groups the settings of the groups that serve
     * @param restart orders another process for the worker of this name; empty: not now
     * @param random from 0 to 1
     */
    Recycler(
            Supplier<List<Settings.WorkerGroup>> groups,
            Supplier<Picture> pictures,
            Function<String, Optional<Order>> restart,
            DoubleSupplier random) {
        this.groups = groups;
        this.pictures = pictures;
        this.restart = restart;
        this.random = random;
    }

    /** Looks on a thread of its own, if there is anything to look for and nobody looks now; never waits. */
    void lookSoon() {
        boolean any = groups.get().stream()
                .anyMatch(group -> !group.workers().recycling().equals(Settings.Recycling.NEVER));
        if (any && looking.compareAndSet(false, true)) {
            Thread.ofVirtual().name("terpan-recycler").start(() -> {
                try {
                    look();
                } finally {
                    looking.set(false);
                }
            });
        }
    }

    /** Orders the next replacement, if one is due. */
    void look() {
        Picture picture = pictures.get();
        Instant now = picture.started().plus(picture.uptime());
        if (!isFree(now)) {
            return;
        }
        List<Picture.Worker> ready = picture.workers().stream()
                .filter(worker -> worker.state().equals("ready") && worker.pid().isPresent())
                .sorted(Comparator.comparing(
                        Picture.Worker::since)) // whoever is due again at once keeps nobody else from it
                .toList();
        shares.keySet()
                .retainAll(
                        ready.stream().map(worker -> worker.pid().getAsLong()).toList());
        for (Picture.Worker worker : ready) {
            Optional<String> why = due(worker, now);
            if (why.isPresent()) {
                order = restart.apply(worker.name());
                LOG.atInfo()
                        .addKeyValue("worker", worker.name())
                        .addKeyValue("reason", why.get())
                        .log("worker is recycled");
                return;
            }
        }
    }

    /** Whether the last replacement is over, and its failure long enough ago. */
    private boolean isFree(Instant now) {
        if (order.isPresent()) {
            switch (order.get().progress().state()) {
                case RUNNING -> {
                    return false;
                }
                case DONE -> pause = Duration.ZERO;
                case FAILED -> {
                    Duration doubled = pause.multipliedBy(2);
                    pause = doubled.compareTo(PAUSE_FIRST) < 0
                            ? PAUSE_FIRST
                            : doubled.compareTo(PAUSE_MOST) > 0 ? PAUSE_MOST : doubled;
                    notBefore = now.plus(pause);
                }
            }
            order = Optional.empty();
        }
        return !now.isBefore(notBefore);
    }

    /** Why a worker is to be replaced now; empty: it is not. */
    private Optional<String> due(Picture.Worker worker, Instant now) {
        Optional<Settings.Recycling> its = groups.get().stream()
                .filter(group -> group.name().equals(worker.group()))
                .map(group -> group.workers().recycling())
                .findFirst();
        if (its.isEmpty()) {
            return Optional.empty();
        }
        Settings.Recycling limits = its.get();
        double share = shares.computeIfAbsent(worker.pid().getAsLong(), pid -> 1 - JITTER * random.getAsDouble());
        long settled = worker.settled().orElse(0);
        if (limits.requests() > 0 && settled >= limits.requests() * share) {
            return Optional.of("it has had " + settled + " requests");
        }
        Duration age = Duration.between(worker.since(), now);
        if (!limits.age().isZero() && age.toMillis() >= limits.age().toMillis() * share) {
            return Optional.of("it has served for " + Units.show(Duration.ofSeconds(age.toSeconds())));
        }
        long memory = worker.residentBytes().orElse(0);
        if (limits.memory() > 0 && memory >= limits.memory() * share) {
            return Optional.of("it has " + (memory >> 20) + " MiB");
        }
        return Optional.empty();
    }
}
