package terpan.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Checks what settings say together, and against the machine. */
final class Consistency {
    /** Room for the names of the sockets in the run directory, below the longest path of a Unix socket. */
    private static final int LONGEST_RUN_DIRECTORY = 80;

    private static final int FILES_MOST = 64;

    private final Values values;
    private final Host host;
    private final List<Problem> problems;

    Consistency(Values values, Host host, List<Problem> problems) {
        this.values = values;
        this.host = host;
        this.problems = problems;
    }

    /** What is for all applications. */
    void ofAll(Settings settings) {
        somewhereToListen(settings.bind());
        order(settings);
        directories(settings);
        frontUser(settings);
        token(OperatorDeclarations.TOKEN_FILE, settings.admin().operators().token());
        token(
                OperatorDeclarations.READER_TOKEN_FILE,
                settings.admin().operators().readerToken());
        settings.traces().fieldsFile().ifPresent(this::traceFields);
    }

    private void traceFields(Path file) {
        try {
            TraceFields.read(file);
        } catch (IOException unusable) {
            add(TraceDeclarations.FIELDS_FILE, "traces.fields-file is " + file + ", " + unusable.getMessage());
        }
    }

    private void token(Setting<?> file, Operators.Token token) {
        if (token.text().isPresent() && token.file().isPresent()) {
            add(file, file.name() + " is there and the token itself, too: expected one of them");
        }
        token.file()
                .filter(path -> !Files.isReadable(path))
                .ifPresent(path -> add(file, file.name() + " is " + path + ", which can not be read"));
    }

    /**
     * What is one application's.
     *
     * @param whole where it stands
     */
    void ofApplication(Settings settings, Where whole) {
        somethingToServe(whole);
        users();
        environmentNames();
        sticky(settings);
        prove(settings);
        boolean otherUser = host.isRoot()
                && settings.application().flatMap(Settings.Application::user).isPresent();
        files(settings.files(), otherUser);
        int shapes = settings.http().routeShapes().size();
        if (shapes > LimitDeclarations.ROUTE_SHAPES_MOST) {
            add(
                    LimitDeclarations.ROUTE_SHAPES,
                    "http.route-shapes has " + shapes + " shapes, expected at most "
                            + LimitDeclarations.ROUTE_SHAPES_MOST);
        }
        settings.application().ifPresent(application -> nothingElse(settings.files(), application.chdir()));
        settings.http()
                .errorPages()
                .filter(directory -> !Files.isDirectory(directory))
                .ifPresent(directory -> add(
                        LimitDeclarations.ERROR_PAGES, "http.error-pages is " + directory + ", which is no directory"));
    }

    /** A directory that is not there yet is a mistake, too: more often its name is. */
    private void files(FileSettings files, boolean otherUser) {
        places(FileDeclarations.STATIC, files.statics(), otherUser);
        places(FileDeclarations.INTERNAL, files.internal(), otherUser);
        for (Path directory : files.sendfile()) {
            if (!Files.isDirectory(directory)) {
                add(FileDeclarations.SENDFILE, "sendfile is " + directory + ", which is no directory");
            } else if (otherUser) {
                rootAlone(FileDeclarations.SENDFILE, directory);
            }
        }
    }

