package terpan.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Puts the settings together from values that were read, and checks what no single value shows. */
final class Assembly {
    private static final int PROCESSORS_PER_LOOP = 4;

    private final Values values;
    private final List<Groups.Said> groups;
    private final List<FromFile.Group> certificates;
    private final Host host;
    private final ServerCheck servers;
    private final Sources sources;
    private final List<Problem> problems;

    /**
     * Settings from values.
     *
     * @param values what was said of all but the workers
     * @param groups what was said of each group of workers
     * @param certificates what the file lists of certificates
     * @param servers what is known of their servers
     */
    Assembly(
            Values values,
            List<Groups.Said> groups,
            List<FromFile.Group> certificates,
            Host host,
            ServerCheck servers,
            Sources sources,
            List<Problem> problems) {
        this.values = values;
        this.groups = groups;
        this.certificates = certificates;
        this.host = host;
        this.servers = servers;
        this.sources = sources;
        this.problems = problems;
    }

    /** The settings; only to be used when no problem was found. */
    Settings settings() {
        Settings settings = new Settings(
                bind(),
                application(values.optional(Declarations.PREFIX).orElse("")),
                new Groups(values, host, servers, problems).of(groups),
                values.list(Declarations.ATTACH),
                dispatch(),
                http(),
                forwarding(),
                tls(),
                limits(),
                spool(),
                log(),
                TraceDeclarations.read(values),
                admin(),
                files(),
                probes(),
                loops());
        Consistency consistency = new Consistency(values, host, problems);
        consistency.ofApplication(settings, new Where.Together());
        consistency.ofAll(settings);
        new Attachments(values, problems).check(settings);
        return settings;
    }

    /** What stands above several applications. */
    Settings settingsOfAll() {
        Settings settings = new Settings(
                bind(),
                Optional.empty(),
                List.of(),
                List.of(),
                dispatch(),
                http(),
                forwarding(),
                tls(),
                limits(),
                spool(),
                log(),
                TraceDeclarations.read(values),
                admin(),
                FileSettings.NONE,
                probes(),
                loops());
        new Consistency(values, host, problems).ofAll(settings);
        return settings;
    }

    /**
     * The settings of one application of several, as if it were alone.
     *
     * @param all what stands above all of them
     * @param name what it is called, which its groups of workers are called by, too
     * @param prefix where its routes mount it
     * @param table where it stands
     * @param own what it says itself
     */
    Settings settingsOf(Settings all, String name, String prefix, Where table, Given own) {
        List<Settings.WorkerGroup> named = new Groups(values, host, servers, problems)
                .of(groups).stream()
                        .map(group -> new Settings.WorkerGroup(
                                name + "/" + group.name(),
                                group.server(),
                                group.workers(),
                                group.weight(),
                                group.socket()))
                        .toList();
        Settings settings = new Settings(
                all.bind(),
                application(values.optional(Declarations.PREFIX).orElse(prefix)),
                named,
                values.list(Declarations.ATTACH),
                dispatch(),
                http(),
                all.forwarding(),
                all.tls(),
                limitsOf(all.limits(), own),
                all.spool(),
                all.log(),
                all.traces(),
                all.admin(),
                files(),
                all.probes(),
                all.loops());
        new Consistency(values, host, problems).ofApplication(settings, table);
        new Attachments(values, problems).check(settings);
        return settings;
    }

    private Settings.Tls tls() {
        AcmeSettings acme = new AcmeSettings(values, sources.environment(), host.isRoot(), problems);
        return new Certificates(values, certificates, acme, problems).of(values.list(Declarations.BIND));
    }

    private Settings.Admin admin() {
        return new Settings.Admin(
                values.optional(Declarations.RUN_DIRECTORY),
                values.optional(Declarations.FRONT_USER),
                new Operators(
                        values.optional(OperatorDeclarations.BIND),
                        token(OperatorDeclarations.TOKEN, OperatorDeclarations.TOKEN_FILE),
                        token(OperatorDeclarations.READER_TOKEN, OperatorDeclarations.READER_TOKEN_FILE),
                        values.list(OperatorDeclarations.HOSTS)));
    }

    private Operators.Token token(Setting<String> text, Setting<Path> file) {
        return new Operators.Token(values.optional(text), values.optional(file));
    }

    private FileSettings files() {
        return new FileSettings(
                values.list(FileDeclarations.STATIC),
                values.list(FileDeclarations.SENDFILE),
                values.list(FileDeclarations.INTERNAL));
    }

    private Settings.Spool spool() {
        return new Settings.Spool(
                values.one(LimitDeclarations.SPOOL_DIRECTORY),
                values.one(LimitDeclarations.SPOOL_MEMORY).intValue(),
                values.one(LimitDeclarations.SPOOL_MOST),
                values.one(LimitDeclarations.ANSWER_SPOOL));
    }

