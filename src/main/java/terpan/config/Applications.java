package terpan.config;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.PatternSyntaxException;

/**
 * Puts several applications together, each from its own table or file and, where that says nothing, from the tables at the top. The mistakes of
 * each are kept apart, for one that has some need not be in the others' way.
 */
final class Applications {
    static final int MOST = 256;

    private static final String NOT_A_PATTERN = "[^*?\\[{]+";

    private final Values top;
    private final FromFile fromFile;
    private final Host host;
    private final ServerCheck servers;
    private final Sources sources;
    private final Map<Route, String> taken = new HashMap<>();

    Applications(Values top, FromFile fromFile, Host host, ServerCheck servers, Sources sources) {
        this.top = top;
        this.fromFile = fromFile;
        this.host = host;
        this.servers = servers;
        this.sources = sources;
    }

    /** Whether there are several, or may be. */
    static boolean areSeveral(Values top, FromFile fromFile) {
        return !fromFile.applications().isEmpty()
                || !top.list(ApplicationDeclarations.INCLUDE).isEmpty();
    }

    /** Says what may not stand at the top beside them. */
    void checkTop(List<Problem> problems) {
        for (Setting<?> setting : List.of(Declarations.NAME_OF_APPLICATION, Declarations.ATTACH)) {
            if (top.isNamed(setting)) {
                problems.add(Problem.setting(
                        top.where(setting),
                        setting.name() + " stands beside several applications, expected it in one of them: in a table"
                                + " [[applications]] or an included file"));
            }
        }
    }

    /**
     * All of them, in the order of the tables and then of the files' names.
     *
     * @param all the settings at the top
     * @param problems of what names them
     */
    List<Loaded.Site> load(Settings all, List<Problem> problems) {
        List<FromFile.Application> said = new ArrayList<>(fromFile.applications());
        included(problems).forEach(file -> said.add(read(file)));
        if (said.size() > MOST) {
            problems.add(Problem.setting(
                    said.getLast().table(), "there are " + said.size() + " applications, expected at most " + MOST));
        }
        List<Draft> drafts = said.stream().map(this::draft).toList();
        names(drafts);
        // What has no mistakes has its routes first.
        drafts.stream().filter(Draft::isGood).toList().forEach(this::take);
        drafts.stream().filter(draft -> !draft.taken).forEach(this::take);
        return drafts.stream().map(draft -> site(draft, all)).toList();
    }

    /** One of them while it is read. */
    private static final class Draft {
        final FromFile.Application said;
        final Values values;
        final List<Groups.Said> groups;
        final String name;
        final List<Route> routes;
        final List<Problem> problems;
        boolean taken;

        Draft(
                FromFile.Application said,
                Values values,
                List<Groups.Said> groups,
                String name,
                List<Route> routes,
                List<Problem> problems) {
            this.said = said;
            this.values = values;
            this.groups = groups;
            this.name = name;
            this.routes = routes;
            this.problems = problems;
        }

        boolean isGood() {
            return problems.isEmpty();
        }

        Where where(Setting<?> setting) {
            return values.isNamed(setting) ? values.where(setting) : said.table();
        }
    }

    private Draft draft(FromFile.Application said) {
        List<Problem> problems = new ArrayList<>(said.problems());
        Values values = new Values(top, problems);
        values.add(said.said().settings());
        List<Groups.Said> groups = groups(said, values, problems);
        String name = name(said, values, problems);
        return new Draft(said, values, groups, name, values.list(ApplicationDeclarations.ROUTES), problems);
    }

