package terpan.cli;

import java.util.ArrayList;
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

/**
 * Builds what picocli parses and shows help from. The options come from the declarations of the settings; annotations were
 * rejected, for scanning them costs start-up time and they would declare every setting again.
 */
final class CommandSpecs {
    static final String CONFIG = "--config";
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
    static final String JSON = "--json";
    static final String RUN_DIRECTORY = "--run-directory";
    static final String HELP = "--help";
    static final String VERSION = "--version";

    private static final int WIDTH = 100;

    private CommandSpecs() {}

    /** The root with the given commands below it; only those that are needed are built. */
    static CommandSpec root(List<Command> commands) {
        CommandSpec spec = CommandSpec.create().name("terpan");
        usage(spec)
                .description("Serves a Python web application on every core, with any WSGI server.")
                .customSynopsis("terpan COMMAND [OPTIONS] [ARGUMENTS]")
                .commandListHeading("%nCommands:%n")
                .footer("", "terpan COMMAND --help tells more of a command.");
        exitCodes(spec);
        spec.addOption(help());
        spec.addOption(option(VERSION, "Prints the version.").build());
        commands.forEach(command -> spec.addSubcommand(command.word(), of(command)));
        return spec;
    }

    private static CommandSpec of(Command command) {
        CommandSpec spec = CommandSpec.create().name(command.word());
        UsageMessageSpec usage = usage(spec).description(command.text());
        List<String> footer = new ArrayList<>(List.of("", "Examples:"));
        command.examples().lines().forEach(example -> footer.add("  " + example));
        usage.footer(footer.toArray(String[]::new));
        spec.addOption(help());
        switch (command) {
            case SERVE -> {
                spec.addOption(option(
                                INSTALL,
                                "Makes the virtual environment .venv of the application's project if there is none, and installs what uv.lock (by uv), requirements.txt or pyproject.toml asks for.")
                        .build());
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
                spec.addPositional(argument("APP", "The application whose environment is meant.", false));
            }
            case PROBE -> {
                spec.addPositional(argument(SERVER, "A server's name, as terpan servers lists it.", true));
                List.of(PYTHON, THREADS, SERVER_OPTION).forEach(flag -> spec.addOption(setting(flag)));
                spec.addOption(OptionSpec.builder(IDLE)
                        .type(String.class)
                        .arity("1")
                        .paramLabel("SECONDS")
                        .description("How long an idle connection is watched, 1 to 30. (default: "
                                + ProbeRequest.IDLE_SECONDS + ")")
                        .build());
                spec.addOption(json());
                exitCodes(spec);
            }
            case DOCTOR -> {
                spec.addOption(json());
                settings(spec, "terpan doctor [OPTIONS] [APP]");
                exitCodes(spec);
            }
            case STATUS -> {
                spec.addOption(json());
                running(spec);
            }
            case RESTART -> {
                spec.addPositional(argument("WORKER", "The name of a worker, as terpan status shows it.", false));
                spec.addOption(option(ALL, "Replaces all workers, one after the other.")
                        .build());
                spec.addOption(
                        option(NO_WAIT, "Does not wait until it is done.").build());
                spec.addOption(OptionSpec.builder(TIMEOUT)
                        .type(String.class)
                        .arity("1")
                        .paramLabel("SECONDS")
                        .description("How long it is waited for, 1 to 86400. (default: " + TIMEOUT_SECONDS + ")")
                        .build());
                running(spec);
                exitCodes(spec);
            }
            case STOP -> running(spec);
            case VERSION -> {}
            case COMPLETION -> spec.addPositional(argument("SHELL", "bash or zsh.", true));
        }
        return spec;
    }

    private static UsageMessageSpec usage(CommandSpec spec) {
        return spec.usageMessage()
                .width(WIDTH)
                .sortOptions(false)
                .optionListHeading("%nOptions:%n")
                .parameterListHeading("%nArguments:%n")
                .abbreviateSynopsis(true);
    }

    private static void exitCodes(CommandSpec spec) {
        Map<String, String> codes = new LinkedHashMap<>();
        for (ExitCode code : ExitCode.values()) {
            codes.put(" " + code.code(), escaped(code.text()));
        }
        spec.usageMessage().exitCodeListHeading("%nExit codes:%n").exitCodeList(codes);
    }

    private static OptionSpec help() {
        return OptionSpec.builder("-h", HELP)
                .usageHelp(true)
                .type(boolean.class)
                .arity("0")
                .description("Shows this help.")
                .build();
    }

    private static OptionSpec json() {
        return option(JSON, "Prints JSON instead of a table.").build();
    }

    private static OptionSpec.Builder option(String name, String description) {
        return OptionSpec.builder(name).type(boolean.class).arity("0").description(escaped(description));
    }

    private static PositionalParamSpec argument(String label, String description, boolean required) {
        return PositionalParamSpec.builder()
                .index("0")
                .arity(required ? "1" : "0..1")
                .required(required)
                .paramLabel(label)
                .type(String.class)
                .description(escaped(description))
                .build();
    }

    /** The options that say which running Terpan is meant. */
    private static void running(CommandSpec spec) {
        spec.addOption(OptionSpec.builder(RUN_DIRECTORY)
                .type(String.class)
                .arity("1")
                .paramLabel("PATH")
                .description("The run directory of the Terpan that is meant; without it, that of TERPAN_RUN_DIRECTORY,"
                        + " of the settings file, or the only one that runs.")
                .build());
        spec.addOption(OptionSpec.builder(CONFIG)
                .type(String.class)
                .arity("1")
                .paramLabel("FILE")
                .description("The settings file of the Terpan that is meant. (default: terpan.toml here)")
                .build());
    }

    /** A flag for every setting, grouped by section, and the file that they may stand in. */
    private static void settings(CommandSpec spec, String synopsis) {
        spec.usageMessage().customSynopsis(synopsis);
        spec.addOption(OptionSpec.builder(CONFIG)
                .type(String.class)
                .arity("1")
                .paramLabel("FILE")
                .description("The settings file. (default: terpan.toml here, else beside the application)")
                .build());
        int order = 0;
        for (Section section : Section.values()) {
            ArgGroupSpec.Builder group = ArgGroupSpec.builder()
                    .heading("%n" + section.title() + ":%n")
                    .order(order++)
                    .validate(false)
                    .multiplicity("0..1");
            for (Setting<?> setting : Declarations.all()) {
                if (setting.section() == section && !setting.isArgument()) {
                    group.addArg(flag(setting));
                } else if (setting.section() == section) {
                    spec.addPositional(argument(setting.flag(), description(setting), false));
                }
            }
            spec.addArgGroup(group.build());
        }
    }

    /** The flag of one setting, for a command that takes no others. */
    private static OptionSpec setting(String flag) {
        return flag(Declarations.all().stream()
                .filter(setting -> setting.flag().equals(flag))
                .findFirst()
                .orElseThrow());
    }

    private static OptionSpec flag(Setting<?> setting) {
        OptionSpec.Builder builder = OptionSpec.builder(setting.flag()).description(escaped(description(setting)));
        if (setting.isSwitch()) {
            return builder.type(boolean.class).arity("0").negatable(true).build();
        }
        builder.paramLabel(setting.label()).arity("1");
        return setting.shape() == Setting.Shape.ONE
                ? builder.type(String.class).build()
                : builder.type(List.class).auxiliaryTypes(String.class).build();
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
