package terpan.cli;

import java.io.File;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import terpan.config.Declarations;
import terpan.config.Section;
import terpan.config.Setting;
import terpan.daemon.ExitCode;
import terpan.daemon.ProbeRequest;
import terpan.daemon.Terpan;

/**
 * Builds what picocli parses and makes help and completion from. The options come from the declarations of the settings; annotations were
 * rejected, for scanning them costs start-up time and they would declare every setting again.
 */
final class CommandSpecs {
    static final String CONFIG = "--config";
    /** As Gunicorn has it. */
    static final String CONFIG_LETTER = "-c";

    static final String INSTALL = "--install";
    static final String IDLE = "--idle";
    static final String PYTHON = "--python";
    static final String THREADS = "--threads";
    static final String SERVER = "SERVER";
    static final String SERVER_OPTION = "--server-option";
    static final String ALL = "--all";
    static final String NO_WAIT = "--no-wait";
    static final String TIMEOUT = "--timeout";
    static final int TIMEOUT_SECONDS = 600;
    static final int PAUSE_SECONDS = 60;
    static final String GROUP = "--group";
    static final String ALLOW = "--allow";
    static final String IN_PLACE = "--in-place";
    static final String JSON = "--json";
    static final String RUN_DIRECTORY = "--run-directory";
    static final String HELP = "--help";
    static final String HELP_ALL = "--help-all";
    static final String VERSION = "--version";
    static final String VERBOSE = "--verbose";

    private static final int WIDTH = 100;

    /** What most people look for: the flags that the first help shows, in its order. */
    private static final List<String> COMMON = List.of(
            "--bind",
            "--workers",
            "--threads",
            "--server",
            "--python",
            "--env",
            "--env-file",
            "--chdir",
            "--prefix",
            "--user",
            "--development",
            "--access-log",
            "--log-file",
            "--start-timeout",
            "--drain-timeout",
            "--run-directory");

    /** What is built: all that a line may have, what the first help shows, or all with the values that a shell may offer. */
    enum View {
        WHOLE,
        COMMON,
        VALUES
    }

    /** Commands whose last options say which Terpan is meant, and no more. */
    private static final Set<Command> LOOKING = Set.of(Command.STATUS, Command.PAUSE, Command.RESUME);

    private final View view;

    private CommandSpecs(View view) {
        this.view = view;
    }

    /** The root with the given commands below it; only those that are needed are built. */
    static CommandSpec root(List<Command> commands) {
        return root(commands, View.WHOLE);
    }

    /** The same for something else than reading a line. */
    static CommandSpec root(List<Command> commands, View view) {
        return new CommandSpecs(view).build(commands);
    }

    private CommandSpec build(List<Command> commands) {
        CommandSpec spec = CommandSpec.create().name("terpan");
        usage(spec)
                .description("Serves a Python web application on every core, with any WSGI server.")
                .customSynopsis("terpan COMMAND [OPTIONS] [ARGUMENTS]")
                .commandListHeading("%nCommands:%n")
                .footer(
                        "",
                        "To begin with:",
                        "  terpan serve app.py               the application in app.py, on http://127.0.0.1:8000/",
                        "  terpan serve -b :80 -w 4 shop     four workers, on port 80 of every address",
                        "  terpan status                     how it is, from another terminal",
                        "  terpan help serve                 more of a command");
        exitCodes(spec);
        helps(spec);
        spec.addOption(option(VERSION, "Prints the version.").build());
        commands.forEach(command -> spec.addSubcommand(command.word(), of(command)));
        return spec;
    }

