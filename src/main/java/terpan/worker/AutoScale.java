package terpan.worker;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.OptionalLong;
import terpan.config.Settings;
import terpan.config.Units;

/**
 * How many workers a group of a range is to have, by what is read of it once a second or so. It grows at once when requests wait, to as many as
 * what comes would keep busy, and shrinks by one when one less would have been enough for a long while. Between what makes it grow and what
 * lets it shrink lies a gap, and a growth soon after a shrinking makes it wait longer with the next: it does not swing. Not thread-safe; no clock,
 * no I/O. Rejected: the busy places alone, which say nothing of how much more comes; docs/simulation.md compares.
 */
public final class AutoScale {
    /** A tenth to spare, as for the workers of a reload. */
    private static final double SPARE = 1.1;

    private static final Duration PAUSE_FIRST = Duration.ofSeconds(10);
    private static final Duration PAUSE_MOST = Duration.ofMinutes(10);

    /** So much more must come than is taken on for a queue to grow. */
    private static final double FALLS = 0.95;

    /** A share of the processors that is as good as all. */
    private static final double FULL = 0.95;

    private static final double BOUND = 0.5;

    private static final double NANOS = 1e9;
    private static final double RISE_MOST = 100;

    /**
     * What it goes by; {@link #STANDARD} was chosen by simulation.
     *
     * @param high a share of the workers that is busy: more makes it grow
     * @param target the share that is to be busy then
     * @param low one worker less would be enough if no larger share of the others were busy
     * @param longestWait a longer mean wait makes it grow
     * @param look for how long figures are put together
     * @param growth so many times the workers at most in one step
     * @param gap the part of the quiet span that is between two steps down, 0 to 1
     * @param patience so many times the quiet span at most, after growth that followed too soon
     */
    public record Tuning(
            double high,
            double target,
            double low,
            Duration longestWait,
            Duration look,
            int growth,
            double gap,
            int patience) {
        /** The one that is used. */
        public static final Tuning STANDARD =
                new Tuning(0.85, 0.7, 0.6, Duration.ofMillis(50), Duration.ofSeconds(5), 2, 0.2, 8);
    }

    /**
     * What was seen since the last reading.
     *
     * @param now monotonic nanoseconds
     * @param present workers that are not on their way out
     * @param ready those of them that take requests
     * @param load how many of those were busy in the mean, by places that were held or by processor time
     * @param bound the part of that in which they worked, or waited for a processor, 0 to 1; the rest they waited for others
     * @param rise requests that came, for each that was given to a worker: 1, and more while a queue grows
     * @param waited how long requests waited in the mean, nanoseconds
     * @param processors the share of the processors that is busy, 0 to 1; negative: not known
     * @param free bytes of memory that are to be had
     * @param size resident bytes of a worker in the mean
     */
    public record Reading(
            long now,
            int present,
            int ready,
            double load,
            double bound,
            double rise,
            long waited,
            double processors,
            OptionalLong free,
            OptionalLong size) {}

    /** What is to be done. */
    public sealed interface Decision {
        /** Nothing. Why there are not more though they are needed; empty: they are not. */
        record Stay(String barred) implements Decision {}

        /** So many workers; why, with the figure. */
        record Change(int workers, String why) implements Decision {}
    }

    private static final Decision STAY = new Decision.Stay("");

    private final Settings.Scaling range;
    private final Tuning tuning;
    private final Peaks peaks;
    private final Mean load;
    private boolean begun;
    private long quietSince;
    private long changedAt;
    private long shrunkAt;
    private boolean shrunk;
    private int patience = 1;
    private long notBefore;
    private Duration pause = Duration.ZERO;
    private boolean mayGrow = true;

    /** With the tuning that is used. */
    public AutoScale(Settings.Scaling range) {
        this(range, Tuning.STANDARD);
    }

    /** With another. */
    public AutoScale(Settings.Scaling range, Tuning tuning) {
        this.range = range;
        this.tuning = tuning;
        this.peaks = new Peaks(range.downAfter().toNanos(), tuning.patience());
        this.load = new Mean(tuning.look().toNanos());
    }

    /** What is read now says nothing of how many are needed, as while nothing is given to workers: the quiet span begins anew. */
    public void rest() {
        begun = false;
        load.forget();
    }

