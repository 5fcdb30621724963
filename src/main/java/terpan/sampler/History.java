package terpan.sampler;

import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import terpan.metrics.GroupMetrics;
import terpan.metrics.Metrics;
import terpan.metrics.Moment;
import terpan.metrics.Reasons;
import terpan.picture.Activity;

/**
 * What was counted in the last minutes, second by second: a look at the counters once a second, whoever watches, so that rates are there at
 * once for whoever begins to. One look takes microseconds. Bounded; thread-safe.
 */
public final class History {
    /** Seconds that are kept. */
    static final int SECONDS_MOST = 600;

    /** Rates are of so many seconds. */
    private static final int RATE_SECONDS = 10;

    /** Routes are looked at once in so many seconds, and rates of theirs are of twice that. */
    private static final int ROUTE_EVERY = 5;

    private static final int ROUTES_MOST = 50;
    private static final long MILLIS = 1_000;

    /**
     * Where it is counted.
     *
     * @param name the application's; empty: of none, or of the only one
     */
    public record Source(String name, Metrics metrics) {}

    /** A route of an application, or, in the same way, a group of one. */
    private record Name(String application, String name) {}

    private final Supplier<List<Source>> sources;
    private final LongSupplier nanoTime;
    private final InstantSource clock;

    /** Guarded by this, as the rest. */
    private final Deque<Activity.Second> seconds = new ArrayDeque<>();

    private final Track all = new Track(RATE_SECONDS + 1);
    private Map<String, Track> applications = new HashMap<>();
    private Map<String, Track> groups = new HashMap<>();
    private Map<Name, Track> routes = new HashMap<>();
    private @Nullable Moment before;
    private long looks;

    /** Nothing is known yet. */
    public History(Supplier<List<Source>> sources, LongSupplier nanoTime, InstantSource clock) {
        this.sources = sources;
        this.nanoTime = nanoTime;
        this.clock = clock;
    }

    /** To be called once a second; never waits. */
    public synchronized void look() {
        long now = nanoTime.getAsLong();
        List<Source> each = sources.get();
        Moment counted = Moment.of(each.stream().map(Source::metrics).toList());
        all.add(now, counted);
        second(counted);
        Map<String, Track> sites = new HashMap<>();
        Map<String, Track> alike = new HashMap<>();
        for (Source source : each) {
            Track its = applications.getOrDefault(source.name(), new Track(RATE_SECONDS + 1));
            its.add(now, Moment.of(List.of(source.metrics())));
            sites.put(source.name(), its);
            for (GroupMetrics group : source.metrics().groups()) {
                Track track = groups.getOrDefault(group.name(), new Track(RATE_SECONDS + 1));
                track.add(now, Moment.of(group));
                alike.put(group.name(), track);
            }
        }
        applications = sites;
        groups = alike;
        if (looks++ % ROUTE_EVERY == 0) {
            lookAtRoutes(now, each);
        }
    }

    private void second(Moment counted) {
        Moment last = before;
        before = counted;
        if (last == null) {
            return;
        }
        Moment.Between between = counted.since(last);
        // Those who were sent one ask for later ones: each is later than the one before, be the clock set back.
        long at = clock.millis() / MILLIS;
        if (!seconds.isEmpty()) {
            at = Math.max(at, seconds.getLast().at() + 1);
        }
        if (seconds.size() == SECONDS_MOST) {
            seconds.removeFirst();
        }
        seconds.addLast(new Activity.Second(
                at,
                between.count(),
                between.half(),
                between.most(),
                between.queueMost(),
                counted.failuresSince(last),
                Reasons.ALL));
    }

    private void lookAtRoutes(long now, List<Source> each) {
        Map<Name, Track> present = new HashMap<>();
        for (Source source : each) {
            source.metrics().routes().forEach((route, counted) -> {
                Name name = new Name(source.name(), route);
                Track track = routes.get(name);
                if (track == null) {
                    track = new Track(3);
                    track.add(
                            now - TimeUnit.SECONDS.toNanos(ROUTE_EVERY),
                            Moment.none()); // it is no older than the last look
                }
                track.add(now, counted);
                present.put(name, track);
            });
        }
        routes = present;
    }

    /** Rates of all requests. */
    public synchronized Activity.Rates rates() {
        return all.rates();
    }

    /** Those of one application. */
    public synchronized Activity.Rates rates(String application) {
        Track track = applications.get(application);
        return track == null ? Activity.Rates.NONE : track.rates();
    }

    /** Those of a group of workers. */
    public synchronized Activity.Rates ofGroup(String name) {
        Track track = groups.get(name);
        return track == null ? Activity.Rates.NONE : track.rates();
    }

    /** The routes that were asked for, those first that took most of the workers' time. */
    public synchronized List<Activity.Route> routes() {
        double total = 0;
        Map<Name, Moment.Between> asked = new HashMap<>();
        for (Map.Entry<Name, Track> entry : routes.entrySet()) {
            Moment.Between between = entry.getValue().between();
            if (between.count() > 0) {
                asked.put(entry.getKey(), between);
                total += between.workerSeconds();
            }
        }
        List<Activity.Route> found = new ArrayList<>();
        for (Map.Entry<Name, Moment.Between> entry : asked.entrySet()) {
            Name name = entry.getKey();
            Track track = routes.get(name);
            found.add(new Activity.Route(
                    name.application(),
                    name.name(),
                    track == null ? Activity.Rates.NONE : track.rates(),
                    total == 0 ? 0 : entry.getValue().workerSeconds() / total));
        }
        found.sort(Comparator.comparingDouble(Activity.Route::share).reversed());
        return List.copyOf(found.subList(0, Math.min(found.size(), ROUTES_MOST)));
    }

    /** The last seconds, the last one last. */
    public synchronized List<Activity.Second> seconds() {
        return List.copyOf(seconds);
    }
}
