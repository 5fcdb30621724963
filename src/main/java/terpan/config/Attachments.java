package terpan.config;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Checks the workers that someone else runs against each other and against the groups that we start. */
final class Attachments {
    private static final int WORKERS_MOST = 1_024;

    private final Values values;
    private final List<Problem> problems;

    Attachments(Values values, List<Problem> problems) {
        this.values = values;
        this.problems = problems;
    }

    void check(Settings settings) {
        Set<String> started = new HashSet<>();
        if (settings.application().isPresent()) {
            settings.groups().forEach(group -> started.add(group.name()));
        }
        boolean weighs = settings.dispatch().choice().weighs();
        Map<String, Integer> weights = new HashMap<>();
        Set<Address> addresses = new HashSet<>();
        for (Attach worker : settings.attach()) {
            if (!addresses.add(worker.address())) {
                add("attach names " + worker.address() + " twice, expected once, with its whole capacity");
            }
            if (started.contains(worker.group())) {
                add("attach has group=" + worker.group()
                        + ", which is a group of workers that Terpan starts, expected another name");
            }
            int weight = weights.computeIfAbsent(worker.group(), group -> worker.weight());
            if (weight != worker.weight()) {
                add("attach has the weights " + weight + " and " + worker.weight() + " in the group " + worker.group()
                        + ", expected one for all of a group; set another group=NAME");
            }
            if (worker.weight() != 1 && !weighs) {
                add("attach has weight=" + worker.weight()
                        + ", but dispatch.choice knows no weights, expected least-loaded or random-two");
            }
        }
        if (settings.attach().size() > WORKERS_MOST) {
            add("attach names " + settings.attach().size() + " workers, expected at most 1,024");
        }
        if (!weights.isEmpty() && started.size() + weights.size() > Groups.GROUPS_MOST) {
            add("there are " + (started.size() + weights.size())
                    + " groups of workers with those of attach, expected at" + " most " + Groups.GROUPS_MOST);
        }
    }

    private void add(String message) {
        problems.add(Problem.setting(values.where(Declarations.ATTACH), message));
    }
}
