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
    private final Path file;
    private final Path shownFile;
    private final Path base;
    private final List<Problem> problems;
    private final FromFile found = FromFile.empty();

    /** Whether what is read is one application of several. */
    private final boolean ofApplication;

    /** The keys that may stand in a table, and what it is called in front of a key. */
    private record Table(Section section, String prefix, List<Setting<?>> keys) {
        static Table of(Section section) {
            List<Setting<?>> keys = new ArrayList<>();
            for (Setting<?> setting : Declarations.all()) {
                if (setting.section() == section) {
                    keys.add(setting);
                }
            }
            return new Table(section, section == Section.TOP ? "" : section.key() + ".", keys);
        }

        static Table ofApplication(Section section) {
            boolean top = section == Section.TOP;
            return new Table(
                    section,
                    top ? "" : section.key() + ".",
                    top ? ApplicationDeclarations.above() : ApplicationDeclarations.of(section));
        }

        static Table ofGroup() {
            return new Table(Section.WORKERS, Section.WORKERS.key() + ".", GroupSettings.all());
        }

        static Table ofCertificate() {
            return new Table(Section.TLS, "tls.certificates ", TlsDeclarations.ofCertificate());
        }
    }

    /**
     * A reader of one file.
     *
     * @param file absolute
     * @param shownFile the same as problems name it
     */
    TomlSource(Path file, Path shownFile, List<Problem> problems) {
        this(file, shownFile, problems, false);
    }

    private TomlSource(Path file, Path shownFile, List<Problem> problems, boolean ofApplication) {
        this.ofApplication = ofApplication;
        this.file = file;
        this.shownFile = shownFile;
        this.base = Optional.ofNullable(file.getParent()).orElse(file);
        this.problems = problems;
    }

    /** Reads a file that is one application's alone. */
    static FromFile.Application application(Path file, Path shownFile) {
        List<Problem> mistakes = new ArrayList<>();
        TomlSource source = new TomlSource(file, shownFile, mistakes, true);
        return new FromFile.Application(source.whole(), file, true, source.read(), mistakes);
    }

    FromFile read() {
        try {
            if (Files.size(file) > SettingsFile.LONGEST) {
                problems.add(Problem.setting(whole(), "the file is longer than 1MiB, expected a settings file"));
                return found;
            }
            TomlParseResult root = Toml.parse(file);
            root.errors().forEach(error -> problems.add(Problem.setting(at(error.position()), message(error))));
            if (SettingsFile.isProject(file)) {
                project(root);
            } else {
                sections(root);
            }
        } catch (IOException failure) {
            problems.add(Problem.setting(whole(), "the file can not be read: " + failure));
        }
        return found;
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

    private Where at(TomlTable table, List<String> path) {
        return Optional.ofNullable(table.inputPositionOf(path)).map(this::at).orElseGet(this::whole);
    }

    /** Our table of a project's file; the others are none of our business. */
    private void project(TomlTable root) {
        Object ours = root.get(SettingsFile.TABLE);
        if (ours instanceof TomlTable table) {
            sections(table);
        } else if (ours != null) {
            problems.add(Problem.setting(
                    at(root, SettingsFile.TABLE),
                    "tool.terpan is " + typeOf(ours) + ", expected the table [tool.terpan]"));
        }
    }

    /** A table as it is written in this file. */
    private String header(String name) {
        return (SettingsFile.isProject(file) ? "[tool.terpan." : "[") + name + "]";
    }

    private void sections(TomlTable root) {
        for (Map.Entry<String, Object> entry : root.entrySet()) {
            Optional<Section> section = section(entry.getKey());
            if (section.isEmpty() && !ofApplication && entry.getKey().equals(ApplicationDeclarations.TABLES)) {
                applications(root, entry.getValue());
            } else if (section.isEmpty()) {
                setting(root, table(Section.TOP), entry, found.settings());
            } else if (ofApplication && table(section.get()).keys().isEmpty()) {
                problems.add(Problem.setting(
                        at(root, List.of(entry.getKey())),
                        header(section.get().key()) + " "
                                + ApplicationDeclarations.whyNot(section.get(), "")
                                        .orElseThrow()));
            } else if (entry.getValue() instanceof TomlTable table) {
                Table keys = table(section.get());
                table.entrySet().forEach(inner -> {
                    if (section.get() == Section.TLS && inner.getKey().equals(TlsDeclarations.CERTIFICATES)) {
                        certificates(table, inner.getValue());
                    } else {
                        setting(table, keys, inner, found.settings());
                    }
                });
            } else if (section.get() == Section.WORKERS && isListOfTables(entry.getValue())) {
                groups((TomlArray) entry.getValue());
            } else {
                problems.add(Problem.setting(at(root, List.of(entry.getKey())), notTable(section.get(), entry)));
            }
        }
    }

    private Table table(Section section) {
        return ofApplication ? Table.ofApplication(section) : Table.of(section);
    }

    private void applications(TomlTable root, Object value) {
        if (!isListOfTables(value)) {
            problems.add(Problem.setting(
                    at(root, List.of(ApplicationDeclarations.TABLES)),
                    "applications is " + typeOf(value) + ", expected a table [" + header(ApplicationDeclarations.TABLES)
                            + "] for each application"));
            return;
        }
        TomlArray tables = (TomlArray) value;
        for (int i = 0; i < tables.size(); i++) {
            List<Problem> mistakes = new ArrayList<>();
            TomlSource source = new TomlSource(file, shownFile, mistakes, true);
            source.sections(tables.getTable(i));
            found.applications()
                    .add(new FromFile.Application(at(tables.inputPositionOf(i)), file, false, source.found, mistakes));
        }
    }

    private static boolean isListOfTables(Object value) {
        return value instanceof TomlArray array
                && !array.isEmpty()
                && array.toList().stream().allMatch(TomlTable.class::isInstance);
    }

    private void groups(TomlArray tables) {
        tables(tables, Table.ofGroup(), found.groups());
    }

    private void certificates(TomlTable tls, Object value) {
        if (isListOfTables(value)) {
            tables((TomlArray) value, Table.ofCertificate(), found.certificates());
        } else {
            problems.add(
                    Problem.setting(
                            at(tls, List.of(TlsDeclarations.CERTIFICATES)),
                            "tls.certificates is " + typeOf(value)
                                    + ", expected a list of tables, such as [{certificate = \"shop.pem\", key = \"shop.key\"}]"));
        }
    }

    private void tables(TomlArray tables, Table keys, List<FromFile.Group> into) {
        for (int i = 0; i < tables.size(); i++) {
            TomlTable table = tables.getTable(i);
            FromFile.Group group = new FromFile.Group(at(tables.inputPositionOf(i)), Given.empty());
            table.entrySet().forEach(entry -> setting(table, keys, entry, group.settings()));
            into.add(group);
        }
    }

    private static Optional<Section> section(String key) {
        return List.of(Section.values()).stream()
                .filter(section -> section != Section.TOP && section.key().equals(key))
                .findFirst();
    }

    private String notTable(Section section, Map.Entry<String, Object> entry) {
        if (section == Section.WORKERS && entry.getValue() instanceof TomlArray) {
            return "workers is a list, expected the table " + header("workers") + ", or a table [" + header("workers")
                    + "] for each group of workers";
        }
        if (entry.getValue() instanceof TomlArray) {
            return "[" + header(section.key()) + "] is a list of tables, expected one table " + header(section.key());
        }
        String hint = Declarations.all().stream()
                .filter(setting -> setting.word().equals(section.key()))
                .findFirst()
                .map(setting -> "; did you mean " + setting.name() + "?")
                .orElse("");
        return section.key() + " is " + typeOf(entry.getValue()) + ", expected the table " + header(section.key())
                + hint;
    }

    private void setting(TomlTable table, Table keys, Map.Entry<String, Object> entry, Given into) {
        setting(table, keys, "", entry, into);
    }

    /**
     * Takes in one entry of a table, or of a table within it.
     *
     * @param within what stands before the key in a setting's key: empty, or the key of the inner table and a dot
     */
    private void setting(TomlTable table, Table keys, String within, Map.Entry<String, Object> entry, Given into) {
        String key = within + entry.getKey();
        Where where = at(table, List.of(entry.getKey()));
        if (entry.getValue() instanceof TomlTable inner
                && keys.keys().stream().anyMatch(setting -> setting.key().startsWith(key + "."))) {
            inner.entrySet().forEach(each -> setting(inner, keys, key + ".", each, into));
            return;
        }
        Optional<Setting<?>> known = keys.keys().stream()
                .filter(setting -> setting.key().equals(key))
                .findFirst();
        if (known.isEmpty()) {
            Optional<String> whyNot =
                    ofApplication ? ApplicationDeclarations.whyNot(keys.section(), key) : Optional.empty();
            problems.add(Problem.setting(
                    where,
                    whyNot.map(why -> keys.prefix() + key + " " + why)
                            .orElseGet(() -> unknown(keys, key, entry.getValue()))));
            return;
        }
        Setting<?> setting = known.get();
        into.put(
                setting,
                where,
                switch (setting.shape()) {
                    case ONE -> one(setting, where, "", entry.getValue());
                    case LIST -> list(setting, where, entry.getValue());
                    case ENTRIES -> entries(setting, where, entry.getValue());
                });
    }

    private List<Item> one(Setting<?> setting, Where where, String entry, Object value) {
        boolean fits = switch (setting.kind().toml()) {
            // A size or time of 0 needs no unit, so it may be a bare number; others get a message about the unit.
            case STRING -> value instanceof String || (value instanceof Long && hasUnit(setting));
            case INTEGER -> value instanceof Long;
            case INTEGER_OR_STRING -> value instanceof Long || value instanceof String;
            case BOOLEAN -> value instanceof Boolean;
            case TABLE -> value instanceof String || value instanceof TomlTable;
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
        if (value instanceof TomlTable table) {
            return List.of(new Item(where, base, entry, StaticFiles.line(table.toMap()), "a table"));
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
                    where,
                    setting.name() + " is " + typeOf(value) + ", expected a list of "
                            + (setting.kind().toml() == Kind.Toml.TABLE ? "tables" : "strings") + hint));
            return List.of();
        }
        List<Item> items = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            items.addAll(one(setting, at(array.inputPositionOf(i)), "", array.get(i)));
        }
        return items;
    }

    private List<Item> entries(Setting<?> setting, Where where, Object value) {
        if (!(value instanceof TomlTable table)) {
            problems.add(Problem.setting(
                    where, setting.name() + " is " + typeOf(value) + ", expected the table " + header(setting.name())));
            return List.of();
        }
        List<Item> items = new ArrayList<>();
        for (Map.Entry<String, Object> entry : table.entrySet()) {
            items.addAll(one(setting, at(table, List.of(entry.getKey())), entry.getKey(), entry.getValue()));
        }
        return items;
    }

    private String unknown(Table keys, String key, Object value) {
        if (keys.section() == Section.TOP && value instanceof TomlTable) {
            List<String> tables = List.of(Section.values()).stream()
                    .map(Section::key)
                    .filter(known -> !known.isEmpty())
                    .toList();
            return header(key) + " is no known table"
                    + Nearest.to(key, tables)
                            .map(near -> "; did you mean " + header(near) + "?")
                            .orElse("; known are " + String.join(", ", tables));
        }
        return keys.prefix() + key + " is no known setting"
                + nearest(keys, key).map(near -> "; did you mean " + near + "?").orElse("");
    }

    /** Looks in the same table first, then among all keys and flags. */
    private static Optional<String> nearest(Table keys, String key) {
        Map<String, String> near = new LinkedHashMap<>();
        Map<String, String> far = new LinkedHashMap<>();
        keys.keys().forEach(setting -> near.put(setting.key(), setting.name()));
        for (Setting<?> setting : Declarations.all()) {
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
