package terpan.sampler;

import java.util.ArrayDeque;
import java.util.Deque;
import terpan.metrics.Moment;
import terpan.picture.Activity;

/** What was counted at the last few moments, for figures of the time between. Guarded by its {@link History}. */
final class Track {
    private static final double NANOS = 1e9;

    private record At(long nanos, Moment counted) {}

    private final int most;
    private final Deque<At> moments = new ArrayDeque<>();

    /**
     * Nothing yet.
     *
     * @param most moments that are kept, at least 2
     */
    Track(int most) {
        this.most = most;
    }

    void add(long nanos, Moment counted) {
        if (moments.size() == most) {
            moments.removeFirst();
        }
        moments.addLast(new At(nanos, counted));
    }

    /** How long it is from the first of them to the last, seconds. */
    double seconds() {
        return moments.size() < 2
                ? 0
                : (moments.getLast().nanos() - moments.getFirst().nanos()) / NANOS;
    }

    /** What happened from the first of them to the last. */
    Moment.Between between() {
        return moments.isEmpty()
                ? Moment.none().since(Moment.none())
                : moments.getLast().counted().since(moments.getFirst().counted());
    }

    Activity.Rates rates() {
        double seconds = seconds();
        return seconds <= 0 ? Activity.Rates.NONE : rates(between(), seconds);
    }

    private static Activity.Rates rates(Moment.Between between, double seconds) {
        return new Activity.Rates(
                seconds,
                between.count() / seconds,
                between.half(),
                between.most(),
                between.queueMost(),
                between.failed() / seconds,
                between.workerSeconds() / seconds);
    }
}
