package terpan.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;
import terpan.config.Declarations;
import terpan.config.Loaded;
import terpan.config.Loader;
import terpan.config.Nearest;
import terpan.config.Problem;
import terpan.config.Setting;
import terpan.config.Settings;
import terpan.config.Sources;
import terpan.daemon.ExitCode;
import terpan.daemon.ServeOptions;
import terpan.daemon.StartFailure;

/** The command line as a whole: parses the arguments, does what they ask, and says by an exit code how it ended. */
final class TerpanCommand {
    private final Surroundings surroundings;
    private final Actions actions;

    TerpanCommand(Surroundings surroundings, Actions actions) {
        this.surroundings = surroundings;
        this.actions = actions;
    }

    /** Runs one command and returns its exit code. */
    int run(List<String> arguments) {
        try {
            return parsed(arguments);
        } catch (ParameterException mistake) {
            return usage(mistake);
        } catch (StartFailure failure) {
            surroundings.err().println("terpan: " + failure.getMessage());
            return failure.reason().code();
        } catch (RuntimeException | Error fault) {
            surroundings.err().println("terpan: a fault in Terpan itself, please report it:");
            fault.printStackTrace(surroundings.err());
            return ExitCode.INTERNAL.code();
        }
    }

    private int parsed(List<String> arguments) throws StartFailure {
        Optional<Command> named = arguments.isEmpty() ? Optional.empty() : Command.named(arguments.getFirst());
        CommandLine line =
                new CommandLine(CommandSpecs.root(named.map(List::of).orElseGet(() -> List.of(Command.values()))));
        ParseResult result = line.parseArgs(arguments.toArray(String[]::new));
        if (result.hasMatchedOption(CommandSpecs.VERSION)) {
            return version();
        }
        if (result.isUsageHelpRequested()) {
            line.usage(surroundings.out());
            return ExitCode.OK.code();
        }
        if (!result.hasSubcommand()) {
            line.usage(surroundings.err());
            return ExitCode.USAGE.code();
        }
        ParseResult inner = result.subcommand();
        if (inner.isUsageHelpRequested()) {
            inner.commandSpec().commandLine().usage(surroundings.out());
            return ExitCode.OK.code();
        }
        return execute(Command.named(inner.commandSpec().name()).orElseThrow(), inner);
    }

    private int execute(Command command, ParseResult result) throws StartFailure {
        return switch (command) {
            case SERVE -> {
                ServeOptions options = new ServeOptions(result.hasMatchedOption(CommandSpecs.INSTALL));
                yield withSettings(result, settings -> actions.serve(settings, options));
            }
            case CHECK -> withSettings(result, this::check);
            case STATUS ->
                actions.status(socket(result), result.hasMatchedOption(CommandSpecs.JSON), surroundings.out());
            case RESTART -> actions.restart(socket(result), argument(result), surroundings.out());
            case STOP -> actions.stop(socket(result), surroundings.out());
            case VERSION -> version();
            case COMPLETION -> completion(result);
        };
    }

    private interface Use {
        int with(Settings settings) throws StartFailure;
    }

    private int withSettings(ParseResult result, Use use) throws StartFailure {
        Optional<Path> file = text(result, CommandSpecs.CONFIG).map(Path::of);
        Sources sources = new Sources(flags(result), file, surroundings.environment(), surroundings.directory());
        return switch (new Loader(surroundings.host()).load(sources)) {
            case Loaded.Ready(Settings settings, Optional<Path> read, List<String> warnings) -> {
                warnings.forEach(warning -> surroundings.err().println("terpan: warning: " + warning));
                yield use.with(settings);
            }
            case Loaded.Faulty(List<Problem> problems) -> faulty(problems);
        };
    }

    /** The flags that were given, for each setting its values in their order. */
    private static Map<Setting<?>, List<String>> flags(ParseResult result) {
        Map<Setting<?>, List<String>> flags = new LinkedHashMap<>();
        for (Setting<?> setting : Declarations.all()) {
            if (setting.isArgument()) {
                if (result.hasMatchedPositional(0)) {
                    flags.put(setting, List.of(argument(result)));
                }
            } else if (result.hasMatchedOption(setting.flag())) {
                flags.put(setting, values(result.matchedOption(setting.flag())));
            }
        }
        return flags;
    }

    private static List<String> values(ArgSpec option) {
        Object value = option.getValue();
        if (value instanceof List<?> list) {
            return list.stream().map(String::valueOf).toList();
        }
        return List.of(String.valueOf(value));
    }

    private static Optional<String> text(ParseResult result, String option) {
        return result.hasMatchedOption(option)
                ? Optional.of(values(result.matchedOption(option)).getFirst())
                : Optional.empty();
    }

    private static String argument(ParseResult result) {
        return values(result.matchedPositional(0)).getFirst();
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

    private int check(Settings settings) throws StartFailure {
        int code = actions.check(settings);
        if (code == ExitCode.OK.code()) {
            surroundings.out().println("The settings are right and the application imports.");
        }
        return code;
    }

    private Path socket(ParseResult result) throws StartFailure {
        Optional<Path> directory = text(result, CommandSpecs.RUN_DIRECTORY)
                .map(path -> surroundings.directory().resolve(path).normalize());
        return new RunningTerpan(surroundings.environment()).socket(directory);
    }

    private int version() {
        String version = Optional.ofNullable(Main.class.getPackage().getImplementationVersion())
                .orElse("(not packaged)");
        surroundings
                .out()
                .println("terpan " + version + ", Java " + Runtime.version().feature());
        return ExitCode.OK.code();
    }

    private int completion(ParseResult result) {
        String shell = argument(result);
        if (!shell.equals("bash") && !shell.equals("zsh")) {
            throw new ParameterException(
                    result.commandSpec().commandLine(), "SHELL is \"" + shell + "\", expected bash or zsh");
        }
        // One script serves both: in zsh it loads the emulation of bash's completion first.
        CommandLine whole = new CommandLine(CommandSpecs.root(List.of(Command.values())));
        surroundings.out().println(AutoComplete.bash("terpan", whole));
        return ExitCode.OK.code();
    }

    private int usage(ParameterException mistake) {
        CommandSpec spec = mistake.getCommandLine().getCommandSpec();
        surroundings.err().println("terpan: " + message(mistake, spec));
        surroundings.err().println("Try '" + spec.qualifiedName() + " --help'.");
        return ExitCode.USAGE.code();
    }

    private static String message(ParameterException mistake, CommandSpec spec) {
        if (!(mistake instanceof UnmatchedArgumentException unmatched)) {
            return String.valueOf(mistake.getMessage());
        }
        String word = unmatched.getUnmatched().getFirst().replaceFirst("=.*", "");
        List<String> known = new ArrayList<>(spec.subcommands().keySet());
        known.addAll(spec.optionsMap().keySet());
        known.addAll(spec.negatedOptionsMap().keySet());
        String what = word.startsWith("-") ? "option" : spec.subcommands().isEmpty() ? "argument" : "command";
        return "unknown " + what + " " + word
                + Nearest.to(word, known)
                        .map(near -> "; did you mean " + near + "?")
                        .orElse("");
    }
}
