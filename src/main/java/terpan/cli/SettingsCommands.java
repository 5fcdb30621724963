package terpan.cli;

import java.util.List;
import terpan.config.Loaded;
import terpan.config.Loader;
import terpan.config.Problem;
import terpan.config.Settings;
import terpan.config.Sources;
import terpan.daemon.ExitCode;
import terpan.daemon.ServeOptions;
import terpan.daemon.StartFailure;

/** The commands that need the settings: loads them, tells their problems, and sets the command going. */
final class SettingsCommands {
    private final Surroundings surroundings;
    private final Actions actions;

    SettingsCommands(Surroundings surroundings, Actions actions) {
        this.surroundings = surroundings;
        this.actions = actions;
    }

    int serve(ServeLine line) throws StartFailure {
        return with(line, settings -> actions.serve(settings, new ServeOptions(line.install())));
    }

    int check(ServeLine line) throws StartFailure {
        return with(line, this::check);
    }

    int doctor(ServeLine line, boolean json) throws StartFailure {
        return with(line, settings -> actions.doctor(settings, json, surroundings.out()));
    }

    private int check(Settings settings) throws StartFailure {
        int code = actions.check(settings);
        if (code == ExitCode.OK.code()) {
            surroundings.out().println("The settings are right and the application imports.");
        }
        return code;
    }

    private interface Use {
        int of(Settings settings) throws StartFailure;
    }

    private int with(ServeLine line, Use use) throws StartFailure {
        Sources sources = new Sources(line.flags(), line.file(), surroundings.environment(), surroundings.directory());
        Loaded loaded = new Loader(surroundings.host()).load(sources);
        // Not a switch over types, which is linked anew at every start.
        if (!(loaded instanceof Loaded.Ready ready)) {
            return faulty(loaded.problems());
        }
        ready.warnings().forEach(warning -> surroundings.err().println("terpan: warning: " + warning));
        return use.of(ready.settings());
    }

    private int faulty(List<Problem> problems) {
        problems.forEach(problem -> surroundings.err().println(problem));
        if (problems.size() > 1) {
            surroundings.err().println("terpan: " + problems.size() + " problems, see above");
        }
        boolean settings = problems.stream().anyMatch(problem -> problem.kind() == Problem.Kind.SETTING);
        Problem.Kind kind =
                settings ? Problem.Kind.SETTING : problems.getFirst().kind();
        return switch (kind) {
            case SETTING -> ExitCode.CONFIGURATION.code();
            case APPLICATION -> ExitCode.APPLICATION.code();
            case INTERPRETER -> ExitCode.INTERPRETER.code();
        };
    }
}
