package terpan.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which of a server's own options may be passed through: those we know, those we refuse with the reason. Names are compared
 * with dashes for underscores, as the configuration spells them.
 *
 * @param known options that the launcher passes on as they are
 * @param refused options that would break what Terpan promises, each with what to do instead
 */
public record OptionRules(Set<String> known, Map<String, String> refused) {
    public OptionRules {
        known = Set.copyOf(known);
        refused = Map.copyOf(refused);
    }

    /** One message for each option that can not be passed on, in the options' order by name; empty: all is well. */
    public List<String> problems(String server, Map<String, String> options) {
        List<String> problems = new ArrayList<>();
        for (String given : new TreeMap<>(options).keySet()) {
            String name = given.replace('_', '-');
            String reason = refused.get(name);
            if (reason != null) {
                problems.add("server option '" + given + "' is refused for " + server + ": " + reason);
            } else if (!known.contains(name)) {
                problems.add("server option '" + given + "' is unknown for " + server + ": expected "
                        + (known.isEmpty() ? "none" : "one of " + String.join(", ", new TreeSet<>(known))));
            }
        }
        return problems;
    }
}
