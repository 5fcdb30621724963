package terpan.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;
import terpan.config.Declarations;
import terpan.config.Nearest;
import terpan.config.Setting;
import terpan.config.Settings;
import terpan.daemon.ExitCode;
import terpan.daemon.StartFailure;
import terpan.terminal.LogFilter;

/** A command line read by picocli: help, mistakes, and every line that is not a plain {@code serve}. */
final class ParsedCommand {
    private static final int TIMEOUT_MOST = 86_400;
    private static final int PAUSE_MOST = 3_600;
    private static final int INTERVAL_MOST = 3_600;
    private static final int LINES_MOST = 500;
    private static final String RUN_DIRECTORY_VARIABLE = "TERPAN_RUN_DIRECTORY";

    private final Surroundings surroundings;
    private final Actions actions;
    private final SettingsCommands commands;

    ParsedCommand(Surroundings surroundings, Actions actions, SettingsCommands commands) {
        this.surroundings = surroundings;
        this.actions = actions;
        this.commands = commands;
    }

    /** Runs one command and returns its exit code. */
    int run(List<String> arguments) throws StartFailure {
        try {
            return parsed(arguments);
        } catch (ParameterException mistake) {
            return usage(mistake);
        }
    }

    /** What a {@code serve} or {@code check} line says, by picocli. */
    static ServeLine line(ParseResult result) {
        Optional<Path> file = text(result, CommandSpecs.CONFIG).map(Path::of);
        return new ServeLine(flags(result), file, result.hasMatchedOption(CommandSpecs.INSTALL));
    }

    private int parsed(List<String> arguments) throws StartFailure {
        Optional<Command> named = arguments.isEmpty() ? Optional.empty() : Command.named(arguments.getFirst());
        if (arguments.contains(CommandSpecs.HELP_ALL)) {
            return helpAll(named, arguments);
        }
        CommandLine line =
                new CommandLine(CommandSpecs.root(named.map(List::of).orElseGet(() -> List.of(Command.values()))));
        ParseResult result = line.parseArgs(arguments.toArray(String[]::new));
        if (result.hasMatchedOption(CommandSpecs.VERSION)) {
            return version(false);
        }
        if (result.isUsageHelpRequested()) {
            return help(Optional.empty(), CommandSpecs.View.COMMON);
        }
        if (!result.hasSubcommand()) {
            surroundings.err().print(text(Optional.empty(), CommandSpecs.View.COMMON));
            return ExitCode.USAGE.code();
        }
        ParseResult inner = result.subcommand();
        if (inner.isUsageHelpRequested()) {
            return help(Command.named(inner.commandSpec().name()), CommandSpecs.View.COMMON);
        }
        return execute(Command.named(inner.commandSpec().name()).orElseThrow(), inner);
    }

    private int execute(Command command, ParseResult result) throws StartFailure {
        return switch (command) {
            case SERVE -> commands.serve(line(result));
            case CHECK -> commands.check(line(result), result.hasMatchedOption(CommandSpecs.SUGGEST));
            case SERVERS -> new ExamineCommands(surroundings, actions).servers(result);
            case PROBE -> new ExamineCommands(surroundings, actions).probe(result);
            case DOCTOR -> doctor(result);
            case STATUS -> status(result);
            case TOP -> top(result);
            case LOGS -> logs(result);
            case DASHBOARD ->
                actions.dashboard(
                        new Running(socket(result), ""),
                        result.hasMatchedOption(CommandSpecs.READ_ONLY),
                        surroundings.out());
            case SLOW -> actions.slow(new Running(socket(result), ""), surroundings.out());
            case EXPLAIN -> actions.explain(new Running(socket(result), ""), argument(result), surroundings.out());
            case STACK -> actions.stack(new Running(socket(result), ""), argument(result), surroundings.out());
            case RESTART -> restart(result);
            case SCALE -> scale(result);
            case PAUSE -> pause(result);
            case MAINTENANCE -> maintenance(result);
            case RESUME -> actions.resume(running(result, 0), surroundings.out());
            case RELOAD -> reload(result);
            case ROLLBACK -> rollback(result);
            case UPGRADE -> upgrade(result);
            case STOP -> actions.stop(socket(result), surroundings.out());
            case HELP -> help(result);
            case VERSION -> version(result.hasMatchedOption(CommandSpecs.VERBOSE));
            case COMPLETION -> completion(result);
        };
    }

    private int help(ParseResult result) {
        if (!result.hasMatchedPositional(0)) {
            return help(Optional.empty(), CommandSpecs.View.COMMON);
        }
        String word = argument(result);
        Optional<Command> named = Command.named(word);
        if (named.isEmpty()) {
            List<String> words =
                    Arrays.stream(Command.values()).map(Command::word).toList();
            throw new ParameterException(
                    result.commandSpec().commandLine(), "unknown command " + word + Nearest.hint(word, words, ""));
        }
        return help(named, CommandSpecs.View.COMMON);
    }

    /** Wherever it stands, and whatever else is missing. */
    private int helpAll(Optional<Command> command, List<String> arguments) {
        boolean ofAnother = command.filter(Command.HELP::equals).isPresent() && arguments.size() > 2;
        return help(ofAnother ? Command.named(arguments.get(1)) : command, CommandSpecs.View.WHOLE);
    }

