package terpan.terminal;

import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What stands above the rows of top: who it is, what is wrong, figures, places, the queue, and each of several applications. No state. */
final class TopHead {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).withZone(ZoneId.systemDefault());
    private static final int BAR = 30;
    private static final int HELD_SHOWN = 3;
    private static final int APPLICATIONS_SHOWN = 8;

    private TopHead() {}

    static List<Line> lines(TopPicture now) {
        List<Line> lines = new ArrayList<>();
        lines.add(new Line()
                .add(Style.STRONG, "Terpan " + now.version())
                .add(", " + now.state() + ", up " + Shown.age(now.uptime()) + ", pid " + now.pid() + ", at "
                        + TIME.format(now.at())));
        lines.add(named("serves")
                .add(now.serves())
                .add(now.applications().isEmpty() ? ", generation " + now.generation() : "")
                .add(now.reload().isEmpty() ? "" : "; " + now.reload()));
        lines.add(verdict(now.verdict()));
        now.held().stream()
                .limit(HELD_SHOWN)
                .forEach(held -> lines.add(named("held by").add(held)));
        lines.add(named("requests").add(rates(now.rates())));
        lines.add(named("places")
                .add("%d of %d busy".formatted(now.busy(), now.capacity()))
                .add("  " + Shown.bar(now.busy(), now.capacity(), BAR)));
        String waits = now.waiting().isEmpty()
                ? ""
                : "  the first waits " + Shown.age(now.waiting().getFirst().age());
        lines.add(named("queue")
                .add("%d of %d taken".formatted(now.queueLength(), now.queueBound()))
                .add("  " + Shown.bar(now.queueLength(), now.queueBound(), BAR))
                .add(waits)
                .add(
                        now.rates().perSecond() == 0
                                ? ""
                                : "  99 of 100 waited " + Shown.time(now.rates().queueMost()) + " or less"));
        now.applications().stream().limit(APPLICATIONS_SHOWN).forEach(one -> lines.add(application(one)));
        if (now.applications().size() > APPLICATIONS_SHOWN) {
            lines.add(named("").add((now.applications().size() - APPLICATIONS_SHOWN) + " applications more"));
        }
        return lines;
    }

    private static Line named(String name) {
        return Line.of(Style.FAINT, Cells.left(name, 10));
    }

    private static Line verdict(TopPicture.Verdict verdict) {
        Style style = switch (verdict.level()) {
            case "bad" -> Style.BAD;
            case "warn" -> Style.WARN;
            default -> Style.GOOD;
        };
        return named(verdict.level().equals("good") ? "well" : "wrong").add(style, verdict.sentence());
    }

    private static String rates(TopPicture.Rates rates) {
        if (rates.perSecond() == 0) {
            return "none in the last seconds";
        }
        return "%s/s, half within %s, 99 of 100 within %s; %s failed/s"
                .formatted(
                        Shown.rate(rates.perSecond()),
                        Shown.time(rates.half()),
                        Shown.time(rates.most()),
                        Shown.rate(rates.failed()));
    }

    private static Line application(TopPicture.Application one) {
        boolean wrong = !one.verdict().level().equals("good");
        return named("")
                .add(Style.STRONG, one.name())
                .add(": " + one.state() + ", generation " + one.generation() + ", " + rates(one.rates()) + ", "
                        + one.busy() + " with workers, " + one.queueLength() + " of " + one.queueBound() + " wait")
                .add(Style.WARN, wrong ? "; " + one.verdict().sentence() : "");
    }
}
