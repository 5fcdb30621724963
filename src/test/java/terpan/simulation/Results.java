package terpan.simulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How long the requests of a run took, and what became of the rest. */
final class Results {
    private final List<Long> quick = new ArrayList<>();
    private final List<Long> slow = new ArrayList<>();
    int lost;
    int refused;
    int returned;

    /** Requests whose client had its last one answered elsewhere. */
    int moved;

    private final Map<Long, String> workers = new HashMap<>();

    /** A worker has answered a client. */
    void answeredBy(long client, String worker) {
        String before = workers.put(client, worker);
        moved += before == null || before.equals(worker) ? 0 : 1;
    }

    void answered(Request request, long now) {
        (request.slow() ? slow : quick).add(now - request.arrived());
    }

    int answers() {
        return quick.size() + slow.size();
    }

    static String heading() {
        return """
                | front | answers | p50 ms | p99 ms | quick p99 | slow p99 | longest | refused | lost | given back |
                | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
                """;
    }

    String row(String name) {
        List<Long> all = new ArrayList<>(quick);
        all.addAll(slow);
        return "| " + name + " | " + answers() + " | " + quantile(all, 50) + " | " + quantile(all, 99) + " | "
                + quantile(quick, 99) + " | " + quantile(slow, 99) + " | " + quantile(all, 100) + " | " + refused
                + " | " + lost + " | " + returned + " |\n";
    }

    /** Median, 99th percentile and longest of all. */
    String times() {
        List<Long> all = new ArrayList<>(quick);
        all.addAll(slow);
        return quantile(all, 50) + " | " + quantile(all, 99) + " | " + quantile(all, 100);
    }

    private static String quantile(List<Long> times, int percent) {
        if (times.isEmpty()) {
            return "-";
        }
        List<Long> sorted = times.stream().sorted().toList();
        int position = Math.max(0, (int) Math.ceil(sorted.size() * percent / 100.0) - 1);
        return String.format(Locale.ROOT, "%.1f", sorted.get(position) / (double) VirtualTime.MILLISECOND);
    }
}