    /** No two have the same: of those that have it the only one without mistakes keeps it, else none, for nobody knows which is meant. */
    private static void names(List<Draft> drafts) {
        Map<String, List<Draft>> named = new LinkedHashMap<>();
        drafts.forEach(draft ->
                named.computeIfAbsent(draft.name, none -> new ArrayList<>()).add(draft));
        for (List<Draft> same : named.values()) {
            List<Draft> good = same.stream().filter(Draft::isGood).toList();
            for (Draft draft : same.size() > 1 ? same : List.<Draft>of()) {
                if (good.size() != 1 || !good.contains(draft)) {
                    draft.problems.add(Problem.setting(
                            draft.where(ApplicationDeclarations.NAME),
                            "the name \"" + draft.name + "\" is that of another application already"));
                }
            }
        }
    }

    /** A file that is no file just now, as a link that leads nowhere, has a mistake like any other: it is not gone. */
    private FromFile.Application read(Path file) {
        Path shown = Loader.shown(file, sources.directory());
        if (Files.isRegularFile(file)) {
            return TomlSource.application(file, shown);
        }
        Where where = new Where.InFile(shown, 0, 0);
        return new FromFile.Application(
                where,
                file,
                true,
                FromFile.empty(),
                List.of(Problem.setting(where, "include names it, but it is no file that can be read")));
    }

    /** Where the files lie. */
    Loaded.Ready.Included places() {
        Path base = top.base(ApplicationDeclarations.INCLUDE, sources.directory());
        Set<Path> folders = new LinkedHashSet<>();
        Set<Path> files = new LinkedHashSet<>();
        for (String pattern : top.list(ApplicationDeclarations.INCLUDE)) {
            Path path = base.resolve(pattern).normalize();
            boolean exact = String.valueOf(path.getFileName()).matches(NOT_A_PATTERN);
            (exact ? files : folders)
                    .add(exact ? path : Optional.ofNullable(path.getParent()).orElse(path));
        }
        return new Loaded.Ready.Included(
                top.one(ApplicationDeclarations.WATCH), List.copyOf(folders), List.copyOf(files));
    }

