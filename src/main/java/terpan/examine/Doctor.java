package terpan.examine;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import terpan.config.Settings;
import terpan.server.KnownFault;
import terpan.server.Profiles;
import terpan.server.ServerKind;
import terpan.worker.PythonFacts;
import terpan.worker.PythonFiles;
import terpan.worker.RunDirectory;
import terpan.worker.StartException;

/** Looks whether a configuration and a machine fit, without serving. */
public final class Doctor {
    private static final Duration FACTS_MOST = Duration.ofSeconds(20);
    private static final long MIB = 1L << 20;
    /** Clients at once that a front should at least have room for. */
    private static final int CLIENTS = 1_024;

    private static final int OWN_FILES = 128;
    private static final long FRONT_MEMORY = 160 * MIB;
    private static final long WORKER_MEMORY = 60 * MIB;
    private static final int ACCEPT_QUEUE = 4_096;
    private static final int WORKERS_A_PROCESSOR = 4;

    private final Settings settings;
    private final Machine machine;
    private final Map<String, String> environment;
    private final List<Finding> findings = new ArrayList<>();

    private Doctor(Settings settings, Machine machine, Map<String, String> environment) {
        this.settings = settings;
        this.machine = machine;
        this.environment = environment;
    }

    /** Everything that was looked at, in the order in which a start meets it. */
    public static List<Finding> examine(Settings settings, Map<String, String> environment) {
        return examine(settings, Machine.read(), environment);
    }

    /** Whether the workers that someone else runs are where the settings say. */
    public static List<Finding> attached(Settings settings) {
        return settings.attach().stream()
                .map(worker -> Attached.look(worker, settings.http().connectTimeout()))
                .toList();
    }

    /** What is kept of the certificates that are had from an authority. */
    public static List<Finding> issued(Settings settings) {
        return settings.tls()
                .acme()
                .map(acme -> Certificates.issued(acme, Instant.now()))
                .orElse(List.of());
    }

    static List<Finding> examine(Settings settings, Machine machine, Map<String, String> environment) {
        Doctor doctor = new Doctor(settings, machine, environment);
        settings.application().ifPresent(doctor::python);
        doctor.findings.addAll(Places.runDirectory(
                RunDirectory.pathFor(settings, environment).toAbsolutePath().normalize()));
        doctor.findings.addAll(Places.spool(settings.spool()));
        settings.bind().forEach(bind -> doctor.findings.add(Places.address(bind.address())));
        doctor.findings.addAll(Certificates.look(settings.tls(), Instant.now()));
        doctor.findings.addAll(TlsEngines.look(settings.tls()));
        doctor.findings.addAll(attached(settings));
        doctor.descriptors();
        doctor.acceptQueue();
        if (settings.application().isPresent()) {
            doctor.processors();
            doctor.memory();
        }
        doctor.findings.addAll(StateInProcess.look(settings));
        return List.copyOf(doctor.findings);
    }

    private void python(Settings.Application application) {
        Path interpreter = application.python().orElse(Path.of("python3"));
        List<ServerKind> kinds = settings.groups().stream()
                .flatMap(group -> Stream.concat(Stream.of(group.server().name()), inside(group.server())))
                .distinct()
                .flatMap(name -> Profiles.find(name).stream())
                .toList();
        List<String> questions = new ArrayList<>();
        for (ServerKind kind : kinds) {
            questions.add((kind.isProgram() ? "program:" : "server:") + kind.name());
            kind.distributions().forEach(name -> questions.add("distribution:" + name));
        }
        try (Scratch scratch = Scratch.open()) {
            PythonFacts facts = PythonFacts.ask(
                    PythonFiles.extract(Optional.of(application), environment, scratch.path()),
                    application,
                    interpreter,
                    questions,
                    FACTS_MOST);
            String user = application.user().map(name -> ", as user " + name).orElse("");
            findings.add(Finding.ok(
                    "interpreter", facts.implementation() + " " + facts.python() + ", " + facts.interpreter() + user));
            kinds.forEach(kind -> server(kind, facts));
        } catch (StartException failed) {
            findings.add(
                    Finding.problem("interpreter", String.valueOf(failed.getMessage()), "name another with --python"));
        }
    }

    /** A worker class of one server may be another server. */
    private static Stream<String> inside(Settings.Server server) {
        return Stream.of("worker-class", "worker_class")
                .flatMap(option -> Optional.ofNullable(server.options().get(option)).stream());
    }

