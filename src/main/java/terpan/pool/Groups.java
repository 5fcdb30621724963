package terpan.pool;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import terpan.config.Attach;
import terpan.config.Settings;

/** The groups of workers by their numbers: those that we start, then those that someone else runs. */
public final class Groups {
    private static final String ATTACHED = "attached";

    /**
     * One group.
     *
     * @param server empty where someone else runs the workers
     * @param socket how they are reached, in one word
     */
    public record Group(String name, Optional<String> server, String socket, int weight) {}

    private final List<Group> groups = new ArrayList<>();

    public Groups(Settings settings) {
        if (settings.application().isPresent()) {
            for (Settings.WorkerGroup group : settings.groups()) {
                groups.add(new Group(
                        group.name(),
                        Optional.of(group.server().name()),
                        group.socket().name().toLowerCase(Locale.ROOT),
                        group.weight()));
            }
        }
        for (Attach worker : settings.attach()) {
            if (number(worker.group()) < 0) {
                groups.add(new Group(worker.group(), Optional.empty(), ATTACHED, worker.weight()));
            }
        }
    }

    public List<Group> all() {
        return groups;
    }

    public List<String> names() {
        return groups.stream().map(Group::name).toList();
    }

    /** The names of the groups whose workers we start. */
    public List<String> started() {
        return groups.stream()
                .filter(group -> group.server().isPresent())
                .map(Group::name)
                .toList();
    }

    /** The servers that we start, each once. */
    public String servers() {
        List<String> servers = groups.stream()
                .flatMap(group -> group.server().stream())
                .distinct()
                .toList();
        return servers.isEmpty() ? ATTACHED : String.join(", ", servers);
    }

    public int number(String name) {
        return names().indexOf(name);
    }
}