    private List<Path> included(List<Problem> problems) {
        Path base = top.base(ApplicationDeclarations.INCLUDE, sources.directory());
        Set<Path> files = new LinkedHashSet<>();
        for (String pattern : top.list(ApplicationDeclarations.INCLUDE)) {
            Path path = base.resolve(pattern).normalize();
            Path folder = Optional.ofNullable(path.getParent()).orElse(path);
            String name = String.valueOf(path.getFileName());
            boolean exact = name.matches(NOT_A_PATTERN);
            if (exact && !Files.isRegularFile(path)) {
                problems.add(Problem.setting(
                        top.where(ApplicationDeclarations.INCLUDE), "include names " + path + ", which is no file"));
                continue;
            }
            try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, exact ? "*" : name)) {
                List<Path> sorted = new ArrayList<>();
                found.forEach(sorted::add);
                sorted.stream()
                        .filter(file -> !Files.isDirectory(file) && (!exact || file.equals(path)))
                        .filter(file -> !file.getFileName().toString().startsWith("."))
                        .sorted()
                        .forEach(files::add);
            } catch (IOException | DirectoryIteratorException | PatternSyntaxException unreadable) {
                problems.add(Problem.setting(
                        top.where(ApplicationDeclarations.INCLUDE),
                        "include is \"" + pattern + "\", but " + folder + " can not be read or the pattern is none: "
                                + unreadable));
            }
        }
        return List.copyOf(files);
    }

    private Loaded.Site site(Draft draft, Settings all) {
        FromFile.Application said = draft.said;
        Values values = draft.values;
        List<Route> routes = draft.routes;
        List<Problem> problems = draft.problems;
        boolean strips = values.one(ApplicationDeclarations.STRIP) && !values.isNamed(Declarations.PREFIX);
        Set<String> paths = new LinkedHashSet<>();
        routes.forEach(route -> paths.add(route.path()));
        // Also where the workers know the only one: those of before and after a change of routes may know another.
        boolean tells = strips && paths.stream().anyMatch(path -> !path.isEmpty());
        String prefix = strips && paths.size() == 1 ? paths.iterator().next() : "";
        Settings settings = new Assembly(values, draft.groups, List.of(), host, servers, sources, problems)
                .settingsOf(all, draft.name, prefix, said.table(), said.said().settings());
        Loaded loaded = problems.isEmpty()
                ? new Loaded.Ready(
                        settings,
                        Optional.of(said.file()),
                        List.of(),
                        Map.of(),
                        false,
                        List.of(),
                        Loaded.Ready.Included.NONE,
                        new Loaded.Mounting(routes, tells))
                : new Loaded.Faulty(List.copyOf(Loader.inOrder(problems)));
        return new Loaded.Site(draft.name, said.file(), said.alone(), loaded);
    }

    private static String name(FromFile.Application said, Values values, List<Problem> problems) {
        String stem = said.file().getFileName().toString().replaceFirst("\\.[^.]*$", "");
        Optional<String> given = values.optional(ApplicationDeclarations.NAME);
        if (given.isEmpty() && !values.isNamed(ApplicationDeclarations.NAME)) {
            if (!said.alone()) {
                problems.add(Problem.setting(said.table(), "this application has no name, expected name = \"...\""));
            } else if (ApplicationDeclarations.NAME.kind().read(stem, said.file()) instanceof Parsed.Bad) {
                problems.add(Problem.setting(
                        said.table(),
                        "\"" + stem + "\" can not be the application's name, expected name = \"...\" of small letters,"
                                + " digits and hyphens in it"));
            }
        }
        return given.orElse(stem);
    }

    /** No two have the same. */
    private void take(Draft draft) {
        draft.taken = true;
        Where where = draft.where(ApplicationDeclarations.ROUTES);
        boolean unread = draft.values.isUnread(ApplicationDeclarations.ROUTES)
                || !draft.values.isNamed(ApplicationDeclarations.ROUTES)
                        && !draft.said.problems().isEmpty();
        if (unread && !draft.isGood()) {
            return;
        }
        String name = draft.name;
        List<Problem> problems = draft.problems;
        List<Route> routes = draft.routes;
        for (Route route : routes.isEmpty() ? List.of(new Route("", "")) : routes) {
            String other = taken.putIfAbsent(route, name);
            if (other != null && route.equals(new Route("", ""))) {
                problems.add(Problem.setting(
                        where,
                        "\"" + name + "\" would have all requests that nobody else has, but \"" + other
                                + "\" has them already, expected routes"));
            } else if (other != null) {
                problems.add(Problem.setting(
                        where,
                        "the route " + route + " is named "
                                + (other.equals(name) ? "twice" : "by \"" + other + "\" already")));
            }
        }
    }

    /** Its own groups; else, where it says nothing of workers, those at the top; else one, of what both say. */
    private List<Groups.Said> groups(FromFile.Application said, Values values, List<Problem> problems) {
        List<FromFile.Group> own = said.said().groups();
        if (own.isEmpty()) {
            boolean speaks = said.said().settings().items().keySet().stream()
                    .anyMatch(setting -> setting.section() == Section.WORKERS || setting.section() == Section.SERVER);
            return speaks || fromFile.groups().size() < 2
                    ? List.of(new Groups.Said(values, said.table()))
                    : fromFile.groups().stream()
                            .map(group -> of(group, problems))
                            .toList();
        }
        for (Setting<?> inGroup : GroupSettings.ofServer()) {
            if (said.said().settings().items().containsKey(inGroup)) {
                problems.add(Problem.setting(
                        values.where(inGroup),
                        "the table [server] stands beside [[workers]], expected " + inGroup.key()
                                + " in each [[workers]]"));
            }
        }
        if (own.size() == 1) {
            values.add(own.getFirst().settings());
            return List.of(new Groups.Said(values, own.getFirst().table()));
        }
        return own.stream().map(group -> of(group, problems)).toList();
    }

    private static Groups.Said of(FromFile.Group group, List<Problem> problems) {
        Values values = new Values(problems);
        values.add(group.settings());
        return new Groups.Said(values, group.table());
    }
}