    private int help(Optional<Command> command, CommandSpecs.View view) {
        surroundings.out().print(text(command, view));
        return ExitCode.OK.code();
    }

    private static String text(Optional<Command> command, CommandSpecs.View view) {
        List<Command> shown = command.map(List::of).orElseGet(() -> List.of(Command.values()));
        CommandLine root = new CommandLine(CommandSpecs.root(shown, view));
        return command.map(one -> Objects.requireNonNull(root.getSubcommands().get(one.word())))
                        .orElse(root)
                        .getUsageMessage()
                        .stripTrailing()
                + "\n";
    }

    private int restart(ParseResult result) throws StartFailure {
        boolean all = result.hasMatchedOption(CommandSpecs.ALL);
        if (all == result.hasMatchedPositional(0)) {
            throw new ParameterException(
                    result.commandSpec().commandLine(), "expected the name of one worker, or " + CommandSpecs.ALL);
        }
        Duration most = waits(result);
        Optional<String> worker = all ? Optional.empty() : Optional.of(argument(result));
        return actions.restart(new Running(socket(result), ""), worker, most, surroundings.out());
    }

    private int doctor(ParseResult result) throws StartFailure {
        boolean json = result.hasMatchedOption(CommandSpecs.JSON);
        return result.hasMatchedOption(CommandSpecs.LIVE)
                ? actions.advice(new Running(socket(result), ""), json, surroundings.out())
                : commands.doctor(line(result), json);
    }

    private int status(ParseResult result) throws StartFailure {
        boolean json = result.hasMatchedOption(CommandSpecs.JSON);
        Duration interval = interval(result, CommandSpecs.WATCH_SECONDS);
        return result.hasMatchedOption(CommandSpecs.WATCH)
                ? actions.watch(running(result, 0), json, interval, surroundings)
                : actions.status(running(result, 0), json, surroundings.out());
    }

    private int top(ParseResult result) throws StartFailure {
        int count = whole(result, CommandSpecs.COUNT, 1, TIMEOUT_MOST, 1);
        return actions.top(running(result, 0), interval(result, CommandSpecs.TOP_SECONDS), count, surroundings);
    }

    private static Duration interval(ParseResult result, int otherwise) {
        return Duration.ofSeconds(whole(result, CommandSpecs.INTERVAL, 1, INTERVAL_MOST, otherwise));
    }

    private int logs(ParseResult result) throws StartFailure {
        Optional<String> level = text(result, CommandSpecs.LEVEL);
        if (level.isPresent() && !LogFilter.LEVELS.contains(level.get())) {
            throw new ParameterException(
                    result.commandSpec().commandLine(),
                    CommandSpecs.LEVEL + " is \"" + level.get() + "\", expected one of "
                            + String.join(", ", LogFilter.LEVELS));
        }
        LogFilter filter = new LogFilter(
                text(result, CommandSpecs.APPLICATION),
                text(result, CommandSpecs.WORKER),
                text(result, CommandSpecs.REQUEST),
                level);
        return actions.logs(
                new Running(socket(result), ""),
                filter,
                whole(result, CommandSpecs.LINES, 0, LINES_MOST, CommandSpecs.LINES_SHOWN),
                result.hasMatchedOption(CommandSpecs.FOLLOW),
                surroundings);
    }

    private int reload(ParseResult result) throws StartFailure {
        Duration most = waits(result);
        boolean inPlace = result.hasMatchedOption(CommandSpecs.IN_PLACE);
        return actions.reload(running(result, 0), inPlace, most, surroundings.out());
    }

    private int rollback(ParseResult result) throws StartFailure {
        Duration most = waits(result);
        return actions.rollback(running(result, 0), most, surroundings.out());
    }

    private int upgrade(ParseResult result) throws StartFailure {
        Optional<Path> program = result.hasMatchedPositional(0)
                ? Optional.of(surroundings
                        .directory()
                        .resolve(argument(result))
                        .toAbsolutePath()
                        .normalize())
                : Optional.empty();
        return actions.upgrade(socket(result), program, waits(result), surroundings.out());
    }

    private int scale(ParseResult result) throws StartFailure {
        String word = argument(result);
        int count = word.matches("\\d{1,6}") ? Integer.parseInt(word) : 0;
        if (!word.equals("auto") && (count < 1 || count > Settings.WORKERS_MOST)) {
            throw new ParameterException(
                    result.commandSpec().commandLine(),
                    "COUNT is \"" + word + "\", expected a whole number from 1 to " + Settings.WORKERS_MOST
                            + ", or auto");
        }
        OptionalInt workers = count == 0 ? OptionalInt.empty() : OptionalInt.of(count);
        Duration most = waits(result);
        return actions.scale(running(result, 1), text(result, CommandSpecs.GROUP), workers, most, surroundings.out());
    }

