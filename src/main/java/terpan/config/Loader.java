package terpan.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Loads the settings: flags count more than variables {@code TERPAN_*}, those more than {@code PORT} and
 * {@code WEB_CONCURRENCY}, those more than the file, that more than the defaults. A mistake of the person's is a problem in the
 * result, never an exception.
 */
public final class Loader {
    private final Host host;
    private final ServerCheck servers;

    /**
     * A loader.
     *
     * @param host the machine that the settings are for
     * @param servers what is known of the servers that they may name
     */
    public Loader(Host host, ServerCheck servers) {
        this.host = host;
        this.servers = servers;
    }

    /** Settings, or all problems at once. */
    public Loaded load(Sources sources) {
        return load(sources, false);
    }

    /**
     * The same where the mistakes of one application of several need not be in the others' way.
     *
     * @param apart whether each has its mistakes for itself
     */
    public Loaded load(Sources sources, boolean apart) {
        List<Problem> problems = new ArrayList<>();
        Texts texts = new Texts(sources.directory(), problems);
        Values values = new Values(problems);
        Optional<Path> file = file(sources, problems);
        FromFile fromFile = file.map(path -> new TomlSource(path, shown(path, sources.directory()), problems).read())
                .orElseGet(FromFile::empty);
        Given variables = texts.variables(sources.environment());
        WorkerTables tables = new WorkerTables(fromFile, problems);
        values.add(fromFile.settings());
        tables.addOnlyOne(values);
        values.add(platform(texts, sources, variables, tables));
        values.add(variables);
        values.add(texts.flags(sources.flags()));
        boolean several = Applications.areSeveral(values, fromFile);
        Assembly assembly = new Assembly(
                values,
                several ? List.of() : tables.said(values),
                fromFile.certificates(),
                host,
                servers,
                sources,
                problems);
        Settings settings = several ? assembly.settingsOfAll() : assembly.settings();
        List<Loaded.Site> sites = List.of();
        Loaded.Ready.Included included = Loaded.Ready.Included.NONE;
        if (several) {
            Applications applications = new Applications(values, fromFile, host, servers, sources);
            applications.checkTop(problems);
            sites = applications.load(settings, problems);
            included = applications.places();
            if (!apart) {
                sites.forEach(site -> problems.addAll(site.loaded().problems()));
            }
        }
        if (!problems.isEmpty()) {
            return new Loaded.Faulty(List.copyOf(inOrder(problems)));
        }
        return new Loaded.Ready(
                settings,
                file,
                warnings(sources, tables, file),
                fixed(values),
                several,
                sites,
                included,
                Loaded.Mounting.WHOLE);
    }

    private static Map<Setting<?>, Loaded.Ready.Stated> fixed(Values values) {
        Map<Setting<?>, Loaded.Ready.Stated> fixed = new LinkedHashMap<>();
        for (Setting<?> setting : Declarations.FIXED) {
            fixed.put(setting, new Loaded.Ready.Stated(values.list(setting), values.where(setting)));
        }
        return fixed;
    }

    private static List<String> warnings(Sources sources, WorkerTables tables, Optional<Path> file) {
        List<String> warnings = new ArrayList<>(Texts.warnings(sources.environment()));
        file.filter(own -> own.endsWith(SettingsFile.OWN))
                .flatMap(own -> Optional.ofNullable(own.getParent()))
                .flatMap(SettingsFile::projectIn)
                .ifPresent(project -> warnings.add("[tool.terpan] of " + shown(project, sources.directory())
                        + " was left out: " + SettingsFile.OWN + " lies beside it, and counts alone"));
        if (tables.areSeveral() && sources.environment().containsKey(Texts.CONCURRENCY)) {
            warnings.add("the variable WEB_CONCURRENCY was left out: there are several groups of workers");
        }
        return warnings;
    }

    /** What the platform says counts, and is checked, only where nothing above it speaks. */
    private static Given platform(Texts texts, Sources sources, Given variables, WorkerTables tables) {
        Map<String, String> left = new HashMap<>(sources.environment());
        if (sources.flags().containsKey(Declarations.BIND) || variables.items().containsKey(Declarations.BIND)) {
            left.remove("PORT");
        }
        if (tables.areSeveral()
                || sources.flags().containsKey(WorkerDeclarations.COUNT)
                || variables.items().containsKey(WorkerDeclarations.COUNT)) {
            left.remove(Texts.CONCURRENCY);
        }
        return texts.platform(left);
    }

    /** The file that was asked for; else that of the working directory; else that beside the application or of its project. */
    private static Optional<Path> file(Sources sources, List<Problem> problems) {
        String variable = sources.environment().getOrDefault("TERPAN_CONFIG", "");
        Optional<Path> asked =
                sources.file().or(() -> variable.isEmpty() ? Optional.empty() : Optional.of(Path.of(variable)));
        if (asked.isPresent()) {
            Path path = sources.directory().resolve(asked.get()).normalize();
            if (Files.isRegularFile(path)) {
                return Optional.of(path);
            }
            Where where = sources.file().isPresent() ? new Where.Flag("--config") : new Where.Variable("TERPAN_CONFIG");
            problems.add(Problem.setting(where, "the settings file " + path + " does not exist or is no file"));
            return Optional.empty();
        }
        return SettingsFile.in(sources.directory()).or(() -> besideApplication(sources));
    }

    private static Optional<Path> besideApplication(Sources sources) {
        List<String> named = sources.flags().getOrDefault(Declarations.NAME_OF_APPLICATION, List.of());
        if (named.isEmpty()) {
            return Optional.empty();
        }
        Path path = sources.directory()
                .resolve(named.getLast().replaceFirst(":[^/:]*$", ""))
                .normalize();
        Path folder = Files.isDirectory(path) ? path : path.resolveSibling("").normalize();
        if (!Files.isDirectory(path) && !Files.isRegularFile(path)) {
            return Optional.empty();
        }
        return SettingsFile.in(folder)
                .or(() -> Project.folders(folder).stream()
                        .flatMap(above -> SettingsFile.projectIn(above).stream())
                        .findFirst());
    }

    static Path shown(Path file, Path directory) {
        return file.startsWith(directory) ? directory.relativize(file) : file;
    }

    /** Those of the file by line and column, the others behind them in the order in which they were found. */
    static List<Problem> inOrder(List<Problem> problems) {
        List<Problem> ordered = new ArrayList<>(new LinkedHashSet<>(problems)); // what several have is told once
        ordered.sort((one, other) -> one.where() instanceof Where.InFile(Path a, int line, int column)
                        && other.where() instanceof Where.InFile(Path b, int otherLine, int otherColumn)
                ? !a.equals(b)
                        ? a.compareTo(b)
                        : line != otherLine ? Integer.compare(line, otherLine) : Integer.compare(column, otherColumn)
                : Boolean.compare(!(one.where() instanceof Where.InFile), !(other.where() instanceof Where.InFile)));
        return ordered;
    }
}
