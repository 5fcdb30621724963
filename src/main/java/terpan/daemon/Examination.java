package terpan.daemon;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import terpan.config.Loaded;
import terpan.config.Problem;
import terpan.config.ServerCheck;
import terpan.config.Settings;
import terpan.examine.Doctor;
import terpan.examine.Finding;
import terpan.examine.Probe;
import terpan.examine.ProbeReport;
import terpan.examine.Scratch;
import terpan.examine.ServerSurvey;
import terpan.log.LogProvider;
import terpan.log.Logs;
import terpan.server.ProfileCheck;
import terpan.worker.PythonFacts;
import terpan.worker.PythonFiles;
import terpan.worker.StartException;

/** Examinations as the command line asks for them, each with this process's environment. */
public final class Examination {
    private Examination() {}

    /** Every server, and what an interpreter's environment has of it. */
    public static ServerSurvey servers(Path interpreter) throws StartFailure {
        try {
            return ServerSurvey.of(interpreter, System.getenv());
        } catch (StartException failed) {
            throw StartFailures.of(failed);
        }
    }

    /** What is wrong with a request to measure; empty: nothing. */
    public static List<ServerCheck.Mistake> mistakes(ProbeRequest request) {
        return ProfileCheck.mistakes(request.server(), request.threads());
    }

    /** Measures what a server does; the request must have no {@link #mistakes}. */
    public static ProbeReport probe(ProbeRequest request) throws StartFailure {
        LogProvider.choose();
        Logs.tellErrorsAlone();
        try {
            return Probe.run(
                    request.server(),
                    request.threads(),
                    request.python(),
                    Duration.ofSeconds(request.idleSeconds()),
                    System.getenv());
        } catch (StartException failed) {
            throw StartFailures.of(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new StartFailure(ExitCode.INTERRUPTED, "interrupted while it measured");
        }
    }

    /** Looks whether settings and machine fit; the application is imported once if interpreter and server are there. */
    public static List<Finding> doctor(Settings settings) throws StartFailure {
        List<Finding> findings = new ArrayList<>(Doctor.examine(settings, System.getenv()));
        boolean startable = findings.stream()
                .noneMatch(finding -> finding.level() == Finding.Level.PROBLEM
                        && List.of("interpreter", "server", "version").contains(finding.subject()));
        if (settings.application().isPresent() && startable) {
            findings.add(application(settings));
        }
        return findings;
    }

    /** The same of what was read: of several applications, what differs is told with its name. */
    public static List<Finding> doctor(Loaded.Ready ready) throws StartFailure {
        if (!ready.several()) {
            return doctor(ready.settings());
        }
        Map<Finding, List<String>> found = new LinkedHashMap<>();
        for (Loaded.Site site : ready.sites()) {
            for (Finding finding : doctor(site.ready().orElseThrow().settings())) {
                found.computeIfAbsent(finding, first -> new ArrayList<>()).add(site.name());
            }
        }
        return found.entrySet().stream()
                .map(each -> each.getValue().size() == ready.sites().size()
                        ? each.getKey()
                        : each.getKey().of(String.join(", ", each.getValue())))
                .toList();
    }

    /** What is wrong with the workers that someone else runs: where they are, as far as a machine can tell. */
    public static List<Finding> attached(Settings settings) {
        return Doctor.attached(settings).stream()
                .filter(finding -> finding.level() != Finding.Level.OK)
                .toList();
    }

    /** What is kept of the certificates that are had from an authority. */
    public static List<Finding> issued(Settings settings) {
        return Doctor.issued(settings);
    }

    /** What the doctor finds where there are no settings to examine: what is wrong with them. */
    public static List<Finding> findings(List<Problem> problems) {
        return problems.stream()
                .map(problem -> new Finding(Finding.Level.PROBLEM, subject(problem.kind()), problem.toString(), ""))
                .toList();
    }

    /** Which static files an application has, as its framework is set: lines for the settings; empty: none. */
    public static String staticFiles(Settings settings) throws StartFailure {
        Settings.Application application = settings.application().orElseThrow();
        Path interpreter = application.python().orElseThrow();
        try (Scratch scratch = Scratch.open()) {
            return PythonFacts.staticFiles(
                    PythonFiles.extract(Optional.of(application), System.getenv(), scratch.path()),
                    application,
                    interpreter,
                    settings.groups().getFirst().workers().startTimeout());
        } catch (StartException failed) {
            throw StartFailures.of(failed);
        }
    }

    private static String subject(Problem.Kind kind) {
        return switch (kind) {
            case SETTING -> "settings";
            case APPLICATION -> "application";
            case INTERPRETER -> "interpreter";
        };
    }

    private static Finding application(Settings settings) {
        try {
            Terpan.check(settings);
            return new Finding(Finding.Level.OK, "application", "imports, and a worker becomes ready", "");
        } catch (StartFailure failed) {
            return new Finding(Finding.Level.PROBLEM, "application", String.valueOf(failed.getMessage()), "");
        }
    }
}
