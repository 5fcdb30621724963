package terpan.worker;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * How workers may be started by root's helper: the orders of each group of each application as they were at the start. An order to start is one
 * of them by its number, with what may differ from worker to worker.
 *
 * @param plans by their numbers
 */
record RootPlans(List<Map<String, String>> plans) {
    /** As in the helper: what one worker is told and another is not, what a reload may change, and where code lies now. */
    private static final Set<String> TOLD = Set.of(
            "name",
            "token",
            Spawner.MARK,
            "control",
            "socket",
            "shared",
            "secret",
            "threads",
            "start_seconds",
            "multiprocess",
            "probed",
            "preload",
            "chdir",
            "directory",
            "file",
            "interpreter");

    /**
     * Those of these groups.
     *
     * @throws IOException there is no interpreter for one that only root can change
     */
    static RootPlans of(List<WorkerPlan> groups) throws IOException {
        List<Map<String, String>> plans = new ArrayList<>();
        for (WorkerPlan plan : groups) {
            Map<String, String> orders = allOrders(plan);
            orders.put("starter", starterOf(plan));
            plans.add(orders);
        }
        return new RootPlans(List.copyOf(plans));
    }

    /** Into fields, by number. */
    void putInto(Map<String, String> fields) {
        for (int i = 0; i < plans.size(); i++) {
            int number = i;
            plans.get(i).forEach((key, value) -> fields.put("plan." + number + "." + key, value));
        }
    }

    /**
     * The order to start what these orders of a launcher are for.
     *
     * @throws IOException there was none like it at the start
     */
    Map<String, String> order(Map<String, String> launch) throws IOException {
        int plan = number(launch).orElseThrow(() -> new RootSide.Refused(difference(launch)));
        Map<String, String> told = new LinkedHashMap<>(launch);
        told.keySet().retainAll(TOLD);
        told.put("plan", Integer.toString(plan));
        return told;
    }

    private static String starterOf(WorkerPlan plan) throws IOException {
        try {
            return OtherUser.starter(plan.application(), plan.interpreter());
        } catch (StartException none) {
            throw new IOException(none.failure().message(), none);
        }
    }

    private static Map<String, String> allOrders(WorkerPlan plan) {
        Map<String, String> orders = LaunchOrders.of(plan, "", "", "", Path.of(""));
        orders.putAll(OtherUser.orders(plan.application(), plan.interpreter()));
        return orders;
    }

    /** What of these plans it does not start, for it is another than at the start; empty: it starts them. */
    Optional<String> refuses(List<WorkerPlan> wanted) {
        for (WorkerPlan plan : wanted) {
            Map<String, String> orders = allOrders(plan);
            if (number(orders).isEmpty()) {
                return Optional.of(plan.group().name() + ": " + difference(orders));
            }
        }
        return Optional.empty();
    }

    private Optional<Integer> number(Map<String, String> orders) {
        for (int i = 0; i < plans.size(); i++) {
            if (fixed(plans.get(i)).equals(fixed(orders))) {
                return Optional.of(i);
            }
        }
        return Optional.empty();
    }

    private static Map<String, String> fixed(Map<String, String> orders) {
        Map<String, String> fixed = new LinkedHashMap<>(orders);
        fixed.keySet().removeAll(TOLD);
        fixed.remove("starter");
        return fixed;
    }

    /** Where they differ from the plan that they are nearest to, for people. */
    private String difference(Map<String, String> orders) {
        Map<String, String> wanted = fixed(orders);
        List<String> nearest = List.of();
        for (Map<String, String> plan : plans) {
            Map<String, String> known = fixed(plan);
            Set<String> keys = new TreeSet<>(known.keySet());
            keys.addAll(wanted.keySet());
            List<String> different = keys.stream()
                    .filter(key -> !Objects.equals(known.get(key), wanted.get(key)))
                    .toList();
            if (nearest.isEmpty() || different.size() < nearest.size()) {
                nearest = different;
            }
        }
        return String.join(", ", nearest) + (nearest.size() == 1 ? " is" : " are") + " not as at the start";
    }
}
