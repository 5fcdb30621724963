package terpan.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import terpan.config.Loaded;
import terpan.config.Loader;
import terpan.config.Problem;
import terpan.config.Settings;
import terpan.config.Sources;
import terpan.daemon.Examination;
import terpan.daemon.ExitCode;
import terpan.daemon.ServeOptions;
import terpan.daemon.StartFailure;
import terpan.daemon.Terpan;

/** The commands that need the settings: loads them, tells their problems, and sets the command going. */
final class SettingsCommands {
    private final Surroundings surroundings;
    private final Actions actions;
    private final List<String> arguments;

    /**
     * Commands of one command line.
     *
     * @param arguments that line
     */
    SettingsCommands(Surroundings surroundings, Actions actions, List<String> arguments) {
        this.surroundings = surroundings;
        this.actions = actions;
        this.arguments = arguments;
    }

    int serve(ServeLine line) throws StartFailure {
        Loaded loaded = load(line);
        if (!loaded.problems().isEmpty()) {
            Terpan.refused(
                    surroundings.environment(),
                    String.join(
                            "\n",
                            loaded.problems().stream().map(Problem::toString).toList()));
        }
        return with(
                loaded,
                ready -> actions.serve(new ServeOptions(
                        ready,
                        apart -> load(line, apart),
                        line.install(),
                        ServeOptions.Command.of(arguments, surroundings.directory()))));
    }

    /**
     * Checks.
     *
     * @param suggests whether it says what the settings could say of static files
     */
    int check(ServeLine line, boolean suggests) throws StartFailure {
        return with(load(line), ready -> {
            int code = check(ready);
            if (code == ExitCode.OK.code() && suggests) {
                suggest(ready);
            }
            return code;
        });
    }

    private void suggest(Loaded.Ready ready) throws StartFailure {
        for (Settings settings : ready.each()) {
            if (settings.application().isEmpty()) {
                continue;
            }
            String found = actions.staticFiles(settings);
            String whose = settings.application().get().name();
            surroundings.out().println();
            surroundings
                    .out()
                    .println(
                            found.isEmpty()
                                    ? "No static files were found of " + whose + "."
                                    : "For the top of the settings of " + whose + ":\n\n" + found);
        }
    }

    int doctor(ServeLine line, boolean json) throws StartFailure {
        Loaded loaded = load(line);
        if (json && !loaded.problems().isEmpty()) {
            surroundings.out().print(DoctorPage.json(Examination.findings(loaded.problems())));
        }
        return with(loaded, ready -> actions.doctor(ready, json, surroundings.out()));
    }

    /** All applications are looked at, whatever is wrong with one. */
    private int check(Loaded.Ready ready) throws StartFailure {
        int code = ready.several() ? checkEach(ready.sites()) : checkOne(ready.settings());
        if (code != ExitCode.OK.code()) {
            return code;
        }
        Examination.issued(ready.settings())
                .forEach(finding -> surroundings.out().println("Certificate: " + finding.text() + "."));
        long importing = ready.each().stream()
                .filter(settings -> settings.application().isPresent())
                .count();
        surroundings
                .out()
                .println(
                        importing > 1
                                ? "The settings are right and all " + importing + " applications import."
                                : importing == 1
                                        ? "The settings are right and the application imports."
                                        : "The settings are right.");
        return ExitCode.OK.code();
    }

    private int checkEach(List<Loaded.Site> sites) throws StartFailure {
        List<String> failures = new ArrayList<>();
        ExitCode reason = ExitCode.OK;
        for (Loaded.Site site : sites) {
            try {
                int code = checkOne(site.ready().orElseThrow().settings());
                if (code != ExitCode.OK.code()) {
                    return code;
                }
            } catch (StartFailure failed) {
                failures.add(site.name() + ": " + failed.getMessage());
                reason = reason == ExitCode.OK ? failed.reason() : reason;
            }
        }
        if (!failures.isEmpty()) {
            throw new StartFailure(reason, String.join("\n", failures));
        }
        return ExitCode.OK.code();
    }

    private int checkOne(Settings settings) throws StartFailure {
        int code = actions.check(settings);
        Examination.attached(settings)
                .forEach(finding -> surroundings
                        .err()
                        .println("terpan: warning: attached worker " + finding.text() + "; " + finding.advice()));
        return code;
    }

    /**
     * The settings that say which running Terpan is meant.
     *
     * @param directory the run directory that serving them here would have
     * @param file where they stand, for people
     */
    record Meant(Settings settings, Path directory, String file) {}

    /**
     * The settings of a file that is named, or of one that lies here; empty: there is none, or it names nothing to serve.
     *
     * @throws StartFailure when the file that is named has mistakes
     */
    Optional<Meant> meant(Optional<Path> named) throws StartFailure {
        // Apart, for one application's mistakes are not in the way of an order to another.
        Loaded loaded = load(new ServeLine(Map.of(), named, false), true);
        if (!(loaded instanceof Loaded.Ready ready)) {
            boolean asked = named.isPresent()
                    || !surroundings
                            .environment()
                            .getOrDefault("TERPAN_CONFIG", "")
                            .isEmpty();
            if (asked) {
                Problems.tell(loaded.problems(), surroundings.err());
                throw new StartFailure(
                        ExitCode.CONFIGURATION, "the settings have mistakes; name what is meant with --run-directory");
            }
            return Optional.empty();
        }
        return ready.file()
                .map(file -> new Meant(
                        ready.settings(),
                        Terpan.runDirectory(ready.settings(), surroundings.environment()),
                        file.toString()));
    }

    private interface Use {
        int of(Loaded.Ready ready) throws StartFailure;
    }

    private Loaded load(ServeLine line) {
        return load(line, false);
    }

    private Loaded load(ServeLine line, boolean apart) {
        Sources sources = new Sources(line.flags(), line.file(), surroundings.environment(), surroundings.directory());
        return new Loader(surroundings.host(), Terpan.servers()).load(sources, apart);
    }

    private int with(Loaded loaded, Use use) throws StartFailure {
        // Not a switch over types, which is linked anew at every start.
        if (!(loaded instanceof Loaded.Ready ready)) {
            return Problems.tell(loaded.problems(), surroundings.err());
        }
        ready.warnings().forEach(warning -> surroundings.err().println("terpan: warning: " + warning));
        return use.of(ready);
    }
}