    private int maintenance(ParseResult result) throws StartFailure {
        String word = argument(result);
        List<String> through = texts(result, CommandSpecs.ALLOW);
        if (!word.equals("on") && !word.equals("off")) {
            throw new ParameterException(
                    result.commandSpec().commandLine(), "maintenance is \"" + word + "\", expected on or off");
        }
        return word.equals("on")
                ? actions.maintenance(running(result, 1), through, surroundings.out())
                : actions.endMaintenance(running(result, 1), surroundings.out());
    }

    private int pause(ParseResult result) throws StartFailure {
        int seconds = whole(result, CommandSpecs.TIMEOUT, 1, PAUSE_MOST, CommandSpecs.PAUSE_SECONDS);
        return actions.pause(running(result, 0), Duration.ofSeconds(seconds), surroundings.out());
    }

    /** How long the end of what is ordered is waited for; zero: not at all. */
    private static Duration waits(ParseResult result) {
        int most = whole(result, CommandSpecs.TIMEOUT, 1, TIMEOUT_MOST, CommandSpecs.TIMEOUT_SECONDS);
        return result.hasMatchedOption(CommandSpecs.NO_WAIT) ? Duration.ZERO : Duration.ofSeconds(most);
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
        return texts(result, option).stream().findFirst();
    }

    /** An option's values in their order, none if it was not given. */
    static List<String> texts(ParseResult result, String option) {
        return result.hasMatchedOption(option) ? values(result.matchedOption(option)) : List.of();
    }

    /** A whole number that an option was given, or what stands without it. */
    static int whole(ParseResult result, String option, int least, int most, int otherwise) {
        List<String> given = texts(result, option);
        if (given.isEmpty()) {
            return otherwise;
        }
        return whole(result, option, given.getLast(), least, most);
    }

    private static int whole(ParseResult result, String what, String text, int least, int most) {
        int value = text.matches("\\d{1,6}") ? Integer.parseInt(text) : -1;
        if (value < least || value > most) {
            throw new ParameterException(
                    result.commandSpec().commandLine(),
                    what + " is \"" + text + "\", expected a whole number from " + least + " to " + most);
        }
        return value;
    }

    static String argument(ParseResult result) {
        return values(result.matchedPositional(0)).getFirst();
    }

    /** The Terpan that is meant, and which of several applications: that of the argument at this place. */
    private Running running(ParseResult result, int place) throws StartFailure {
        String application = result.hasMatchedPositional(place)
                ? values(result.matchedPositional(place)).getFirst()
                : "";
        if (!application.isEmpty() && !application.matches("[a-z][a-z0-9-]{0,31}")) {
            throw new ParameterException(
                    result.commandSpec().commandLine(),
                    "APPLICATION is \"" + application
                            + "\", expected the name of one of several, as terpan status shows it");
        }
        return new Running(socket(result), application);
    }

    /** Where the Terpan that is meant listens to its operators: what was named counts more than what lies about. */
    private Path socket(ParseResult result) throws StartFailure {
        RunningTerpan running = new RunningTerpan();
        Path here = surroundings.directory();
        Optional<String> flag = text(result, CommandSpecs.RUN_DIRECTORY);
        String variable = surroundings.environment().getOrDefault(RUN_DIRECTORY_VARIABLE, "");
        if (flag.isPresent()) {
            return running.in(here.resolve(flag.get()).normalize(), "that it printed at its start");
        }
        Optional<Path> config = text(result, CommandSpecs.CONFIG).map(Path::of);
        if (config.isEmpty() && !variable.isEmpty()) {
            return running.in(here.resolve(variable).normalize(), "that " + RUN_DIRECTORY_VARIABLE + " should name");
        }
        Optional<SettingsCommands.Meant> meant = commands.meant(config);
        return meant.isPresent()
                ? running.of(
                        meant.get().settings(),
                        meant.get().directory(),
                        meant.get().file())
                : running.alone();
    }

    private int version(boolean verbose) {
        surroundings.out().print(verbose ? VersionPage.verbose() : VersionPage.text());
        return ExitCode.OK.code();
    }

    private int completion(ParseResult result) {
        String shell = argument(result);
        if (!shell.equals("bash") && !shell.equals("zsh")) {
            throw new ParameterException(
                    result.commandSpec().commandLine(), "SHELL is \"" + shell + "\", expected bash or zsh");
        }
        // One script serves both: in zsh it loads the emulation of bash's completion first.
        CommandLine whole = new CommandLine(CommandSpecs.root(List.of(Command.values()), CommandSpecs.View.VALUES));
        surroundings.out().println(AutoComplete.bash("terpan", whole));
        return ExitCode.OK.code();
    }

    private int usage(ParameterException mistake) {
        CommandSpec spec = mistake.getCommandLine().getCommandSpec();
        surroundings.err().println("terpan: " + message(mistake, spec));
        surroundings.err().println("Try 'terpan help" + spec.qualifiedName().replaceFirst("^terpan", "") + "'.");
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
        boolean serves = known.contains(CommandSpecs.THREADS) && known.contains("--bind");
        String hint = Elsewhere.hint(word)
                .filter(own -> serves)
                .map(own -> "; here that is " + own)
                .orElseGet(() -> Nearest.hint(word, known, ""));
        return "unknown " + what + " " + word + hint;
    }
}