    private Probes probes() {
        return new Probes(
                values.optional(Declarations.LIVE_PATH),
                values.optional(Declarations.READY_PATH),
                values.one(Declarations.STOP_DELAY));
    }

    private int loops() {
        return values.optional(Declarations.LOOPS)
                .orElseGet(() -> Math.max(1, host.processors() / PROCESSORS_PER_LOOP));
    }

    /** Sockets that are handed over stand in for the address that would be listened on where none is named. */
    private List<Bind> bind() {
        boolean handedOver = HandedOver.names(sources.environment(), host.pid())
                .orTell(message -> problems.add(Problem.setting(new Where.Variable(HandedOver.COUNT), message)))
                .filter(names -> !names.isEmpty())
                .isPresent();
        return handedOver && !values.isNamed(Declarations.BIND) ? List.of() : values.list(Declarations.BIND);
    }

    private Optional<Settings.Application> application(String prefix) {
        Optional<String> name = values.optional(Declarations.NAME_OF_APPLICATION);
        Optional<Path> chdir = values.optional(Declarations.CHDIR);
        chdir.filter(path -> !Files.isDirectory(path))
                .ifPresent(path -> problems.add(Problem.setting(
                        values.where(Declarations.CHDIR), "application.chdir is " + path + ", which is no directory")));
        Map<String, String> environment = environment();
        if (name.isEmpty()) {
            return Optional.empty();
        }
        Path base = values.base(Declarations.NAME_OF_APPLICATION, sources.directory());
        return ApplicationLocator.locate(name.get(), base, chdir)
                .orTell(message -> problems.add(
                        new Problem(values.where(Declarations.NAME_OF_APPLICATION), Problem.Kind.APPLICATION, message)))
                .map(target -> application(name.get(), target, chdir.orElse(target.home()), environment, prefix));
    }

    private Settings.Application application(
            String name, AppTarget target, Path directory, Map<String, String> environment, String prefix) {
        return new Settings.Application(
                name,
                target,
                directory,
                interpreter(target.directory(), directory),
                environment,
                prefix,
                values.one(Declarations.INTERFACE),
                values.optional(Declarations.USER),
                values.optional(Declarations.GROUP),
                values.one(Declarations.DEVELOPMENT),
                values.list(ReloadDeclarations.WARM),
                values.optional(ReloadDeclarations.PROVE_SHARE)
                        .map(percent -> new Settings.Prove(
                                percent,
                                values.one(ReloadDeclarations.PROVE_FOR),
                                values.one(ReloadDeclarations.PROVE_REQUESTS))),
                values.one(ReloadDeclarations.KEEP),
                values.optional(ReloadDeclarations.RELOAD).orElseGet(() -> values.one(Declarations.DEVELOPMENT)),
                values.list(ReloadDeclarations.WATCH));
    }

    private Optional<Path> interpreter(Path application, Path chdir) {
        Optional<Path> asked = values.optional(Declarations.PYTHON);
        List<Path> places = new ArrayList<>(Project.folders(application));
        places.addAll(Project.folders(chdir));
        return InterpreterLocator.find(asked, places, sources.environment(), host.installedPython())
                .orTell(message -> problems.add(
                        new Problem(values.where(Declarations.PYTHON), Problem.Kind.INTERPRETER, message)));
    }

    private Map<String, String> environment() {
        Map<String, String> environment = new LinkedHashMap<>();
        values.optional(Declarations.ENV_FILE)
                .ifPresent(file ->
                        environment.putAll(EnvironmentFile.read(file, values.where(Declarations.ENV_FILE), problems)));
        environment.putAll(values.entries(Declarations.ENV));
        return Map.copyOf(environment);
    }

    private Settings.Dispatch dispatch() {
        return new Settings.Dispatch(
                values.one(Declarations.CHOICE),
                values.one(Declarations.STICKY),
                values.one(Declarations.QUEUE_SIZE),
                values.one(Declarations.QUEUE_WAIT),
                values.one(Declarations.WINDOW_MOST),
                values.one(Declarations.WINDOW_WAIT));
    }