    private CommandSpec of(Command command) {
        CommandSpec spec = CommandSpec.create().name(command.word());
        UsageMessageSpec usage = usage(spec).description(command.text());
        List<String> footer = new ArrayList<>(List.of("", "Examples:"));
        command.examples().lines().forEach(example -> footer.add("  " + example));
        usage.footer(footer.toArray(String[]::new));
        helps(spec);
        switch (command) {
            case SERVE -> {
                spec.addOption(install());
                settings(spec, "terpan serve [OPTIONS] [APP]");
                exitCodes(spec);
            }
            case CHECK -> {
                settings(spec, "terpan check [OPTIONS] [APP]");
                exitCodes(spec);
            }
            case SERVERS -> {
                spec.addOption(json());
                spec.addOption(setting(PYTHON));
                spec.addPositional(application("The application whose environment is meant."));
            }
            case PROBE -> {
                probe(spec);
                exitCodes(spec);
            }
            case DOCTOR -> {
                spec.addOption(json());
                settings(spec, "terpan doctor [OPTIONS] [APP]");
                exitCodes(spec);
            }
            case STATUS -> {
                oneOf(spec, 0);
                spec.addOption(json());
            }
            case RESTART -> {
                restart(spec);
                running(spec);
                exitCodes(spec);
            }
            case SCALE -> {
                scale(spec);
                running(spec);
                exitCodes(spec);
            }
            case PAUSE -> {
                oneOf(spec, 0);
                spec.addOption(timeout("After that it ends by itself, 1 to 3600.", PAUSE_SECONDS));
            }
            case MAINTENANCE -> maintenance(spec);
            case RESUME -> oneOf(spec, 0);
            case RELOAD, ROLLBACK -> leading(spec, command);
            case STOP -> running(spec);
            case HELP ->
                spec.addPositional(argument(
                        "COMMAND",
                        "The command whose help is shown.",
                        false,
                        Arrays.stream(Command.values()).map(Command::word).toList()));
            case VERSION ->
                spec.addOption(option(VERBOSE, "Also what it runs with: Java, libraries, the start-up cache.")
                        .build());
            case COMPLETION -> spec.addPositional(argument("SHELL", "bash or zsh.", true, List.of("bash", "zsh")));
        }
        if (LOOKING.contains(command)) {
            running(spec);
        }
        return spec;
    }

    private static OptionSpec install() {
        return option(
                        INSTALL,
                        "Makes the virtual environment .venv of the application's project if there is none, and installs what uv.lock (by uv), requirements.txt or pyproject.toml asks for.")
                .build();
    }

    private void probe(CommandSpec spec) {
        spec.addPositional(
                argument(SERVER, "A server's name, as terpan servers lists it.", true, Terpan.serverNames()));
        List.of(PYTHON, THREADS, SERVER_OPTION).forEach(flag -> spec.addOption(setting(flag)));
        spec.addOption(OptionSpec.builder(IDLE)
                .type(String.class)
                .arity("1")
                .paramLabel("SECONDS")
                .description(
                        "How long an idle connection is watched, 1 to 30. (default: " + ProbeRequest.IDLE_SECONDS + ")")
                .build());
        spec.addOption(json());
    }

    private static void restart(CommandSpec spec) {
        spec.addPositional(argument(
                "WORKER",
                "The name of a worker, or of one of several applications, as terpan status shows it.",
                false,
                List.of()));
        spec.addOption(option(ALL, "Replaces all workers, one after the other.").build());
        waiting(spec);
    }

    /** Where there are several applications, the one that is meant. */
    private static void oneOf(CommandSpec spec, int place) {
        spec.addPositional(PositionalParamSpec.builder()
                .index(Integer.toString(place))
                .arity("0..1")
                .required(false)
                .paramLabel("APPLICATION")
                .type(String.class)
                .description("The application that is meant, where there are several; without it, all.")
                .build());
    }

    private void leading(CommandSpec spec, Command command) {
        oneOf(spec, 0);
        if (command == Command.RELOAD) {
            spec.addOption(option(IN_PLACE, "Replaces one worker after the other, as where memory is short for both.")
                    .build());
        }
        waiting(spec);
        running(spec);
        exitCodes(spec);
    }