    /** A directory with the application in it has its code, its settings and perhaps its database in it: clients would read them. */
    private void nothingElse(FileSettings files, Path application) {
        Path code = real(application);
        files.statics().stream()
                .filter(one -> !one.single() && code.startsWith(real(one.place())))
                .forEach(
                        one -> add(
                                FileDeclarations.STATIC,
                                "static " + one.path() + " is " + one.place() + ", which has the application in it ("
                                        + application
                                        + "): clients could read its code and settings; expected a directory that has only what is for clients"));
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException missing) {
            return path.toAbsolutePath().normalize(); // that it is not there is a problem of its own
        }
    }

    /** Root reads these files: whoever could lead it elsewhere would have it read what is not for them. */
    private void rootAlone(Setting<?> setting, Path directory) {
        RootOnly.changeable(directory)
                .ifPresent(where -> add(
                        setting,
                        setting.name() + " has " + directory + ", but others than root can change " + where
                                + ": with application.user they could have root read any file for them; expected a place that root"
                                + " alone can change"));
    }

    private void places(Setting<StaticFiles> setting, List<StaticFiles> said, boolean otherUser) {
        Set<String> paths = new HashSet<>();
        for (StaticFiles one : said) {
            if (!paths.add(one.path())) {
                add(setting, setting.name() + " has the path " + one.path() + " twice, expected it once");
            }
            if (one.single() ? !Files.isRegularFile(one.place()) : !Files.isDirectory(one.place())) {
                add(
                        setting,
                        setting.name() + " " + one.path() + " is " + one.place() + ", which is no "
                                + (one.single() ? "file" : "directory"));
            } else if (otherUser) {
                rootAlone(
                        setting,
                        one.single() ? Objects.requireNonNull(one.place().getParent()) : one.place());
            }
        }
        if (said.size() > FILES_MOST) {
            add(setting, setting.name() + " has " + said.size() + " paths, expected at most " + FILES_MOST);
        }
    }

    private void somethingToServe(Where whole) {
        if (!values.isNamed(Declarations.NAME_OF_APPLICATION)
                && values.list(Declarations.ATTACH).isEmpty()
                && problems.stream().noneMatch(problem -> problem.where() instanceof Where.InFile)) {
            problems.add(Problem.setting(
                    whole,
                    "there is nothing to serve: expected an application, such as app:application or a directory,"
                            + " or --attach with the address of a worker"));
        }
    }

    private void somewhereToListen(List<Bind> binds) {
        if (binds.isEmpty() && values.isNamed(Declarations.BIND) && problems.isEmpty()) {
            add(Declarations.BIND, "bind is an empty list, expected at least one address");
        }
        Set<String> seen = new HashSet<>();
        for (Bind bind : binds) {
            boolean chosenByKernel = bind.address() instanceof Address.Tcp(String host, int port) && port == 0;
            if (!chosenByKernel && !seen.add(bind.address().toString())) {
                add(Declarations.BIND, "bind names " + bind.address() + " twice");
            }
            bind.group()
                    .filter(group -> !host.hasGroup(group))
                    .ifPresent(group ->
                            add(Declarations.BIND, "bind has group=" + group + ", but there is no group of that name"));
        }
    }

    private void users() {
        Optional<String> user = values.optional(Declarations.USER);
        Optional<String> group = values.optional(Declarations.GROUP);
        if (!host.isRoot()) {
            user.ifPresent(name -> needsRoot(Declarations.USER, name));
            group.ifPresent(name -> needsRoot(Declarations.GROUP, name));
            return;
        }
        user.filter(name -> !host.hasUser(name))
                .ifPresent(name -> add(
                        Declarations.USER, "application.user is \"" + name + "\", but there is no user of that name"));
        group.filter(name -> !host.hasGroup(name))
                .ifPresent(name -> add(
                        Declarations.GROUP,
                        "application.group is \"" + name + "\", but there is no group of that name"));
    }

    private void needsRoot(Setting<?> setting, String name) {
        add(
                setting,
                setting.name() + " is \"" + name
                        + "\", but only root may change to it; start Terpan as root or leave it out");
    }

    /** Who the front becomes: what it is and what its applications are is to be apart. */
    private void frontUser(Settings settings) {
        Optional<String> front = settings.admin().frontUser();
        if (front.isEmpty()) {
            return;
        }
        if (!host.isRoot()) {
            needsRoot(Declarations.FRONT_USER, front.get());
        } else if (!host.hasUser(front.get())) {
            add(
                    Declarations.FRONT_USER,
                    "admin.front-user is \"" + front.get() + "\", but there is no user of that name");
        }
    }

    private void environmentNames() {
        for (Map.Entry<String, Where> entry :
                values.entryPlaces(Declarations.ENV).entrySet()) {
            if (!EnvironmentFile.NAME.matcher(entry.getKey()).matches()) {
                problems.add(Problem.setting(
                        entry.getValue(),
                        "application.env has the name \"" + entry.getKey()
                                + "\", expected letters, digits and underscores, no digit first"));
            }
        }
    }

    private void order(Settings settings) {
        Settings.Http http = settings.http();
        notOverHead(Declarations.TARGET_MOST, http.targetMost(), http.headMost());
        notOverHead(Declarations.FIELD_MOST, http.fieldMost(), http.headMost());
        Settings.Spool spool = settings.spool();
        if (spool.most() != 0 && spool.most() < spool.memory()) {
            add(
                    later(LimitDeclarations.SPOOL_MEMORY, LimitDeclarations.SPOOL_MOST),
                    "spool.most is "
                            + Units.show(spool.most()) + ", expected 0, or at least spool.memory, which is "
                            + Units.show(spool.memory()));
        }
    }

    private void sticky(Settings settings) {
        boolean chosen = settings.dispatch().choice() == Settings.Choice.STICKY;
        if (values.isNamed(Declarations.STICKY) && !chosen) {
            add(
                    Declarations.STICKY,
                    "dispatch.sticky is set, but dispatch.choice is not sticky, expected dispatch.choice = \"sticky\" beside it");
        }
        if (chosen
                && settings.application().isPresent()
                && settings.groups().stream().anyMatch(group -> group.socket() == Settings.SocketMode.SHARED)) {
            add(
                    Declarations.CHOICE,
                    "dispatch.choice is sticky, but where workers share a socket the kernel chooses among them;"
                            + " expected workers.socket = \"private\" or \"tcp\"");
        }
    }

    private void prove(Settings settings) {
        boolean proves =
                settings.application().flatMap(Settings.Application::prove).isPresent();
        if (proves && settings.dispatch().choice() == Settings.Choice.STICKY) {
            add(
                    ReloadDeclarations.PROVE_SHARE,
                    "application.prove.share is set, but dispatch.choice is sticky: clients keep their workers, and none are left to prove others by");
        }
        for (Setting<?> needs : List.of(ReloadDeclarations.PROVE_FOR, ReloadDeclarations.PROVE_REQUESTS)) {
            if (values.isNamed(needs) && !values.isNamed(ReloadDeclarations.PROVE_SHARE)) {
                add(
                        needs,
                        needs.name()
                                + " is set, but application.prove.share is not, expected a share of the requests beside it, such as \"5%\"");
            }
        }
    }

    private void notOverHead(Setting<?> setting, int size, int head) {
        if (size > head) {
            add(
                    later(setting, Declarations.HEAD_MOST),
                    setting.name() + " is " + Units.show(size) + ", expected at most http.max-head, which is "
                            + Units.show(head));
        }
    }

    /** The one of two that somebody named: the one to look at. */
    private Setting<?> later(Setting<?> one, Setting<?> other) {
        return values.isNamed(one) ? one : other;
    }

    private void directories(Settings settings) {
        if (!Files.isDirectory(settings.spool().directory())) {
            add(
                    LimitDeclarations.SPOOL_DIRECTORY,
                    "spool.directory is " + settings.spool().directory() + ", which is no directory");
        }
        settings.log().file().ifPresent(file -> parentExists(LogDeclarations.FILE, file));
        settings.log().accessFile().ifPresent(file -> parentExists(LogDeclarations.ACCESS_FILE, file));
        onePlace(LogDeclarations.TO, LogDeclarations.FILE);
        onePlace(LogDeclarations.ACCESS_TO, LogDeclarations.ACCESS_FILE);
        settings.admin().runDirectory().ifPresent(directory -> {
            int length = directory.toString().getBytes(StandardCharsets.UTF_8).length;
            if (length > LONGEST_RUN_DIRECTORY) {
                add(
                        Declarations.RUN_DIRECTORY,
                        "admin.run-directory " + directory + " has " + length
                                + " bytes, expected at most " + LONGEST_RUN_DIRECTORY
                                + ", for the path of a Unix socket in it may have 107 bytes");
            }
        });
    }

    private void onePlace(Setting<?> service, Setting<?> file) {
        if (values.isNamed(service) && values.isNamed(file)) {
            add(service, service.name() + " and " + file.name() + " are both set, expected one place for a log");
        }
    }

    private void parentExists(Setting<?> setting, Path file) {
        Optional.ofNullable(file.getParent())
                .filter(parent -> !Files.isDirectory(parent))
                .ifPresent(parent ->
                        add(setting, setting.name() + " is " + file + ", but " + parent + " is no directory"));
    }

    private void add(Setting<?> setting, String message) {
        problems.add(Problem.setting(values.where(setting), message));
    }
}
