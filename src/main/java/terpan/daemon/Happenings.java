package terpan.daemon;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import terpan.log.KeptLine;
import terpan.log.LogMemory;
import terpan.picture.Activity;

/** What happened, as the log has it: a line of it is an event. */
final class Happenings implements Supplier<List<Activity.Event>> {
    private static final String STATE = "worker state";
    private static final String LIMITS = "terpan.edge.limits.";
    private static final String WORKERS = "terpan.worker.";
    private static final List<String> RELOADS = List.of(
            "Rollout", "InPlaceRollout", "GenerationOrder", "Reloads", "Generations", "Applications", "Restart");
    private static final List<String> LEFT_OUT = List.of("worker", "group", "application", "traceback");

    private final LogMemory memory;

    Happenings(LogMemory memory) {
        this.memory = memory;
    }

    @Override
    public List<Activity.Event> get() {
        return memory.own().stream().map(Happenings::event).toList();
    }

    private static Activity.Event event(KeptLine line) {
        return new Activity.Event(line.number(), line.at(), kind(line), line.level(), line.value("worker"), text(line));
    }

    private static String kind(KeptLine line) {
        String own = line.logger().substring(line.logger().lastIndexOf('.') + 1);
        if (RELOADS.contains(own)) {
            return "reload";
        }
        if (line.logger().startsWith(LIMITS)) {
            return "limit";
        }
        if (line.level().equals("error")) {
            return "fault";
        }
        return line.logger().startsWith(WORKERS) ? "worker" : "other";
    }

    private static String text(KeptLine line) {
        if (line.message().equals(STATE)) {
            String why = line.value("reason");
            return line.value("state").toLowerCase(Locale.ROOT) + (why.isEmpty() ? "" : ": " + why);
        }
        StringBuilder text = new StringBuilder(line.message());
        for (Map.Entry<String, String> value : line.values().entrySet()) {
            if (!LEFT_OUT.contains(value.getKey()) && !value.getValue().isEmpty()) {
                text.append(", ")
                        .append(value.getKey())
                        .append(' ')
                        .append(value.getValue().replace('\n', ' '));
            }
        }
        return text.toString();
    }
}
