package terpan.cli;

import java.io.File;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    static final String SUGGEST = "--suggest";
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
    static final String WATCH = "--watch";
    static final String INTERVAL = "--interval";
    static final int WATCH_SECONDS = 2;
    static final int TOP_SECONDS = 1;
    static final String COUNT = "--count";
    static final String FOLLOW = "--follow";
    static final String LINES = "--lines";
    static final int LINES_SHOWN = 20;
    static final String APPLICATION = "--application";
    static final String WORKER = "--worker";
    static final String REQUEST = "--request";
    static final String LEVEL = "--level";
    static final String JSON = "--json";
    static final String LIVE = "--live";
    static final String READ_ONLY = "--read-only";
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
                spec.addOption(suggest());
                settings(spec, "terpan check [OPTIONS] [APP]");
                exitCodes(spec);
            }
            case SERVERS -> {
                spec.addOption(json());
                spec.addOption(setting(PYTHON));
                spec.addPositional(application("The application whose environment is meant."));
            }
            case PROBE -> probe(spec);
            case DOCTOR -> {
                spec.addOption(json());
                spec.addOption(option(
                                LIVE,
                                "Says what the figures of a running Terpan advise: workers, routes, memory, event loops.")
                        .build());
                settings(spec, "terpan doctor [OPTIONS] [APP]");
                exitCodes(spec);
            }
            case STATUS, TOP, LOGS, DASHBOARD, SLOW, EXPLAIN, STACK, PAUSE, RESUME, MAINTENANCE, STOP -> {
                OperatorSpecs.add(spec, command);
                running(spec);
            }
            case RESTART, SCALE, RELOAD, ROLLBACK, UPGRADE -> {
                OperatorSpecs.add(spec, command);
                running(spec);
                exitCodes(spec);
            }
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
        return spec;
    }

    private static OptionSpec suggest() {
        return option(
                        SUGGEST,
                        "Prints what the settings file could say of static files, as the application's framework is set.")
                .build();
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
        exitCodes(spec);
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

    static OptionSpec json() {
        return option(JSON, "Prints JSON instead of a table.").build();
    }

    static OptionSpec.Builder option(String name, String description) {
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
    static PositionalParamSpec argument(String label, String description, boolean required, List<String> values) {
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
