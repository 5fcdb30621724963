package terpan.pool;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import terpan.config.Attach;
import terpan.config.Settings;
import terpan.metrics.Metrics;

/** The groups of workers that there are: those that we start, then those that someone else runs. They come and go; thread-safe. */
public final class Groups {
    /** How workers are reached that someone else runs. */
    private static final String ATTACHED = "attached";

    private final Metrics metrics;
    private volatile List<Group> all = List.of();

    /** None yet. */
    public Groups(Metrics metrics) {
        this.metrics = metrics;
    }

    /** Those that these settings name. */
    public static Groups of(Settings settings, Metrics metrics) {
        Groups groups = new Groups(metrics);
        if (settings.application().isPresent()) {
            settings.groups().forEach(groups::open);
        }
        for (Attach worker : settings.attach()) {
            if (groups.find(worker.group()).isEmpty()) {
                groups.open(worker.group(), Optional.empty(), ATTACHED, worker.weight());
            }
        }
        return groups;
    }

    /** One whose workers we start. */
    public Group open(Settings.WorkerGroup group) {
        return open(
                group.name(),
                Optional.of(group.server().name()),
                group.socket().name().toLowerCase(Locale.ROOT),
                group.weight());
    }

    private synchronized Group open(String name, Optional<String> server, String socket, int weight) {
        Group made = new Group(name, server, socket, weight, metrics.open(name));
        all = Stream.concat(all.stream(), Stream.of(made)).toList();
        return made;
    }

    /** There will be no worker of this group any more. */
    public synchronized void close(Group group) {
        if (all.contains(group)) {
            all = all.stream().filter(other -> other != group).toList();
            metrics.close(group.counters());
        }
    }

    public List<Group> all() {
        return all;
    }

    /** The newest group of this name. */
    public Group get(String name) {
        return find(name).orElseThrow(() -> new IllegalStateException("there is no group " + name));
    }

    private Optional<Group> find(String name) {
        return all.reversed().stream()
                .filter(group -> group.name().equals(name))
                .findFirst();
    }

    /** The names of the groups whose workers we start. */
    public List<String> started() {
        return all.stream()
                .filter(group -> group.server().isPresent())
                .map(Group::name)
                .toList();
    }

    /** The servers that we start, each once. */
    public String servers() {
        List<String> servers = all.stream()
                .flatMap(group -> group.server().stream())
                .distinct()
                .toList();
        return servers.isEmpty() ? ATTACHED : String.join(", ", servers);
    }
}
