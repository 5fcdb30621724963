package terpan.server;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import terpan.config.Nearest;
import terpan.config.ServerCheck.Mistake;
import terpan.config.ServerCheck.Part;

/**
 * Which of a server's own options may be passed through: those we know, those we refuse with the reason. Names are compared
 * with dashes for underscores, as the configuration spells them.
 *
 * @param known options that the launcher passes on, and what each may be given
 * @param refused options that would break what Terpan promises, each with what to do instead
 */
public record OptionRules(Map<String, OptionKind> known, Map<String, String> refused) {
    public OptionRules {
        known = Map.copyOf(known);
        refused = Map.copyOf(refused);
    }

    /** A mistake for each option that can not be passed on, in the options' order by name; empty: all is well. */
    List<Mistake> mistakes(String server, Map<String, String> options) {
        List<Mistake> mistakes = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        new TreeMap<>(options).forEach((name, value) -> {
            mistake(server, name, value).ifPresent(message -> mistakes.add(new Mistake(Part.OPTION, name, message)));
            if (!seen.add(dashed(name))) {
                mistakes.add(new Mistake(
                        Part.OPTION,
                        name,
                        "server option '" + dashed(name) + "' of " + server
                                + " is given twice, with dashes and with underscores: expected once"));
            }
        });
        return mistakes;
    }

    private static String dashed(String name) {
        return name.replace('_', '-');
    }

    private Optional<String> mistake(String server, String given, String value) {
        String name = dashed(given);
        String reason = refused.get(name);
        if (reason != null) {
            return Optional.of("server option '" + given + "' is refused for " + server + ": " + reason);
        }
        OptionKind kind = known.get(name);
        if (kind == null) {
            return Optional.of("server option '" + given + "' is unknown for " + server + ": expected "
                    + (known.isEmpty() ? "none" : "one of " + String.join(", ", new TreeSet<>(known.keySet())))
                    + nearest(name));
        }
        return kind.accepts(value)
                ? Optional.empty()
                : Optional.of("server option '" + given + "' of " + server + " is '" + value + "': expected "
                        + kind.expected() + Nearest.hint(value, kind.words(), "'"));
    }

    private String nearest(String name) {
        Set<String> all = new TreeSet<>(known.keySet());
        all.addAll(refused.keySet());
        return Nearest.to(name, all)
                .map(near -> "; did you mean '" + near + "'"
                        + (refused.containsKey(near) ? ", which is refused: " + refused.get(near) : "?"))
                .orElse("");
    }
}
