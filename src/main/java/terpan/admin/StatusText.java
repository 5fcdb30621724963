package terpan.admin;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import terpan.picture.Activity;
import terpan.picture.Held;
import terpan.picture.Picture;
import terpan.picture.Verdict;

/** A status as an aligned table for people. */
final class StatusText {
    private static final List<String> APPLICATION_COLUMNS = List.of(
            "application", "state", "generation", "reload", "ready", "in flight", "queue", "requests", "5xx", "routes");
    private static final List<String> GROUP_COLUMNS = List.of(
            "group",
            "server",
            "socket",
            "weight",
            "ready",
            "in flight",
            "lost",
            "requests",
            "mean",
            "failed",
            "restarts");
    private static final List<String> COLUMNS =
            List.of("worker", "state", "pid", "age", "in flight", "lost", "requests", "restarts", "memory", "why");
    private static final int GAP = 2;
    /** Routes that are told of which hold workers or wait. */
    private static final int HELD_SHOWN = 5;

    private static final int WHY_MOST = 200;
    private static final int FAILURE_LINES = 12;
    /** A certificate that expires sooner should have been renewed. */
    private static final Duration RENEW = Duration.ofDays(14);

    private static final long MIB = 1L << 20;

    private StatusText() {}

    static String write(Picture status) {
        StringBuilder text = new StringBuilder();
        Instant now = status.started().plus(status.uptime());
        text.append("Terpan %s, %s for %s, pid %d\n"
                .formatted(status.version(), status.state(), age(status.uptime()), status.pid()));
        verdicts(text, status);
        line(text, "serves", status.application().orElse("attached workers") + " with " + status.server());
        if (status.applications().isEmpty()) {
            line(text, "generation", generation(status, now));
        }
        line(text, "listens on", String.join(", ", status.binds()));
        status.tlsEngine().ifPresent(engine -> line(text, "TLS", "by " + engine));
        // Those of an authority are told of with what becomes of them.
        status.certificates().stream()
                .filter(one -> status.issuance().names().stream()
                        .noneMatch(name -> name.file().equals(one.file())))
                .forEach(one -> line(text, "TLS", certificate(one, now)));
        status.issuance().names().forEach(one -> line(text, "TLS", renewal(one, now)));
        line(text, "requests", requests(status.requests()));
        line(
                text,
                "now",
                "%d in flight, %d of %d places in the queue taken"
                        .formatted(status.inFlight(), status.queueLength(), status.queueBound()));
        rates(text, status.activity().rates());
        status.activity().advice().forEach(advice -> line(text, "advice", advice));
        status.activity().held().stream().limit(HELD_SHOWN).forEach(held -> line(text, "held by", held(held, now)));
        if (status.tunnels() > 0) {
            line(text, "tunnels", number(status.tunnels()) + " open");
        }
        if (status.spool().bytes() > 0 || status.spool().waiting() > 0) {
            line(
                    text,
                    "spool",
                    "%s of %s MiB in files; answers that wait for room there: %s"
                            .formatted(
                                    number(status.spool().bytes() / MIB),
                                    number(status.spool().most() / MIB),
                                    number(status.spool().waiting())));
        }
        status.groups()
                .forEach(group ->
                        group.scaling().ifPresent(scaling -> line(text, "scaling", scaling(status, group, scaling))));
        if (!status.applications().isEmpty()) {
            text.append('\n');
            table(text, applicationRows(status));
        }
        if (status.groups().size() > 1 || status.groups().stream().anyMatch(StatusText::isShared)) {
            text.append('\n');
            table(text, groupRows(status));
        }
        text.append('\n');
        table(text, rows(status));
        status.applications()
                .forEach(one -> one.picture()
                        .reload()
                        .ifPresent(reload ->
                                failure(text, "the last reload of " + one.name() + " failed:", reload.failure())));
        status.reload().ifPresent(reload -> failure(text, "the last reload failed:", reload.failure()));
        status.workers()
                .forEach(
                        worker -> failure(text, printable(worker.name()) + " could not be started:", worker.failure()));
        return text.toString();
    }

    /** What is wrong, and what the figures say that somebody could do. */
    static String advice(Picture status) {
        StringBuilder text = new StringBuilder();
        verdicts(text, status);
        status.activity().advice().forEach(advice -> line(text, "advice", advice));
        if (status.activity().advice().isEmpty()) {
            line(text, "advice", "none: the workers have time, no memory goes on growing, the event loops rest");
        }
        return text.toString();
    }