    /** A worker that it asked for did not become ready: it asks for none for a while, which doubles each time. How long. */
    public Duration failed(long now) {
        Duration doubled = pause.multipliedBy(2);
        pause = doubled.compareTo(PAUSE_FIRST) < 0
                ? PAUSE_FIRST
                : doubled.compareTo(PAUSE_MOST) > 0 ? PAUSE_MOST : doubled;
        notBefore = now + pause.toNanos();
        mayGrow = false;
        return pause;
    }

    /** Those that it asked for are ready. */
    public void grown() {
        pause = Duration.ZERO;
    }

    /**
     * How long requests waited in the mean, nanoseconds, as of a {@link Reading}: those that were given to workers, and those that wait still,
     * of whom the last came just now.
     *
     * @param given requests that were given to workers
     * @param waited how long those waited together, nanoseconds
     * @param waiting requests that wait now
     * @param oldest how long the first of them waits, nanoseconds
     */
    public static long meanWait(long given, long waited, int waiting, long oldest) {
        long all = given + waiting;
        return all == 0 ? 0 : (waited + waiting * (oldest / 2)) / all;
    }

    /**
     * How many requests came for each that was given to a worker, as of a {@link Reading}.
     *
     * @param given requests that were given to workers
     * @param behind by how many more wait now, or were refused; negative: fewer
     */
    public static double rise(long given, long behind) {
        return given + behind <= 0 ? 0 : Math.min(RISE_MOST, (double) (given + behind) / Math.max(1, given));
    }

    /** Takes in what was read at a moment at which nothing can be done. */
    public void note(Reading reading) {
        long now = reading.now();
        if (!begun) {
            begun = true;
            quietSince = now;
            changedAt = now;
            peaks.forget();
        }
        load.add(now, reading.load());
        peaks.add(now, isWaiting(reading) ? Math.max(reading.present(), load.value()) : load.value());
    }

    private boolean isWaiting(Reading reading) {
        return reading.waited() > tuning.longestWait().toNanos();
    }

    /** What is to be done about this; a change is taken as done. */
    public Decision decide(Reading reading) {
        note(reading);
        if (reading.present() < range.least()) {
            return change(reading, range.least(), "at least " + range.least() + " are set");
        }
        if (reading.present() > range.most()) {
            return change(reading, range.most(), "at most " + range.most() + " are set");
        }
        Decision growth = grow(reading);
        return growth.equals(STAY) ? shrink(reading) : growth;
    }

    private Decision grow(Reading reading) {
        int present = reading.present();
        boolean settled = reading.ready() >= present
                && reading.now() - changedAt >= tuning.look().toNanos();
        int needed = present;
        String why = "";
        if (isWaiting(reading)) {
            needed = Math.max(present, (int) Math.ceil(reading.load() * reading.rise() / tuning.target()));
            needed += needed == present && settled && reading.rise() >= FALLS ? 1 : 0;
            why = "requests wait for " + milliseconds(reading.waited());
        } else if (settled && load.value() > tuning.high() * reading.ready()) {
            needed = Math.max(present + 1, (int) Math.ceil(load.value() / tuning.target()));
            why = percent(load.value() / reading.ready()) + " of the workers are busy";
        }
        if (needed <= present) {
            return STAY;
        }
        if (present == range.most()) {
            return new Decision.Stay(why + ", and " + present + " workers are the most that there may be");
        }
        Decision barred = barred(reading, why);
        if (!barred.equals(STAY)) {
            return barred;
        }
        needed = Math.min(Math.min(needed, present * tuning.growth()), range.most());
        needed = Math.min(needed, Math.max(present + 1, feeds(reading)));
        return change(reading, Math.min(needed, present + room(reading)), why);
    }

    /** Why there can not be more; else {@link #STAY}. */
    private Decision barred(Reading reading, String why) {
        if (!mayGrow && reading.now() - notBefore < 0) {
            return new Decision.Stay(why
                    + ", but the last worker that was started did not become ready; the next is in "
                    + Units.show(Duration.ofSeconds(Math.max(1, Math.round((notBefore - reading.now()) / NANOS)))));
        }
        mayGrow = true;
        if (reading.processors() >= FULL && isBound(reading)) {
            return new Decision.Stay(why + ", but " + percent(reading.processors())
                    + " of the processors are busy: more workers would do no more");
        }
        if (room(reading) == 0) {
            return new Decision.Stay("%s, but %d MiB of memory are free, and another worker takes %d MiB"
                    .formatted(
                            why, reading.free().orElse(0) >> 20, reading.size().orElse(0) >> 20));
        }
        return STAY;
    }