    private void maintenance(CommandSpec spec) {
        spec.addPositional(argument("on|off", "Whether clients get the page for 503.", true, List.of("on", "off")));
        oneOf(spec, 1);
        spec.addOption(OptionSpec.builder(ALLOW)
                .type(List.class)
                .auxiliaryTypes(String.class)
                .arity("1")
                .paramLabel("ADDRESS")
                .description("An address or network whose clients are served; may be given several times.")
                .build());
        running(spec);
    }

    private static void scale(CommandSpec spec) {
        spec.addPositional(argument("COUNT", "How many workers, 1 to 1024.", true, List.of()));
        oneOf(spec, 1);
        spec.addOption(OptionSpec.builder(GROUP)
                .type(String.class)
                .arity("1")
                .paramLabel("NAME")
                .description("The group, where there are several.")
                .build());
        waiting(spec);
    }

    /** How long the end of what is ordered is waited for. */
    private static void waiting(CommandSpec spec) {
        spec.addOption(option(NO_WAIT, "Does not wait until it is done.").build());
        spec.addOption(timeout("How long it is waited for, 1 to 86400.", TIMEOUT_SECONDS));
    }

    private static OptionSpec timeout(String description, int standard) {
        return OptionSpec.builder(TIMEOUT)
                .type(String.class)
                .arity("1")
                .paramLabel("SECONDS")
                .description(description + " (default: " + standard + ")")
                .build();
    }

    private static UsageMessageSpec usage(CommandSpec spec) {
        return spec.usageMessage()
                .width(WIDTH)
                .sortOptions(false)
                .optionListHeading("%nOptions:%n")
                .parameterListHeading("%nArguments:%n")
                .abbreviateSynopsis(true);
    }

    private void exitCodes(CommandSpec spec) {
        if (view == View.COMMON) {
            return;
        }
        Map<String, String> codes = new LinkedHashMap<>();
        for (ExitCode code : ExitCode.values()) {
            codes.put(" " + code.code(), escaped(code.text()));
        }
        spec.usageMessage().exitCodeListHeading("%nExit codes:%n").exitCodeList(codes);
    }

    private static void helps(CommandSpec spec) {
        spec.addOption(OptionSpec.builder("-h", HELP)
                .usageHelp(true)
                .type(boolean.class)
                .arity("0")
                .description("Shows this help.")
                .build());
        spec.addOption(option(HELP_ALL, "Shows all options and the exit codes.").build());
    }

    private static OptionSpec json() {
        return option(JSON, "Prints JSON instead of a table.").build();
    }

    private static OptionSpec.Builder option(String name, String description) {
        return OptionSpec.builder(name).type(boolean.class).arity("0").description(escaped(description));
    }

    private PositionalParamSpec application(String description) {
        PositionalParamSpec.Builder argument = positional("APP", description, false);
        return (view == View.VALUES ? argument.type(File.class) : argument).build();
    }

    /**
     * An argument.
     *
     * @param values what a shell may offer for it
     */
    private static PositionalParamSpec argument(
            String label, String description, boolean required, List<String> values) {
        PositionalParamSpec.Builder argument = positional(label, description, required);
        return (values.isEmpty() ? argument : argument.completionCandidates(values)).build();
    }

    private static PositionalParamSpec.Builder positional(String label, String description, boolean required) {
        return PositionalParamSpec.builder()
                .index("0")
                .arity(required ? "1" : "0..1")
                .required(required)
                .paramLabel(label)
                .type(String.class)
                .description(escaped(description));
    }

    /** The options that say which running Terpan is meant. */
    private void running(CommandSpec spec) {
        spec.addOption(OptionSpec.builder(RUN_DIRECTORY)
                .type(path())
                .arity("1")
                .paramLabel("PATH")
                .description("The run directory of the Terpan that is meant; without it, that of TERPAN_RUN_DIRECTORY,"
                        + " of the settings file, or the only one that runs.")
                .build());
        spec.addOption(config(
                "The settings file of the Terpan that is meant. (default: terpan.toml here, or pyproject.toml)"));
    }

