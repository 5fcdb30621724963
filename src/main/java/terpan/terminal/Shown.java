package terpan.terminal;

import java.time.Duration;
import java.util.Locale;

/** Figures as people read them. No state. */
final class Shown {
    private static final long MIB = 1L << 20;
    private static final long SECONDS_WITH_TENTHS = 100;

    private Shown() {}

    /** 0.4s, 99.9s, 3m 5s, 2h 3m, 1d 2h. */
    static String age(Duration age) {
        if (age.toSeconds() < SECONDS_WITH_TENTHS) {
            return String.format(Locale.ROOT, "%.1fs", age.toMillis() / 1e3);
        }
        if (age.toDays() > 0) {
            return age.toDays() + "d " + age.toHoursPart() + "h";
        }
        return age.toHours() > 0
                ? age.toHours() + "h " + age.toMinutesPart() + "m"
                : age.toMinutes() + "m " + age.toSecondsPart() + "s";
    }

    /** A time of some milliseconds, given in seconds. */
    static String time(double seconds) {
        return seconds < 1
                ? String.format(Locale.ROOT, "%.1f ms", seconds * 1e3)
                : String.format(Locale.ROOT, "%.1f s", seconds);
    }

    static String rate(double perSecond) {
        return String.format(Locale.ROOT, "%,.1f", perSecond);
    }

    static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** Memory; a hyphen where it is not known, as below zero. */
    static String memory(long bytes) {
        return bytes < 0 ? "-" : number(bytes / MIB) + " MiB";
    }

    /** How much of a whole is taken, as a bar of so many cells. */
    static String bar(long taken, long most, int cells) {
        long full = most <= 0 ? 0 : Math.min(cells, (taken * cells + most - 1) / most);
        return "[" + "|".repeat((int) full) + " ".repeat(cells - (int) full) + "]";
    }
}
