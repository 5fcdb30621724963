package terpan.sampler;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.LongToDoubleFunction;
import java.util.function.Supplier;
import terpan.picture.Activity;
import terpan.picture.Front;
import terpan.picture.Picture;

/**
 * Says in sentences what the figures of the last seconds tell somebody to do: workers that are too few, a route that takes most of their time, memory
 * that grows, an event loop that is busy. It says nothing where the figures do not. Thread-safe.
 */
public final class Advisor {
    private static final double WORKERS_BUSY = 0.9;
    private static final double WAITS = 0.01;
    private static final double ROUTE_SHARE = 0.5;
    private static final double ROUTE_BUSY = 0.5;
    private static final double ROUTE_REQUESTS = 10;
    private static final double LOOP_BUSY = 0.8;
    private static final double LOOP_STARVES = 0.95;
    private static final double PROCESSORS_BUSY = 0.9;
    private static final int GROWING_SHOWN = 3;
    private static final double MIB = 1 << 20;

    private final LongToDoubleFunction processors;
    private final Supplier<OptionalLong> free;
    private final int processorCount;
    private final MemoryTrend trend = new MemoryTrend();
    private double busyProcessors = -1;
    private OptionalLong freeBytes = OptionalLong.empty();

    /**
     * Knows nothing yet.
     *
     * @param processors the share of the machine's processors that was busy since the last time it was asked, 0 to 1, at a moment in nanoseconds;
     *     negative: not known
     * @param free bytes of memory that are to be had; empty: not known
     * @param processorCount processors that this process may use
     */
    public Advisor(LongToDoubleFunction processors, Supplier<OptionalLong> free, int processorCount) {
        this.processors = processors;
        this.free = free;
        this.processorCount = processorCount;
    }

    /** To be called every five seconds, by a thread that may wait for a file. */
    public synchronized void look(long now, List<Picture.Worker> workers) {
        busyProcessors = processors.applyAsDouble(now);
        freeBytes = free.get();
        trend.look(now, workers);
    }

    /** What there is to say, the most important first. */
    synchronized List<String> advice(Picture picture, Activity.Rates rates, List<Activity.Route> routes, Front front) {
        List<String> said = new ArrayList<>();
        if (picture.applications().isEmpty()) {
            ofApplication("", "", picture, rates, routes, said);
        }
        picture.applications()
                .forEach(one -> ofApplication(
                        one.name(),
                        one.name() + ": ",
                        one.picture(),
                        one.picture().activity().rates(),
                        routes,
                        said));
        trend.growing().stream().limit(GROWING_SHOWN).forEach(growth -> said.add(grows(growth, picture, routes)));
        front.loops().stream()
                .filter(loop -> loop.busy() >= LOOP_BUSY || loop.wanted() >= LOOP_STARVES)
                .findFirst()
                .ifPresent(loop -> said.add(busy(loop, front.loops().size())));
        return List.copyOf(said);
    }

    private void ofApplication(
            String name,
            String before,
            Picture picture,
            Activity.Rates rates,
            List<Activity.Route> routes,
            List<String> said) {
        int ready = picture.groups().stream().mapToInt(Picture.Group::ready).sum();
        int places = picture.groups().stream().mapToInt(Picture.Group::capacity).sum();
        double busy = places == 0 ? 0 : Math.min(1, rates.busy() / places);
        if (busy >= WORKERS_BUSY && rates.queueMost() >= WAITS) {
            said.add(before + tooFew(picture, rates, ready, places, busy));
        }
        List<Activity.Route> its = routes.stream()
                .filter(route -> route.application().equals(name))
                .toList();
        double all = its.stream().mapToDouble(Activity.Route::share).sum();
        if (its.size() > 1 && all > 0 && busy >= ROUTE_BUSY) {
            Activity.Route first = its.getFirst();
            double share = first.share() / all;
            if (share >= ROUTE_SHARE
                    && first.rates().perSecond() * first.rates().seconds() >= ROUTE_REQUESTS) {
                said.add(before
                        + String.format(
                                Locale.ROOT,
                                "%s takes %.0f %% of the workers' time: %.1f requests a second, half within %s",
                                first.name(),
                                100 * share,
                                first.rates().perSecond(),
                                milliseconds(first.rates().half())));
            }
        }
    }

    private String tooFew(Picture picture, Activity.Rates rates, int ready, int places, double busy) {
        String whose = ready == 1 ? "the worker" : "the " + ready + " workers";
        String what = places == ready ? whose : "the " + places + " places of " + whose;
        String is = ready == 1 && places == 1 ? "is" : "are";
        String busyAndWaiting = String.format(
                Locale.ROOT,
                "%s %s busy %.0f %% of the time, and requests wait up to %s (99 of 100): ",
                what,
                is,
                100 * busy,
                milliseconds(rates.queueMost()));
        if (busyProcessors >= PROCESSORS_BUSY) {
            return busyAndWaiting
                    + String.format(
                            Locale.ROOT,
                            "the processors are busy too (%.0f %%), more workers would not help",
                            100 * busyProcessors);
        }
        OptionalLong size = picture.workers().stream()
                .flatMapToLong(worker -> worker.residentBytes().stream())
                .max();
        if (size.isEmpty()) {
            return busyAndWaiting + "more workers would help";
        }
        if (freeBytes.isEmpty()) {
            return busyAndWaiting + String.format(Locale.ROOT, "workers = %d would help", ready + 1);
        }
        long more = freeBytes.getAsLong() / Math.max(1, size.getAsLong());
        return busyAndWaiting
                + (more == 0
                        ? "another would help, but there is no memory for it"
                        : String.format(
                                Locale.ROOT, "workers = %d would help, memory is there for %d more", ready + 1, more));
    }

    private static String grows(MemoryTrend.Growth growth, Picture picture, List<Activity.Route> routes) {
        String application = picture.applications().stream()
                .filter(one -> one.picture().workers().stream()
                        .anyMatch(worker -> worker.name().equals(growth.worker())))
                .map(Picture.Application::name)
                .findFirst()
                .orElse("");
        String works = routes.stream()
                .filter(route -> route.application().equals(application))
                .findFirst()
                .map(route -> "; most of the workers' time goes to " + route.name())
                .orElse("");
        return String.format(
                Locale.ROOT,
                "the memory of %s grows by %.1f MiB a minute, to %.0f MiB now%s",
                growth.worker(),
                growth.perMinute() / MIB,
                growth.bytes() / MIB,
                works);
    }

    private String busy(Front.Loop loop, int loops) {
        if (loop.busy() < LOOP_BUSY) {
            return String.format(
                    Locale.ROOT,
                    "the front's event loop %d has work all the time, and a processor for %.0f %% of it: there are too few processors",
                    loop.index(),
                    100 * loop.busy());
        }
        return String.format(
                Locale.ROOT,
                "the front's event loop %d is %.0f %% busy: %s",
                loop.index(),
                100 * loop.busy(),
                loops < processorCount
                        ? "loops = " + (loops + 1)
                        : "there is no processor for another, the machine is at its end");
    }

    private static String milliseconds(double seconds) {
        return String.format(Locale.ROOT, seconds < 0.0995 ? "%.1f ms" : "%.0f ms", 1_000 * seconds);
    }
}
