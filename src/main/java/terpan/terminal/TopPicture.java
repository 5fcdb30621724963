package terpan.terminal;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import terpan.json.JsonNode;

/**
 * What top shows of Terpan's status: everything, or what is of one of several applications. Immutable.
 *
 * @param at the moment that it is of
 * @param reload what became of the last one; empty: there was none
 * @param capacity requests that workers can truly work on at once
 * @param waiting those that wait, the one first that waits longest
 * @param held what routes hold, as sentences, the one first that holds most
 * @param applications those of several
 * @param rows workers in Terpan's order, and groups that share a socket
 */
record TopPicture(
        Instant at,
        String version,
        long pid,
        Duration uptime,
        String state,
        String serves,
        long generation,
        String reload,
        Verdict verdict,
        Rates rates,
        long busy,
        long capacity,
        long queueLength,
        long queueBound,
        List<Request> waiting,
        List<String> held,
        List<Application> applications,
        List<Row> rows) {
    /** How it is. */
    record Verdict(String level, String sentence) {}

    /** Of the last seconds; times in seconds. */
    record Rates(double perSecond, double half, double most, double queueMost, double failed) {
        private static Rates of(JsonNode rates) {
            return new Rates(
                    rates.number("requests_per_second"),
                    rates.number("p50_seconds"),
                    rates.number("p99_seconds"),
                    rates.number("queue_p99_seconds"),
                    rates.number("failed_per_second"));
        }
    }

    /** One that waits or is with a worker, for so long. */
    record Request(String route, String client, String state, String worker, Instant since, Duration age) {}

    /** One of several. */
    record Application(
            String name,
            String state,
            long generation,
            Verdict verdict,
            Rates rates,
            long busy,
            long queueLength,
            long queueBound) {}

    /**
     * A worker, or a group whose workers share a socket.
     *
     * @param isWorker whether it is the former
     * @param busy requests that it holds; -1: not known of one alone
     * @param requests those of them that are known, the longest first
     */
    record Row(
            String name,
            boolean isWorker,
            String state,
            String why,
            long generation,
            long busy,
            long capacity,
            long settled,
            long restarts,
            long memory,
            Instant since,
            List<Request> requests) {
        /** For how long it has been at the oldest of them; zero where it is at none. */
        Duration oldest() {
            return requests.isEmpty() ? Duration.ZERO : requests.getFirst().age();
        }

        /** Of two workers with a name, while one takes the place of the other, each has its own. */
        String key() {
            return name + "/" + generation;
        }
    }

    /**
     * Reads what {@code /status} answers.
     *
     * @param only the name of an application; empty: all
     */
    static TopPicture read(String answer, String only) {
        JsonNode status = JsonNode.read(answer);
        Instant at = Instant.parse(status.text("started")).plus(seconds(status.number("uptime_seconds")));
        List<Application> applications = status.get("applications").each().stream()
                .map(TopPicture::application)
                .filter(one -> only.isEmpty() || one.name().equals(only))
                .toList();
        JsonNode whole = status.get("applications").each().stream()
                .filter(one -> !only.isEmpty() && one.text("name").equals(only))
                .findFirst()
                .orElse(status);
        List<Request> open = status.get("activity").get("open").each().stream()
                .filter(one -> only.isEmpty() || one.text("application").equals(only))
                .map(one -> request(one, at))
                .sorted(Comparator.comparing(Request::since))
                .toList();
        List<JsonNode> groups = its(status.get("groups"), only);
        return new TopPicture(
                at,
                status.text("version"),
                status.whole("pid"),
                seconds(status.number("uptime_seconds")),
                whole.text("state"),
                serves(status, only),
                whole.whole("generation"),
                reload(whole.get("reload")),
                verdict(whole),
                Rates.of(only.isEmpty() ? status.get("activity").get("rates") : whole.get("rates")),
                groups.stream().mapToLong(group -> group.whole("in_flight")).sum(),
                groups.stream().mapToLong(group -> group.whole("capacity")).sum(),
                whole.whole("queue_length"),
                whole.whole("queue_bound"),
                open.stream().filter(one -> one.state().equals("waiting")).toList(),
                held(status, only, at),
                only.isEmpty() ? applications : List.of(),
                rows(groups, its(status.get("workers"), only), open));
    }

    private static Duration seconds(double seconds) {
        return Duration.ofMillis(Math.round(seconds * 1e3));
    }

    private static String serves(JsonNode status, String only) {
        String what = status.has("application") ? status.text("application") : "attached workers";
        return only.isEmpty() ? what + " with " + status.text("server") : "application " + only;
    }

    private static String reload(JsonNode reload) {
        return reload.has("outcome")
                ? "the last reload, to generation %d: %s".formatted(reload.whole("generation"), reload.text("outcome"))
                : "";
    }

    private static Verdict verdict(JsonNode of) {
        return new Verdict(of.get("verdict").text("level"), of.get("verdict").text("sentence"));
    }

    private static Application application(JsonNode one) {
        return new Application(
                one.text("name"),
                one.text("state"),
                one.whole("generation"),
                verdict(one),
                Rates.of(one.get("rates")),
                one.whole("in_flight"),
                one.whole("queue_length"),
                one.whole("queue_bound"));
    }

    private static Request request(JsonNode one, Instant at) {
        Instant since = Instant.ofEpochMilli(one.whole("since"));
        return new Request(
                one.text("route"),
                one.text("client").isEmpty() ? "unix" : one.text("client"),
                one.text("state"),
                one.text("worker"),
                since,
                age(since, at));
    }

    private static Duration age(Instant since, Instant at) {
        return since.isAfter(at) ? Duration.ZERO : Duration.between(since, at);
    }

    private static List<String> held(JsonNode status, String only, Instant at) {
        boolean several = !status.get("applications").each().isEmpty();
        List<String> sentences = new ArrayList<>();
        for (JsonNode one : status.get("activity").get("held").each()) {
            if (!only.isEmpty() && !one.text("application").equals(only)) {
                continue;
            }
            List<String> parts = new ArrayList<>();
            part(parts, one.whole("working"), "with workers", one.whole("oldest_working"), at);
            part(parts, one.whole("waiting"), "waiting", one.whole("oldest_waiting"), at);
            String name = several ? one.text("application") + " " : "";
            sentences.add(name + one.text("route") + ": " + String.join("; ", parts));
        }
        return sentences;
    }

    private static void part(List<String> parts, long count, String what, long since, Instant at) {
        if (count > 0) {
            parts.add(
                    "%d %s, the oldest for %s".formatted(count, what, Shown.age(age(Instant.ofEpochMilli(since), at))));
        }
    }

    /** Those whose names are of an application. */
    private static List<JsonNode> its(JsonNode named, String only) {
        return named.each().stream()
                .filter(one -> only.isEmpty() || one.text("name").startsWith(only + "/"))
                .toList();
    }

    private static List<Row> rows(List<JsonNode> groups, List<JsonNode> workers, List<Request> open) {
        List<Row> bare = workers.stream()
                .map(worker -> new Row(
                        worker.text("name"),
                        true,
                        worker.text("state"),
                        worker.text("why"),
                        worker.whole("generation"),
                        worker.has("in_flight") ? worker.whole("in_flight") : -1,
                        worker.whole("capacity"),
                        worker.whole("settled"),
                        worker.whole("restarts"),
                        worker.has("resident_bytes") ? worker.whole("resident_bytes") : -1,
                        Instant.parse(worker.text("since")),
                        List.of()))
                .toList();
        List<Row> rows = new ArrayList<>();
        for (JsonNode group : groups) {
            if (group.text("socket").equals("shared")) {
                rows.add(new Row(
                        group.text("name"),
                        false,
                        "shared",
                        "",
                        0,
                        group.whole("in_flight"),
                        group.whole("capacity"),
                        group.whole("requests"),
                        group.whole("restarts"),
                        -1,
                        Instant.EPOCH,
                        open.stream()
                                .filter(one -> one.worker().equals(group.text("name")))
                                .toList()));
            }
        }
        bare.forEach(worker -> rows.add(with(
                worker,
                open.stream()
                        .filter(one -> one.worker().equals(worker.name()) && isIts(bare, worker, one))
                        .toList())));
        return List.copyOf(rows);
    }

    /** While one process takes the place of another the newer one has what was sent since it is ready. */
    private static boolean isIts(List<Row> workers, Row worker, Request request) {
        Optional<Row> newest = workers.stream()
                .filter(other -> other.name().equals(worker.name())
                        && other.state().equals("ready")
                        && !request.since().isBefore(other.since()))
                .max(Comparator.comparingLong(Row::generation));
        return newest.map(one -> one.generation() == worker.generation())
                .orElseGet(() -> workers.stream()
                        .filter(other -> other.name().equals(worker.name()))
                        .allMatch(other -> other.generation() >= worker.generation()));
    }

    private static Row with(Row row, List<Request> requests) {
        return new Row(
                row.name,
                row.isWorker,
                row.state,
                row.why,
                row.generation,
                row.busy,
                row.capacity,
                row.settled,
                row.restarts,
                row.memory,
                row.since,
                requests);
    }
}