    /** Whether it is processors that its workers need: others may keep those busy, while these wait for a database. */
    private static boolean isBound(Reading reading) {
        return reading.bound() >= BOUND;
    }

    /** How many workers keep all processors busy, if each does what those that are ready do. */
    private static int feeds(Reading reading) {
        if (!isBound(reading)) {
            return Settings.WORKERS_MOST;
        }
        double processors = Math.max(reading.processors(), 1.0 / Settings.WORKERS_MOST);
        return (int) Math.min(Settings.WORKERS_MOST, reading.ready() / processors);
    }

    /** How many more memory takes; those that start are not as large yet as they will be. */
    private static int room(Reading reading) {
        if (reading.free().isEmpty()
                || reading.size().isEmpty()
                || reading.size().getAsLong() == 0) {
            return Settings.WORKERS_MOST;
        }
        double all = reading.free().getAsLong() / (reading.size().getAsLong() * SPARE);
        int starting = Math.max(0, reading.present() - reading.ready());
        return Math.clamp((long) all - starting, 0, Settings.WORKERS_MOST);
    }

    private Decision shrink(Reading reading) {
        long span = range.downAfter().toNanos();
        long quiet = span * patience;
        long now = reading.now();
        if (patience > 1 && now - changedAt > 4L * quiet) {
            patience /= 2;
        }
        if (reading.present() <= range.least() || now - quietSince < quiet || now - changedAt < span * tuning.gap()) {
            return STAY;
        }
        double peak = peaks.most(now, patience);
        int left = Math.min(reading.ready(), reading.present()) - 1;
        if (peak > tuning.low() * left) {
            return STAY;
        }
        return change(
                reading,
                reading.present() - 1,
                String.format(
                        Locale.ROOT,
                        "no more than %.1f workers were busy for %s",
                        peak,
                        Units.show(range.downAfter().multipliedBy(patience))));
    }

    private Decision change(Reading reading, int workers, String why) {
        long now = reading.now();
        if (workers < reading.present()) {
            shrunk = true;
            shrunkAt = now;
        } else if (shrunk && now - shrunkAt < 2L * patience * range.downAfter().toNanos()) {
            patience = Math.min(tuning.patience(), 2 * patience);
            shrunk = false;
        }
        changedAt = now;
        return new Decision.Change(workers, why);
    }

    private static String percent(double share) {
        return Math.round(100 * share) + " %";
    }

    private static String milliseconds(long nanos) {
        double millis = nanos / 1e6;
        return millis < 10 ? String.format(Locale.ROOT, "%.1f ms", millis) : Math.round(millis) + " ms";
    }

    /** The mean of what was read in the last while: each figure counts until the next one. */
    private static final class Mean {
        private static final int MOST = 64;

        private final long span;
        private final long[] times = new long[MOST];
        private final double[] values = new double[MOST];
        private int count;

        Mean(long span) {
            this.span = span;
        }

        void forget() {
            count = 0;
        }

        void add(long now, double value) {
            int old = 0;
            while (old < count && (now - times[old] >= span || count - old == MOST)) {
                old++;
            }
            System.arraycopy(times, old, times, 0, count - old);
            System.arraycopy(values, old, values, 0, count - old);
            count -= old;
            times[count] = now;
            values[count++] = value;
        }

        double value() {
            return Arrays.stream(values, 0, count).average().orElse(0);
        }
    }

    /** The highest load of a while, in parts of it. */
    private static final class Peaks {
        private static final int PARTS = 10;

        private final long part;
        private final double[] highest;
        private final long[] numbers;

        Peaks(long span, int times) {
            this.part = Math.max(1, span / PARTS);
            this.highest = new double[PARTS * times + 1];
            this.numbers = new long[highest.length];
        }

        void forget() {
            Arrays.fill(highest, 0);
        }

        void add(long now, double value) {
            long number = Math.floorDiv(now, part);
            int at = Math.floorMod(number, highest.length);
            highest[at] = numbers[at] == number ? Math.max(highest[at], value) : value;
            numbers[at] = number;
        }

        /** Of so many times the span until now. */
        double most(long now, int times) {
            long last = Math.floorDiv(now, part);
            double most = 0;
            for (int i = 0; i < highest.length; i++) {
                if (last - numbers[i] <= (long) PARTS * times) {
                    most = Math.max(most, highest[i]);
                }
            }
            return most;
        }
    }
}