    /** What is wrong comes first, of each application too. */
    private static void verdicts(StringBuilder text, Picture status) {
        Verdict all = Verdict.of(status);
        line(text, all.isWrong() ? "wrong" : "well", all.sentence());
        for (Picture.Application one : status.applications()) {
            Verdict its = Verdict.of(one.picture());
            if (its.isWrong()) {
                line(text, "wrong", one.name() + ": " + its.sentence());
            }
        }
    }

    private static void rates(StringBuilder text, Activity.Rates rates) {
        if (rates.seconds() > 0 && rates.perSecond() == 0) {
            line(text, "rates", String.format(Locale.ROOT, "no request in the last %.0f s", rates.seconds()));
        } else if (rates.seconds() > 0) {
            line(
                    text,
                    "rates",
                    String.format(
                            Locale.ROOT,
                            "%,.1f requests/s, half within %s, 99 of 100 within %s; %,.1f failed/s; in the last %.0f s",
                            rates.perSecond(),
                            milliseconds(rates.half()),
                            milliseconds(rates.most()),
                            rates.failedPerSecond(),
                            rates.seconds()));
        }
    }

    private static String held(Held held, Instant now) {
        List<String> parts = new ArrayList<>();
        if (held.working() > 0) {
            parts.add("%d with workers, the oldest for %s"
                    .formatted(held.working(), age(Duration.between(held.oldestWorking(), now))));
        }
        if (held.waiting() > 0) {
            parts.add("%d waiting, the oldest for %s"
                    .formatted(held.waiting(), age(Duration.between(held.oldestWaiting(), now))));
        }
        return held.route() + ": " + String.join("; ", parts);
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append("%-10s  %s\n".formatted(name, printable(value)));
    }

    private static String generation(Picture status, Instant now) {
        String last = status.reload()
                .map(reload -> "; the last reload, to generation %d, %s %s ago"
                        .formatted(
                                reload.generation(),
                                reload.outcome().equals("running") ? "runs since" : "was " + reload.outcome(),
                                age(Duration.between(reload.at(), now))))
                .orElse("");
        return status.generation() + last;
    }

    private static String certificate(Picture.Certificate certificate, Instant now) {
        Duration left = Duration.between(now, certificate.expires());
        String when = day(certificate.expires());
        if (left.isNegative()) {
            return certificate.name() + " HAS EXPIRED on " + when + ": renew " + certificate.file();
        }
        String soon = left.compareTo(RENEW) < 0 ? ": renew " + certificate.file() : "";
        return certificate.name() + " expires on " + when + ", in " + age(left) + soon;
    }

    private static String renewal(Picture.Renewal renewal, Instant now) {
        String has = renewal.expires()
                .map(at -> at.isBefore(now)
                        ? " HAS EXPIRED on " + day(at)
                        : " expires on " + day(at) + ", in " + age(Duration.between(now, at)))
                .orElse(" has no certificate yet");
        String next = renewal.next().isAfter(now) ? "in " + age(Duration.between(now, renewal.next())) : "now";
        if (renewal.failures() == 0) {
            return renewal.name() + has + "; " + (renewal.expires().isPresent() ? "renewed " : "ordered ") + next;
        }
        return "%s%s; ORDERS FAIL, %d in a row, the next one %s: %s"
                .formatted(renewal.name(), has, renewal.failures(), next, renewal.failure());
    }

