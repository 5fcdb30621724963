package terpan.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/**
 * Reads the settings file. It goes on after every mistake: unknown keys, values of the wrong type and lines that are no TOML
 * are all reported, each with line and column, and what can be taken in is.
 */
final class TomlSource {
    private static final long LONGEST_FILE = 1L << 20;

    private final Path file;
    private final Path shownFile;
    private final Path base;
    private final List<Problem> problems;
    private final Given given = Given.empty();

    /**
     * A reader of one file.
     *
     * @param file absolute
     * @param shownFile the same as problems name it
     */
    TomlSource(Path file, Path shownFile, List<Problem> problems) {
        this.file = file;
        this.shownFile = shownFile;
        this.base = Optional.ofNullable(file.getParent()).orElse(file);
        this.problems = problems;
    }

    Given read() {
        try {
            if (Files.size(file) > LONGEST_FILE) {
                problems.add(Problem.setting(whole(), "the file is longer than 1MiB, expected a settings file"));
                return given;
            }
            TomlParseResult root = Toml.parse(file);
            root.errors().forEach(error -> problems.add(Problem.setting(at(error.position()), message(error))));
            sections(root);
        } catch (IOException failure) {
            problems.add(Problem.setting(whole(), "the file can not be read: " + failure));
        }
        return given;
    }

    private static String message(RuntimeException error) {
        return "this is no TOML: " + Optional.ofNullable(error.getMessage()).orElse("not understood");
    }

    private Where whole() {
        return new Where.InFile(shownFile, 0, 0);
    }

    private Where at(TomlPosition position) {
        return new Where.InFile(shownFile, position.line(), position.column());
    }

    private Where at(TomlTable root, List<String> path) {
        return Optional.ofNullable(root.inputPositionOf(path)).map(this::at).orElseGet(this::whole);
    }

    private void sections(TomlTable root) {
        for (Map.Entry<String, Object> entry : root.entrySet()) {
            Optional<Section> section = section(entry.getKey());
            if (section.isEmpty()) {
                setting(root, Section.TOP, entry);
            } else if (entry.getValue() instanceof TomlTable table) {
                table.entrySet().forEach(inner -> setting(root, section.get(), inner));
            } else {
                problems.add(Problem.setting(at(root, List.of(entry.getKey())), notTable(section.get(), entry)));
            }
        }
    }

    private static Optional<Section> section(String key) {
        return List.of(Section.values()).stream()
                .filter(section -> section != Section.TOP && section.key().equals(key))
                .findFirst();
    }

    private static String notTable(Section section, Map.Entry<String, Object> entry) {
        if (entry.getValue() instanceof TomlArray) {
            return "[[" + section.key() + "]] is a list of tables, expected one table [" + section.key() + "]";
        }
        String hint = Declarations.all().stream()
                .filter(setting -> setting.word().equals(section.key()))
                .findFirst()
                .map(setting -> "; did you mean " + setting.name() + "?")
                .orElse("");
        return section.key() + " is " + typeOf(entry.getValue()) + ", expected the table [" + section.key() + "]"
                + hint;
    }

    private void setting(TomlTable root, Section section, Map.Entry<String, Object> entry) {
        String key = entry.getKey();
        List<String> path = section == Section.TOP ? List.of(key) : List.of(section.key(), key);
        Optional<Setting<?>> known = Declarations.all().stream()
                .filter(setting -> setting.section() == section && setting.key().equals(key))
                .findFirst();
        if (known.isEmpty()) {
            problems.add(Problem.setting(at(root, path), unknown(section, String.join(".", path), key, entry)));
            return;
        }
        Setting<?> setting = known.get();
        Where where = at(root, path);
        given.put(
                setting,
                where,
                switch (setting.shape()) {
                    case ONE -> one(setting, where, "", entry.getValue());
                    case LIST -> list(setting, where, entry.getValue());
                    case ENTRIES -> entries(setting, where, path, root, entry.getValue());
                });
    }

