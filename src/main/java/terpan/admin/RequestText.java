package terpan.admin;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import terpan.picture.OpenRequest;
import terpan.picture.PastRequest;
import terpan.picture.Picture;

/** Single requests for people: the slowest as a table, one in words. */
final class RequestText {
    private static final String ROW = "%9s  %9s  %9s  %9s  %9s  %6s  %-12s  %-22s  %s\n";
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final double NANOS = 1e9;

    private RequestText() {}

    /** The slowest of the last minutes, the slowest first. */
    static String slow(Picture now) {
        List<PastRequest> slow = now.activity().slow();
        if (slow.isEmpty()) {
            return "No request of the last five minutes took longer than 20 ms.\n";
        }
        StringBuilder text = new StringBuilder(
                ROW.formatted("took", "client", "queue", "worker", "sending", "status", "worker", "request", "route"));
        slow.forEach(one -> text.append(ROW.formatted(
                time(one.times().total()),
                time(one.times().client()),
                time(one.times().queue()),
                time(one.times().worker()),
                time(one.times().sending()),
                one.status() == 0 ? "none" : Integer.toString(one.status()),
                one.worker().isEmpty() ? "-" : one.worker(),
                one.id(),
                one.route())));
        return text.toString();
    }

    /**
     * The way of the request with this id, and what the log has of it; empty: nothing is known of it.
     *
     * @param log the last lines of it
     */
    static Optional<String> explain(Picture now, List<LogLine> log, String id) {
        Optional<String> way = way(now, id);
        String logged = log.stream()
                .filter(line -> line.request().equals(id))
                .map(RequestText::logged)
                .collect(Collectors.joining());
        return logged.isEmpty()
                ? way
                : Optional.of(way.orElse("It was neither among the slowest nor the last that failed.\n")
                        + "The log has of it:\n" + logged);
    }

    private static String logged(LogLine line) {
        String whose = line.worker().isEmpty() ? line.source() : line.worker();
        return "  %s %-5s %s  %s\n"
                .formatted(TIME.format(line.at()), line.level().toUpperCase(Locale.ROOT), whose, line.text())
                .replaceAll("\n(?!$)", "\n      ");
    }

    private static Optional<String> way(Picture now, String id) {
        Instant at = now.started().plus(now.uptime());
        Optional<String> open = now.activity().open().stream()
                .filter(one -> one.id().equals(id))
                .findFirst()
                .map(one -> open(one, at));
        return open.isPresent()
                ? open
                : Stream.concat(now.activity().failed().stream(), now.activity().slow().stream())
                        .filter(one -> one.id().equals(id))
                        .findFirst()
                        .map(RequestText::past);
    }

    private static String open(OpenRequest one, Instant now) {
        String ago = time(Duration.between(one.begun(), now));
        String since = time(Duration.between(one.since(), now));
        String what = one.works()
                ? "%s has had it for %s.".formatted(one.worker(), since)
                : one.waits()
                        ? "It has waited for a place on a worker for %s.".formatted(since)
                        : "It is %s."
                                .formatted(
                                        one.state().equals("file")
                                                ? "answered with a file"
                                                : "about to be tried again");
        return "%s of %s%s.\n%sIts first byte came %s ago. %s\n"
                .formatted(one.route(), client(one.client()), target(one.target()), trace(one.trace()), ago, what);
    }

    private static String past(PastRequest one) {
        PastRequest.Times times = one.times();
        StringBuilder text =
                new StringBuilder("%s of %s%s.\n".formatted(one.route(), client(one.client()), target(one.target())));
        text.append(trace(one.trace()));
        text.append("It was whole after %s".formatted(time(times.client())));
        if (one.worker().isEmpty()) {
            text.append(", and no worker had it within %s".formatted(time(times.queue())));
        } else {
            text.append(", waited %s for a place, and was with %s for %s"
                    .formatted(time(times.queue()), one.worker(), time(times.worker())));
        }
        text.append("; sending the answer took %s.\n".formatted(time(times.sending())));
        String answer =
                one.status() == 0 ? "Its client was sent no status" : "Its client was answered with " + one.status();
        String why = one.why().isEmpty() ? "" : ": " + one.why();
        text.append("%s%s, %s after its first byte, at %s UTC.\n"
                .formatted(answer, why, time(times.total()), TIME.format(one.ended())));
        return text.toString();
    }

    private static String trace(String trace) {
        return trace.isEmpty() ? "" : "Its trace is " + trace + ".\n";
    }

    private static String client(String client) {
        return client.isEmpty() ? "a client on a Unix socket" : client;
    }

    private static String target(String target) {
        return ", which asked for " + target;
    }

    private static String time(Duration time) {
        double seconds = Math.max(0, time.toNanos() / NANOS);
        return seconds < 1
                ? String.format(Locale.ROOT, "%.2f ms", seconds * 1e3)
                : String.format(Locale.ROOT, "%.2f s", seconds);
    }
}