    private void server(ServerKind kind, PythonFacts facts) {
        if (kind.isProgram()) {
            findings.add(facts.program(kind.name())
                    .map(version -> Finding.ok("server", kind.name() + " " + version))
                    .orElseGet(() -> Finding.problem(
                            "server",
                            "there is no command '" + kind.name() + "', neither beside the interpreter nor on the path",
                            kind.installHint())));
            return;
        }
        findings.add(facts.serverError(kind.name())
                .map(error -> Finding.problem("server", error, kind.installHint()))
                .orElseGet(() -> Finding.ok("server", facts.server(kind.name()).orElse(kind.name()))));
        for (KnownFault fault : ServerSurvey.faults(kind, facts)) {
            String version = facts.distribution(fault.distribution()).orElse("");
            findings.add(new Finding(
                    fault.fatal() ? Finding.Level.PROBLEM : Finding.Level.WARNING,
                    "version",
                    fault.distribution() + " " + version + ": " + fault.reason(),
                    fault.advice()));
        }
    }

    /** Clients, and connections to workers from each loop. */
    private void descriptors() {
        long links = settings.application().isEmpty()
                ? 0
                : settings.groups().stream()
                        .mapToLong(group -> group.workers().most()
                                * (Profiles.profile(
                                                        group.server(),
                                                        group.workers().threads())
                                                .capacity()
                                        + 4L))
                        .sum();
        long needed = OWN_FILES + links + CLIENTS;
        machine.descriptors()
                .ifPresent(most -> findings.add(
                        most < needed
                                ? Finding.warning(
                                        "descriptors",
                                        most + " open files at most, " + needed + " are needed for " + CLIENTS
                                                + " clients and the workers",
                                        "raise the limit: ulimit -Hn, or LimitNOFILE= of the service")
                                : Finding.ok(
                                        "descriptors",
                                        most + " open files at most, room for " + (most - OWN_FILES - links)
                                                + " clients")));
    }

    private void acceptQueue() {
        machine.acceptQueue()
                .ifPresent(most -> findings.add(
                        most < ACCEPT_QUEUE
                                ? Finding.warning(
                                        "accept queue",
                                        "somaxconn is " + most + ", Terpan asks for " + ACCEPT_QUEUE
                                                + ": a burst of clients may be refused",
                                        "sysctl net.core.somaxconn=" + ACCEPT_QUEUE)
                                : Finding.ok("accept queue", "somaxconn is " + most)));
    }

    private void processors() {
        double granted = Math.min(machine.processors(), machine.quota().orElse(machine.processors()));
        int workers = Settings.mostWorkers(settings.groups());
        String text = workers + " workers on "
                + (granted == Math.rint(granted)
                        ? Long.toString((long) granted)
                        : String.format(java.util.Locale.ROOT, "%.1f", granted))
                + " processors";
        if (workers > WORKERS_A_PROCESSOR * Math.max(1, granted)) {
            findings.add(Finding.warning("processors", text, "set workers.count to about the number of processors"));
        } else if (workers < Math.floor(granted)) {
            findings.add(Finding.warning(
                    "processors", text + ": some have nothing to do", "set workers.count to the number of processors"));
        } else {
            findings.add(Finding.ok("processors", text));
        }
    }

    private void memory() {
        long needed = FRONT_MEMORY + Settings.mostWorkers(settings.groups()) * WORKER_MEMORY;
        if (machine.memory().isEmpty()) {
            return;
        }
        long available = machine.memory().getAsLong();
        String text = available / MIB + " MiB available (" + memoryFound() + "), about " + needed / MIB
                + " MiB needed before the application's own; the front's heap takes "
                + Runtime.getRuntime().maxMemory() / MIB + " MiB at most";
        findings.add(
                available < needed
                        ? Finding.warning(
                                "memory", text, "set fewer workers, or give the machine or its control group more")
                        : Finding.ok("memory", text));
    }

    private String memoryFound() {
        String free =
                machine.free().isPresent() ? "the machine has " + machine.free().getAsLong() / MIB : "";
        String group = machine.group()
                .map(found -> "the control group " + found.name() + ", version " + found.version() + ", has "
                        + found.left() / MIB + " of " + found.limit() / MIB)
                .orElse("no control group has a limit");
        return free.isEmpty() ? group : free + ", " + group;
    }
}
