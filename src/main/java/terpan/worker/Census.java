package terpan.worker;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The workers of the generation that serves at one moment.
 *
 * @param generation its number
 * @param ordered whether an order is carried out, or waits, after which there may be other workers
 * @param present how many workers each group has that are not on their way out, ready or not, one that takes another's place as that one; none: there is no entry
 * @param leaving how many each has that answer what they have still; none: there is no entry
 */
public record Census(int generation, boolean ordered, Map<String, Integer> present, Map<String, Integer> leaving) {
    /** Counts them; on the supervisor's thread. */
    static Census of(RunningGeneration serving, boolean ordered) {
        Map<String, Set<String>> names = new HashMap<>();
        serving.handles().stream()
                .filter(handle -> !handle.isLeaving())
                .forEach(handle -> names.computeIfAbsent(handle.plan().group().name(), group -> new HashSet<>())
                        .add(handle.name()));
        Map<String, Integer> present = new HashMap<>();
        names.forEach((group, its) -> present.put(group, its.size()));
        Map<String, Integer> leaving = new HashMap<>();
        serving.handles().stream()
                .filter(handle -> handle.isLeaving() && !handle.isEnded())
                .forEach(handle -> leaving.merge(handle.plan().group().name(), 1, Integer::sum));
        return new Census(serving.generation().number(), ordered, Map.copyOf(present), Map.copyOf(leaving));
    }
}
