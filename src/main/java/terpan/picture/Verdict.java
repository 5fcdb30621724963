package terpan.picture;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How it is, in a sentence for people: what is wrong, with the routes that hold the workers; else that all is well. Immutable. The
 * dashboard says the same from what it is sent, where ages go on between two pictures.
 *
 * @param level {@link #GOOD}, {@link #WARN} or {@link #BAD}
 */
public record Verdict(String level, String sentence) {
    /** Nothing is wrong. */
    public static final String GOOD = "good";

    /** Somebody should look at it. */
    public static final String WARN = "warn";

    /** Requests suffer. */
    public static final String BAD = "bad";

    /** Who has been with a worker for so long is stuck. */
    public static final Duration STUCK = Duration.ofSeconds(10);

    private static final int ROUTES_SHOWN = 3;
    private static final int WORKERS_SHOWN = 3;
    private static final double FAILING_SHARE = 0.05;

    /** Whether there is something to look at. */
    public boolean isWrong() {
        return !level.equals(GOOD);
    }

    /** Of the whole, or of one application of several, whose own picture knows no single requests. */
    public static Verdict of(Picture now) {
        Instant at = now.started().plus(now.uptime());
        List<Picture.Worker> ready =
                now.workers().stream().filter(Verdict::isReady).toList();
        long full = ready.stream().filter(Verdict::isFull).count();
        switch (now.state()) {
            case "paused" -> {
                return new Verdict(
                        WARN, "paused: %d requests wait until somebody resumes".formatted(now.queueLength()));
            }
            case "maintenance" -> {
                return new Verdict(WARN, "in maintenance: clients get a page for 503");
            }
            default -> {}
        }
        if (!now.workers().isEmpty() && ready.isEmpty()) {
            return new Verdict(BAD, "no worker is ready: requests wait or are refused");
        }
        List<Held> stuck = now.activity().held().stream()
                .filter(held -> held.working() > 0
                        && Duration.between(held.oldestWorking(), at).compareTo(STUCK) >= 0)
                .toList();
        if (!stuck.isEmpty()) {
            return new Verdict(
                    full == ready.size() ? BAD : WARN,
                    "%d of %d workers are busy; longer than %d s: %s%s"
                            .formatted(
                                    full,
                                    ready.size(),
                                    STUCK.toSeconds(),
                                    holders(now, stuck, "%s holds %d"),
                                    waits(now)));
        }
        if (now.queueLength() > 0 && full == ready.size()) {
            List<Held> working = now.activity().held().stream()
                    .filter(held -> held.working() > 0)
                    .toList();
            String atWork = working.isEmpty() ? "" : "; at work: " + holders(now, working, "%s (%d)");
            return new Verdict(
                    WARN,
                    "%s busy, and requests wait%s%s"
                            .formatted(
                                    ready.size() == 1 ? "the worker is" : "all " + ready.size() + " workers are",
                                    atWork,
                                    waits(now)));
        }
        return quiet(now, ready.size());
    }

    /** Nobody waits too long; of workers that are down, requests that fail. */
    private static Verdict quiet(Picture now, int ready) {
        List<Picture.Worker> down = now.workers().stream()
                .filter(worker ->
                        worker.state().equals("exited") || worker.state().equals("ejected"))
                .toList();
        if (!down.isEmpty()) {
            List<String> names =
                    down.stream().limit(WORKERS_SHOWN).map(Picture.Worker::name).toList();
            String more = down.size() > WORKERS_SHOWN ? " and %d more".formatted(down.size() - WORKERS_SHOWN) : "";
            return new Verdict(
                    WARN, "%s%s %s down".formatted(String.join(", ", names), more, down.size() == 1 ? "is" : "are"));
        }
        Activity.Rates rates = now.activity().rates();
        double failing = rates.perSecond() == 0 ? 0 : rates.failedPerSecond() / rates.perSecond();
        if (failing >= FAILING_SHARE) {
            return new Verdict(WARN, String.format(Locale.ROOT, "%.0f of 100 requests fail", 100 * failing));
        }
        return new Verdict(
                GOOD,
                "%d of %d workers are ready, nobody waits too long"
                        .formatted(ready, now.workers().size()));
    }

    private static boolean isReady(Picture.Worker worker) {
        return worker.state().equals("ready");
    }

    /** Of those behind one socket it is not known. */
    private static boolean isFull(Picture.Worker worker) {
        return worker.inFlight().isPresent()
                && worker.inFlight().getAsLong() >= worker.capacity().orElse(1);
    }

    private static String holders(Picture now, List<Held> held, String form) {
        List<String> names = new ArrayList<>();
        held.stream()
                .limit(ROUTES_SHOWN)
                .forEach(one -> names.add(form.formatted(
                        now.applications().isEmpty() ? one.route() : one.application() + " " + one.route(),
                        one.working())));
        return String.join(", ", names);
    }

    private static String waits(Picture now) {
        return now.queueLength() == 0
                ? ""
                : "; %d of %d places in the queue are taken".formatted(now.queueLength(), now.queueBound());
    }
}
