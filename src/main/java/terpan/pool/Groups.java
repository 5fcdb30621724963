package terpan.pool;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import terpan.config.Attach;
import terpan.config.Settings;
import terpan.metrics.Metrics;
import terpan.worker.Generation;

/**
 * The groups of workers that there are: those that we start, then those that someone else runs. They come and go; while one generation takes
 * another's place there are two of a name. Thread-safe.
 */
public final class Groups {
    /** How workers are reached that someone else runs. */
    private static final String ATTACHED = "attached";

    /** The generation of groups whose workers someone else runs. */
    private static final int NONE = 0;

    /** A group with the number of the generation that it belongs to. */
    private record Known(int generation, Group group) {}

    private final Metrics metrics;
    private volatile List<Known> all = List.of();

    /** How many workers each group has that someone else runs; guarded by this. */
    private final Map<Group, Integer> attached = new HashMap<>();

    /** None yet. */
    public Groups(Metrics metrics) {
        this.metrics = metrics;
    }

    /** Those that these settings name. */
    public static Groups of(Settings settings, Metrics metrics) {
        Groups groups = new Groups(metrics);
        if (settings.application().isPresent()) {
            groups.open(Generation.FIRST, settings.groups());
        }
        return groups;
    }

    /** The group of a worker that someone else runs and that is attached now; to be left again. */
    synchronized Group attach(Attach worker) {
        Optional<Known> there = all.stream()
                .filter(known ->
                        known.generation() == NONE && known.group().name().equals(worker.group()))
                .findFirst();
        Known known = there.orElseGet(() -> open(NONE, worker.group(), Optional.empty(), ATTACHED, worker.weight()));
        attached.merge(known.group(), 1, Integer::sum);
        return known.group();
    }

    /** A worker that was attached is gone, and its group with the last of it. */
    synchronized void leave(Group group) {
        if (attached.merge(group, -1, Integer::sum) == 0) {
            attached.remove(group);
            close(known -> known.generation() == NONE && known.group().equals(group));
        }
    }

    /** Those of a generation, whose workers we start. */
    public void open(int generation, List<Settings.WorkerGroup> started) {
        for (Settings.WorkerGroup group : started) {
            open(
                    generation,
                    group.name(),
                    Optional.of(group.server().name()),
                    group.socket().name().toLowerCase(Locale.ROOT),
                    group.weight());
        }
    }

    private synchronized Known open(int generation, String name, Optional<String> server, String socket, int weight) {
        Known made = new Known(generation, new Group(name, server, socket, weight, metrics.open(name)));
        all = Stream.concat(all.stream(), Stream.of(made)).toList();
        return made;
    }

    /** No worker of this generation is left. */
    public synchronized void close(int generation) {
        close(known -> known.generation() == generation);
    }

    private void close(Predicate<Known> which) {
        List<Known> before = all;
        all = before.stream().filter(which.negate()).toList();
        before.stream()
                .filter(which)
                .forEach(known -> metrics.close(known.group().counters()));
    }

    /** The newest group of each name. */
    public List<Group> all() {
        Map<String, Group> byName = new LinkedHashMap<>();
        all.forEach(known -> byName.put(known.group().name(), known.group()));
        return List.copyOf(byName.values());
    }

    /** The newest group of this name. */
    public Group get(String name) {
        return find(name).orElseThrow(() -> new IllegalStateException("there is no group " + name));
    }

    /** The group of this name in a generation that there is. */
    public Group get(int generation, String name) {
        return all.stream()
                .filter(known ->
                        known.generation() == generation && known.group().name().equals(name))
                .map(Known::group)
                .findFirst()
                .orElseThrow(
                        () -> new IllegalStateException("there is no group " + name + " of generation " + generation));
    }

    private Optional<Group> find(String name) {
        return all.reversed().stream()
                .map(Known::group)
                .filter(group -> group.name().equals(name))
                .findFirst();
    }

    /** The names of the groups whose workers we start. */
    public List<String> started() {
        return all().stream()
                .filter(group -> group.server().isPresent())
                .map(Group::name)
                .toList();
    }

    /** The servers that we start, each once. */
    public String servers() {
        List<String> servers = all().stream()
                .flatMap(group -> group.server().stream())
                .distinct()
                .toList();
        return servers.isEmpty() ? ATTACHED : String.join(", ", servers);
    }
}
