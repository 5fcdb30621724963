package terpan.cli;

import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import terpan.terminal.LogFilter;

/** What the commands for a running Terpan take besides the options that say which one is meant; a part of {@link CommandSpecs}. */
final class OperatorSpecs {
    private OperatorSpecs() {}

    /** Adds what this command takes. */
    static void add(CommandSpec spec, Command command) {
        switch (command) {
            case STATUS -> status(spec);
            case TOP -> top(spec);
            case LOGS -> logs(spec);
            case DASHBOARD ->
                spec.addOption(CommandSpecs.option(
                                CommandSpecs.READ_ONLY, "For somebody who may see everything and do nothing.")
                        .build());
            case EXPLAIN ->
                spec.addPositional(CommandSpecs.argument(
                        "REQUEST",
                        "The id of a request that is open, was slow or failed, as the access log and terpan slow have it.",
                        true,
                        List.of()));
            case STACK ->
                spec.addPositional(CommandSpecs.argument(
                        "WORKER", "The name of a worker, as terpan status shows it.", true, List.of()));
            case RESTART -> restart(spec);
            case RELOAD, ROLLBACK -> leading(spec, command);
            case UPGRADE -> upgrade(spec);
            case SCALE -> scale(spec);
            case PAUSE -> {
                oneOf(spec, 0);
                spec.addOption(timeout("After that it ends by itself, 1 to 3600.", CommandSpecs.PAUSE_SECONDS));
            }
            case RESUME -> oneOf(spec, 0);
            case MAINTENANCE -> maintenance(spec);
            case SLOW, STOP, SERVE, CHECK, SERVERS, PROBE, DOCTOR, HELP, VERSION, COMPLETION -> {}
        }
    }

    private static void status(CommandSpec spec) {
        oneOf(spec, 0);
        spec.addOption(CommandSpecs.json());
        spec.addOption(CommandSpecs.option(CommandSpecs.WATCH, "Shows it again and again, until q or Ctrl-C.")
                .build());
        spec.addOption(number(
                "SECONDS",
                "Time between two looks with --watch, 1 to 3600.",
                CommandSpecs.WATCH_SECONDS,
                CommandSpecs.INTERVAL));
    }

    private static void top(CommandSpec spec) {
        oneOf(spec, 0);
        spec.addOption(number(
                "SECONDS", "Time between two looks, 1 to 3600.", CommandSpecs.TOP_SECONDS, CommandSpecs.INTERVAL));
        spec.addOption(number(
                "N", "Where it is no terminal, how many pictures are printed, 1 to 86400.", 1, CommandSpecs.COUNT));
    }

    private static void logs(CommandSpec spec) {
        spec.addOption(OptionSpec.builder("-f", CommandSpecs.FOLLOW)
                .type(boolean.class)
                .arity("0")
                .description("Goes on with what is logged from now on, until Ctrl-C.")
                .build());
        spec.addOption(number(
                "N",
                "How many of the last lines are shown, 0 to 500; no more are kept.",
                CommandSpecs.LINES_SHOWN,
                "-n",
                CommandSpecs.LINES));
        spec.addOption(text(CommandSpecs.APPLICATION, "NAME", "Only lines of this one of several applications."));
        spec.addOption(text(CommandSpecs.WORKER, "NAME", "Only lines of and about this worker."));
        spec.addOption(text(CommandSpecs.REQUEST, "ID", "Only lines that have this request's id."));
        spec.addOption(OptionSpec.builder(CommandSpecs.LEVEL)
                .type(String.class)
                .arity("1")
                .paramLabel("LEVEL")
                .completionCandidates(LogFilter.LEVELS)
                .description(
                        "Only lines of this level or a more urgent one: " + String.join(", ", LogFilter.LEVELS) + ".")
                .build());
    }

    private static OptionSpec text(String name, String label, String description) {
        return OptionSpec.builder(name)
                .type(String.class)
                .arity("1")
                .paramLabel(label)
                .description(description)
                .build();
    }

    private static OptionSpec number(String label, String description, int standard, String name, String... more) {
        return OptionSpec.builder(name, more)
                .type(String.class)
                .arity("1")
                .paramLabel(label)
                .description(description + " (default: " + standard + ")")
                .build();
    }

    private static void restart(CommandSpec spec) {
        spec.addPositional(CommandSpecs.argument(
                "WORKER",
                "The name of a worker, or of one of several applications, as terpan status shows it.",
                false,
                List.of()));
        spec.addOption(CommandSpecs.option(CommandSpecs.ALL, "Replaces all workers, one after the other.")
                .build());
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

    private static void leading(CommandSpec spec, Command command) {
        oneOf(spec, 0);
        if (command == Command.RELOAD) {
            spec.addOption(CommandSpecs.option(
                            CommandSpecs.IN_PLACE,
                            "Replaces one worker after the other, as where memory is short for both.")
                    .build());
        }
        waiting(spec);
    }

    private static void upgrade(CommandSpec spec) {
        spec.addPositional(CommandSpecs.argument(
                "PATH",
                "The command terpan of the program that takes over; without it the one that the running Terpan was started by.",
                false,
                List.of()));
        waiting(spec);
    }

    private static void maintenance(CommandSpec spec) {
        spec.addPositional(
                CommandSpecs.argument("on|off", "Whether clients get the page for 503.", true, List.of("on", "off")));
        oneOf(spec, 1);
        spec.addOption(OptionSpec.builder(CommandSpecs.ALLOW)
                .type(List.class)
                .auxiliaryTypes(String.class)
                .arity("1")
                .paramLabel("ADDRESS")
                .description("An address or network whose clients are served; may be given several times.")
                .build());
    }

    private static void scale(CommandSpec spec) {
        spec.addPositional(CommandSpecs.argument(
                "COUNT",
                "How many workers, 1 to 1024; auto: as many as the load asks for, where workers.count is a range.",
                true,
                List.of()));
        oneOf(spec, 1);
        spec.addOption(OptionSpec.builder(CommandSpecs.GROUP)
                .type(String.class)
                .arity("1")
                .paramLabel("NAME")
                .description("The group, where there are several.")
                .build());
        waiting(spec);
    }

    /** How long the end of what is ordered is waited for. */
    private static void waiting(CommandSpec spec) {
        spec.addOption(CommandSpecs.option(CommandSpecs.NO_WAIT, "Does not wait until it is done.")
                .build());
        spec.addOption(timeout("How long it is waited for, 1 to 86400.", CommandSpecs.TIMEOUT_SECONDS));
    }

    private static OptionSpec timeout(String description, int standard) {
        return OptionSpec.builder(CommandSpecs.TIMEOUT)
                .type(String.class)
                .arity("1")
                .paramLabel("SECONDS")
                .description(description + " (default: " + standard + ")")
                .build();
    }
}
