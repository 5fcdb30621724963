package terpan.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The values that were read, after the sources were merged; defaults stand in for settings that nobody named. */
final class Values {
    private static final Path ROOT = Path.of("/");
    private static final int MOST_ITEMS = 1_024;

    private record Read(Item item, Object value) {}

    private final Map<Setting<?>, List<Read>> named = new HashMap<>();
    private final Map<Setting<?>, Where> places = new HashMap<>();
    private final List<Problem> problems;

    Values(List<Problem> problems) {
        this.problems = problems;
    }

    /** The same so far, with problems of its own from now on. */
    Values(Values before, List<Problem> problems) {
        this(problems);
        before.named.forEach((setting, read) -> named.put(setting, new ArrayList<>(read)));
        places.putAll(before.places);
    }

    /** Takes in a source that counts more than all before; every item of it is read, for a mistake is one even if overridden. */
    void add(Given given) {
        places.putAll(given.places());
        given.items().forEach((setting, items) -> {
            List<Read> read = new ArrayList<>();
            if (items.size() > MOST_ITEMS) {
                problems.add(Problem.setting(
                        items.getFirst().where(),
                        setting.name() + " has " + items.size() + " values, expected at most 1,024"));
                return;
            }
            items.forEach(item -> read(setting, item).ifPresent(read::add));
            if (setting.shape() == Setting.Shape.ENTRIES) {
                named.computeIfAbsent(setting, none -> new ArrayList<>()).addAll(read);
            } else {
                named.put(setting, read);
            }
        });
    }

    private Optional<Read> read(Setting<?> setting, Item item) {
        return setting.kind()
                .read(item.text(), item.base())
                .orTell(message -> problems.add(
                        Problem.setting(item.where(), setting.name() + " is " + item.shown() + ", " + message)))
                .map(value -> new Read(item, value));
    }

    /** Whether some source named it, well or badly. */
    boolean isNamed(Setting<?> setting) {
        return named.containsKey(setting);
    }

    /** Whether some source named it, and all badly: its default stands in for what nobody knows. */
    boolean isUnread(Setting<?> setting) {
        List<Read> read = named.get(setting);
        return read != null && read.isEmpty();
    }

    /** Where it was named last. */
    Where where(Setting<?> setting) {
        return places.getOrDefault(setting, new Where.Together());
    }

    /** The directory that its last value was written for. */
    Path base(Setting<?> setting, Path otherwise) {
        List<Read> read = named.getOrDefault(setting, List.of());
        return read.isEmpty() ? otherwise : read.getLast().item().base();
    }

    /** The value, or the default, or none. */
    <T> Optional<T> optional(Setting<T> setting) {
        List<T> values = list(setting);
        return values.isEmpty() ? Optional.empty() : Optional.of(values.getLast());
    }

    /** The value, or the default, which this setting has to have. */
    <T> T one(Setting<T> setting) {
        return optional(setting).orElseThrow();
    }

    /** All values, or the default. A setting whose values are all wrong has its default, for the checks to go on with. */
    <T> List<T> list(Setting<T> setting) {
        List<T> values = new ArrayList<>();
        for (Read read : named.getOrDefault(setting, List.of())) {
            values.add(setting.kind().type().cast(read.value()));
        }
        return values.isEmpty() && !namedEmpty(setting) ? standard(setting) : List.copyOf(values);
    }

    /** Only a list may be empty on purpose. */
    private boolean namedEmpty(Setting<?> setting) {
        return setting.shape() == Setting.Shape.LIST && named.containsKey(setting);
    }

    private static <T> List<T> standard(Setting<T> setting) {
        if (setting.standard().isEmpty()) {
            return List.of();
        }
        return setting.kind()
                .read(setting.standard(), ROOT)
                .orTell(message -> {
                    throw new IllegalStateException("the default of " + setting.name() + " is wrong: " + message);
                })
                .map(List::of)
                .orElseThrow();
    }

    /** The entries by name, the last source's word for each. */
    Map<String, String> entries(Setting<String> setting) {
        Map<String, String> entries = new LinkedHashMap<>();
        for (Read read : named.getOrDefault(setting, List.of())) {
            entries.put(read.item().entry(), String.valueOf(read.value()));
        }
        return entries;
    }

    /** The names of the entries, with the place of each. */
    Map<String, Where> entryPlaces(Setting<String> setting) {
        Map<String, Where> places = new LinkedHashMap<>();
        for (Read read : named.getOrDefault(setting, List.of())) {
            places.put(read.item().entry(), read.item().where());
        }
        return places;
    }
}