    private Settings.Http http() {
        return new Settings.Http(
                values.one(Declarations.TARGET_MOST).intValue(),
                values.one(LimitDeclarations.STRICT_TARGETS),
                values.one(Declarations.FIELD_MOST).intValue(),
                values.one(Declarations.HEAD_MOST).intValue(),
                values.one(Declarations.FIELDS_MOST),
                values.one(Declarations.BODY_MOST),
                values.one(Declarations.HEAD_TIMEOUT),
                values.one(Declarations.BODY_IDLE),
                values.one(Declarations.BODY_RATE).intValue(),
                values.one(Declarations.KEEP_ALIVE_IDLE),
                values.one(Declarations.SEND_IDLE),
                values.one(Declarations.CONNECT_TIMEOUT),
                values.one(Declarations.ANSWER_IDLE),
                values.one(Declarations.ANSWER_WARN),
                values.one(Declarations.ABORT_ON_HALF_CLOSE),
                values.list(Declarations.TRUSTED_PROXIES),
                values.one(LimitDeclarations.CHUNK_OVERHEAD).intValue(),
                values.one(LimitDeclarations.KEEP_ALIVE_REQUESTS),
                values.one(LimitDeclarations.SEND_RATE).intValue(),
                values.one(LimitDeclarations.ANSWER_MOST),
                values.list(LimitDeclarations.STREAM),
                values.list(LimitDeclarations.ROUTE_SHAPES),
                values.optional(LimitDeclarations.ERROR_PAGES),
                compression(),
                new Tunnels(
                        values.one(TunnelDeclarations.MOST),
                        values.one(TunnelDeclarations.IDLE),
                        values.one(TunnelDeclarations.DRAIN)),
                values.one(LimitDeclarations.EARLY_HINTS));
    }

    private Settings.Compression compression() {
        List<String> types = values.list(CompressionDeclarations.TYPES);
        return new Settings.Compression(
                values.list(CompressionDeclarations.COMPRESS).stream()
                        .distinct()
                        .toList(),
                types.isEmpty() ? CompressionDeclarations.USUAL_TYPES : types,
                values.one(CompressionDeclarations.LEAST),
                values.one(CompressionDeclarations.GZIP_LEVEL),
                values.one(CompressionDeclarations.BROTLI_LEVEL),
                values.one(CompressionDeclarations.ZSTD_LEVEL));
    }

    private Settings.Limits limits() {
        int rate = values.one(LimitDeclarations.REQUEST_RATE);
        int burst = values.one(LimitDeclarations.REQUEST_BURST);
        return new Settings.Limits(
                values.one(LimitDeclarations.CONNECTIONS),
                values.one(LimitDeclarations.PER_ADDRESS),
                values.one(LimitDeclarations.STREAMS),
                rate,
                burst > 0 ? burst : 2 * rate,
                values.one(TunnelDeclarations.PER_ADDRESS),
                values.one(LimitDeclarations.MEMORY));
    }

    /** The rate at the top is that of all its applications together; one of its own counts besides. */
    private Settings.Limits limitsOf(Settings.Limits all, Given own) {
        Settings.Limits its = limits();
        boolean rated = own.items().containsKey(LimitDeclarations.REQUEST_RATE);
        boolean bursts = own.items().containsKey(LimitDeclarations.REQUEST_BURST);
        int rate = rated ? its.requestRate() : 0;
        return new Settings.Limits(
                all.connections(),
                all.connectionsPerAddress(),
                all.streamsPerConnection(),
                rate,
                bursts ? its.requestBurst() : 2 * rate,
                all.tunnelsPerAddress(),
                all.memory());
    }

    private Settings.Forwarding forwarding() {
        List<Settings.Told> usual =
                List.of(Settings.Told.X_FORWARDED_FOR, Settings.Told.X_FORWARDED_PROTO, Settings.Told.X_FORWARDED_HOST);
        return new Settings.Forwarding(
                values.isNamed(Forwarding.FORWARDED_FIELDS) ? values.list(Forwarding.FORWARDED_FIELDS) : usual,
                values.one(Forwarding.TRUSTED_FIELDS),
                values.one(Forwarding.REQUEST_IDS),
                values.optional(Forwarding.VIA));
    }

    private LogSettings log() {
        return new LogSettings(
                values.one(LogDeclarations.LEVEL).name().toLowerCase(Locale.ROOT),
                values.one(LogDeclarations.FORMAT),
                values.optional(LogDeclarations.FILE),
                values.optional(LogDeclarations.TO),
                values.optional(LogDeclarations.ACCESS)
                        .orElseGet(() -> values.one(Declarations.DEVELOPMENT) && host.atTerminal()),
                values.one(LogDeclarations.ACCESS_FORMAT),
                values.optional(LogDeclarations.ACCESS_FILE),
                values.optional(LogDeclarations.ACCESS_TO),
                new LogRotation(
                        values.optional(LogDeclarations.ROTATE_SIZE)
                                .map(OptionalLong::of)
                                .orElse(OptionalLong.empty()),
                        values.optional(LogDeclarations.ROTATE_EVERY),
                        values.one(LogDeclarations.ROTATE_KEEP)),
                values.list(LogDeclarations.ACCESS_RULES),
                new LogMasks(
                        or(LogDeclarations.MASK_QUERY, LogDeclarations.USUAL_QUERY),
                        or(LogDeclarations.MASK_FIELDS, LogDeclarations.USUAL_FIELDS)),
                values.optional(LogDeclarations.SLOW));
    }

    private List<String> or(Setting<String> names, List<String> usual) {
        return values.isNamed(names) ? values.list(names) : usual;
    }
}