    private OptionSpec config(String description) {
        return OptionSpec.builder(CONFIG_LETTER, CONFIG)
                .type(path())
                .arity("1")
                .paramLabel("FILE")
                .description(description)
                .build();
    }

    /** A shell offers files where a type is that of one. */
    private Class<?> path() {
        return view == View.VALUES ? File.class : String.class;
    }

    /** A flag for every setting, grouped by section, and the file that they may stand in; or the common ones alone. */
    private void settings(CommandSpec spec, String synopsis) {
        spec.usageMessage().customSynopsis(synopsis);
        spec.addOption(
                config(
                        "The settings file. (default: terpan.toml or [tool.terpan] of pyproject.toml, here, else beside the application)"));
        Declarations.all().stream()
                .filter(Setting::isArgument)
                .forEach(setting -> spec.addPositional(application(description(setting))));
        if (view == View.COMMON) {
            COMMON.forEach(flag -> spec.addOption(setting(flag)));
            List<String> footer = new ArrayList<>(List.of(spec.usageMessage().footer()));
            footer.addAll(List.of(
                    "",
                    "All " + Declarations.all().size()
                            + " settings, grouped, and the exit codes: " + synopsis.replaceFirst(" \\[.*", "") + " "
                            + HELP_ALL));
            spec.usageMessage().footer(footer.toArray(String[]::new));
            return;
        }
        int order = 0;
        for (Section section : Section.values()) {
            ArgGroupSpec.Builder group = ArgGroupSpec.builder()
                    .heading("%n" + section.title() + ":%n")
                    .order(order++)
                    .validate(false)
                    .multiplicity("0..1");
            Declarations.all().stream()
                    .filter(setting -> setting.section() == section && !setting.isArgument())
                    .forEach(setting -> group.addArg(flag(setting)));
            spec.addArgGroup(group.build());
        }
    }

    /** The flag of one setting, for a command that takes no others. */
    private OptionSpec setting(String flag) {
        return flag(Declarations.all().stream()
                .filter(setting -> setting.flag().equals(flag))
                .findFirst()
                .orElseThrow());
    }

    private OptionSpec flag(Setting<?> setting) {
        OptionSpec.Builder builder = setting.shortFlag()
                .map(letter -> OptionSpec.builder(letter, setting.flag()))
                .orElseGet(() -> OptionSpec.builder(setting.flag()))
                .description(escaped(description(setting)));
        if (setting.isSwitch()) {
            return builder.type(boolean.class).arity("0").negatable(true).build();
        }
        // The script for a shell keeps its values by their labels.
        String label = view == View.VALUES ? setting.variable() : setting.label();
        builder.paramLabel(label).arity("1");
        List<String> values = setting.flag().equals("--server") ? Terpan.serverNames() : setting.choices();
        if (!values.isEmpty()) {
            builder.completionCandidates(values);
        }
        if (setting.shape() != Setting.Shape.ONE) {
            return builder.type(List.class).auxiliaryTypes(String.class).build();
        }
        return builder.type(setting.isPath() ? path() : String.class).build();
    }

    private static String description(Setting<?> setting) {
        String choices = setting.isChoice() ? setting.form() : "";
        String standard = setting.defaultText().map(text -> "default: " + text).orElse("");
        String separator = choices.isEmpty() || standard.isEmpty() ? "" : "; ";
        String aside = choices + separator + standard;
        String text =
                setting.isArgument() ? setting.description() + " It is " + setting.form() + "." : setting.description();
        return aside.isEmpty() ? text : text + " (" + aside + ")";
    }

    /** Picocli formats what it shows. */
    private static String escaped(String text) {
        return text.replace("%", "%%");
    }
}