    private List<Item> one(Setting<?> setting, Where where, String entry, Object value) {
        boolean fits = switch (setting.kind().toml()) {
            // A size or time of 0 needs no unit, so it may be a bare number; others get a message about the unit.
            case STRING -> value instanceof String || (value instanceof Long && hasUnit(setting));
            case INTEGER -> value instanceof Long;
            case BOOLEAN -> value instanceof Boolean;
        };
        boolean scalar = value instanceof Long || value instanceof Boolean || value instanceof Double;
        if (!fits && !(setting.shape() == Setting.Shape.ENTRIES && scalar)) {
            String name = setting.name() + (entry.isEmpty() ? "" : "." + entry);
            problems.add(Problem.setting(
                    where,
                    name + " is " + typeOf(value) + ", expected "
                            + (setting.kind().toml() == Kind.Toml.STRING ? "a string, " : "") + setting.form()));
            return List.of();
        }
        String text = String.valueOf(value);
        return List.of(new Item(where, base, entry, text, value instanceof String ? '"' + text + '"' : text));
    }

    private static boolean hasUnit(Setting<?> setting) {
        return setting.label().equals("TIME") || setting.label().equals("SIZE");
    }

    private List<Item> list(Setting<?> setting, Where where, Object value) {
        if (!(value instanceof TomlArray array)) {
            String hint = value instanceof String text ? "; did you mean [\"" + text + "\"]?" : "";
            problems.add(Problem.setting(
                    where, setting.name() + " is " + typeOf(value) + ", expected a list of strings" + hint));
            return List.of();
        }
        List<Item> items = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            items.addAll(one(setting, at(array.inputPositionOf(i)), "", array.get(i)));
        }
        return items;
    }

    private List<Item> entries(Setting<?> setting, Where where, List<String> path, TomlTable root, Object value) {
        if (!(value instanceof TomlTable table)) {
            problems.add(Problem.setting(
                    where, setting.name() + " is " + typeOf(value) + ", expected the table [" + setting.name() + "]"));
            return List.of();
        }
        List<Item> items = new ArrayList<>();
        for (Map.Entry<String, Object> entry : table.entrySet()) {
            List<String> inner = new ArrayList<>(path);
            inner.add(entry.getKey());
            items.addAll(one(setting, at(root, inner), entry.getKey(), entry.getValue()));
        }
        return items;
    }

    private static String unknown(Section section, String name, String key, Map.Entry<String, Object> entry) {
        if (section == Section.TOP && entry.getValue() instanceof TomlTable) {
            List<String> tables = List.of(Section.values()).stream()
                    .map(Section::key)
                    .filter(known -> !known.isEmpty())
                    .toList();
            return "[" + key + "] is no known table"
                    + Nearest.to(key, tables)
                            .map(near -> "; did you mean [" + near + "]?")
                            .orElse("; known are " + String.join(", ", tables));
        }
        return name + " is no known setting"
                + nearest(section, key)
                        .map(near -> "; did you mean " + near + "?")
                        .orElse("");
    }

    /** Looks in the same table first, then among all keys and flags. */
    private static Optional<String> nearest(Section section, String key) {
        Map<String, String> near = new LinkedHashMap<>();
        Map<String, String> far = new LinkedHashMap<>();
        for (Setting<?> setting : Declarations.all()) {
            if (setting.section() == section) {
                near.put(setting.key(), setting.name());
            }
            far.putIfAbsent(setting.word(), setting.name());
            far.putIfAbsent(setting.key(), setting.name());
        }
        if (far.containsKey(key)) {
            return Optional.of(far.getOrDefault(key, key));
        }
        return Nearest.to(key, near.keySet())
                .map(found -> near.getOrDefault(found, found))
                .or(() -> Nearest.to(key, far.keySet()).map(found -> far.getOrDefault(found, found)));
    }

    private static String typeOf(Object value) {
        return switch (value) {
            case String text -> "the string \"" + text + "\"";
            case Long number -> "the number " + number;
            case Double number -> "the number " + number;
            case Boolean truth -> String.valueOf(truth);
            case TomlArray array -> "a list";
            case TomlTable table -> "a table";
            default -> "a date or time";
        };
    }
}