    private static String day(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC).toLocalDate().toString();
    }

    private static String requests(Picture.Requests requests) {
        return "%s settled: %s with 2xx, %s 3xx, %s 4xx, %s 5xx, %s left before an answer"
                .formatted(
                        number(requests.total()),
                        number(requests.success()),
                        number(requests.redirection()),
                        number(requests.clientError()),
                        number(requests.serverError()),
                        number(requests.none()));
    }

    private static String scaling(Picture status, Picture.Group group, Picture.Scaling scaling) {
        Instant now = status.started().plus(status.uptime());
        String why = scaling.changed()
                .map(at -> "; %s ago: %s".formatted(age(Duration.between(at, now)), scaling.reason()))
                .orElse("");
        return "%s: %d wanted of %d to %d%s%s"
                .formatted(
                        group.name(),
                        scaling.wanted(),
                        scaling.least(),
                        scaling.most(),
                        scaling.byHand() ? ", whatever the load" : "",
                        why);
    }

    /** What shared workers hold is told of their group alone. */
    private static boolean isShared(Picture.Group group) {
        return group.socket().equals("shared");
    }

    private static List<List<String>> groupRows(Picture status) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(GROUP_COLUMNS);
        for (Picture.Group group : status.groups()) {
            rows.add(List.of(
                    printable(group.name()),
                    printable(group.server().orElse("-")),
                    group.socket(),
                    Integer.toString(group.weight()),
                    group.ready() + "/" + group.workers(),
                    group.inFlight() + "/" + group.capacity(),
                    number(group.lost()),
                    number(group.requests()),
                    group.meanSeconds().isPresent()
                            ? milliseconds(group.meanSeconds().getAsDouble())
                            : "-",
                    number(group.failed()),
                    number(group.restarts())));
        }
        return rows;
    }

    private static List<List<String>> applicationRows(Picture status) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(APPLICATION_COLUMNS);
        List<Picture.Application> wrongFirst = status.applications().stream()
                .sorted(Comparator.comparingInt(one -> Verdict.of(one.picture()).isWrong() ? 0 : 1))
                .toList();
        for (Picture.Application one : wrongFirst) {
            Picture its = one.picture();
            long ready = its.workers().stream()
                    .filter(worker -> worker.state().equals("ready"))
                    .count();
            rows.add(List.of(
                    one.name(),
                    its.state(),
                    Integer.toString(its.generation()),
                    its.reload().map(Picture.Reload::outcome).orElse("-"),
                    ready + "/" + its.workers().size(),
                    number(its.inFlight()),
                    number(its.queueLength()) + "/" + number(its.queueBound()),
                    number(its.requests().total()),
                    number(its.requests().serverError()),
                    one.routes().isEmpty() ? "all else" : printable(String.join(", ", one.routes()))));
        }
        return rows;
    }

    private static String milliseconds(double seconds) {
        return String.format(Locale.ROOT, "%,.3f ms", seconds * 1e3);
    }

    private static List<List<String>> rows(Picture status) {
        Instant now = status.started().plus(status.uptime());
        List<List<String>> rows = new ArrayList<>();
        rows.add(COLUMNS);
        for (Picture.Worker worker : status.workers()) {
            rows.add(List.of(
                    printable(worker.name()),
                    worker.state(),
                    worker.pid().isPresent() ? Long.toString(worker.pid().getAsLong()) : "-",
                    age(Duration.between(worker.since(), now)),
                    known(worker.inFlight()) + "/" + known(worker.window()),
                    known(worker.lost()),
                    known(worker.settled()),
                    number(worker.restarts()),
                    memory(worker.residentBytes()),
                    why(worker, now)));
        }
        return rows;
    }

    /** Why something did not start, as far as a person wants to read it here: the end of it. */
    private static void failure(StringBuilder text, String what, String failure) {
        if (failure.isEmpty()) {
            return;
        }
        text.append('\n').append(what).append('\n');
        List<String> lines = failure.lines().toList();
        if (lines.size() > FAILURE_LINES) {
            text.append("  (%d lines more in the log)\n".formatted(lines.size() - FAILURE_LINES));
        }
        lines.subList(Math.max(0, lines.size() - FAILURE_LINES), lines.size())
                .forEach(line -> text.append("  ").append(cleaned(line)).append('\n'));
    }

    private static String why(Picture.Worker worker, Instant now) {
        String next = worker.nextProbe()
                .map(at -> "; next probe in " + age(Duration.between(now, at)))
                .orElse("");
        return printable(worker.why()) + next;
    }

    private static void table(StringBuilder text, List<List<String>> rows) {
        int[] widths = new int[rows.getFirst().size()];
        for (List<String> row : rows) {
            for (int column = 0; column < widths.length; column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < widths.length; column++) {
                String cell = row.get(column);
                line.append(cell).append(" ".repeat(widths[column] - cell.length() + GAP));
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
    }

    private static String known(OptionalLong number) {
        return number.isPresent() ? number(number.getAsLong()) : "-";
    }

    private static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    private static String memory(OptionalLong bytes) {
        return bytes.isPresent() ? number(bytes.getAsLong() / MIB) + " MiB" : "-";
    }

    /** The two largest units: 42s, 3m 5s, 1d 2h. */
    private static String age(Duration age) {
        Duration shown = age.isNegative() ? Duration.ZERO : age;
        if (shown.toDays() > 0) {
            return shown.toDays() + "d " + shown.toHoursPart() + "h";
        }
        if (shown.toHours() > 0) {
            return shown.toHours() + "h " + shown.toMinutesPart() + "m";
        }
        return shown.toMinutes() > 0 ? shown.toMinutes() + "m " + shown.toSecondsPart() + "s" : shown.toSeconds() + "s";
    }

    /** What a worker said must not move a terminal's cursor. */
    private static String printable(String text) {
        return cleaned(text).strip();
    }

    private static String cleaned(String text) {
        String cut = text.length() > WHY_MOST ? text.substring(0, WHY_MOST) + "..." : text;
        return cut.replaceAll("[\\p{Cntrl}\\u0080-\\u009f\\u2028\\u2029]+", " ");
    }
}
