package terpan.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import terpan.config.AppTarget;
import terpan.config.ApplicationLocator;
import terpan.config.InterpreterLocator;
import terpan.config.Located;
import terpan.config.Problem;
import terpan.config.Project;
import terpan.config.ServerCheck;
import terpan.config.Settings;
import terpan.config.Where;
import terpan.daemon.Examination;
import terpan.daemon.ExitCode;
import terpan.daemon.ProbeRequest;
import terpan.daemon.StartFailure;

/** The commands that look at servers without serving: reads their lines and sets them going. */
final class ExamineCommands {
    private static final int IDLE_MOST = 30;
    private static final int THREADS_MOST = 1_024;

    private final Surroundings surroundings;
    private final Actions actions;

    ExamineCommands(Surroundings surroundings, Actions actions) {
        this.surroundings = surroundings;
        this.actions = actions;
    }

    int servers(ParseResult result) throws StartFailure {
        List<Path> directories = new ArrayList<>();
        if (result.hasMatchedPositional(0)) {
            String name = ParsedCommand.argument(result);
            switch (ApplicationLocator.locate(name, surroundings.directory(), Optional.empty())) {
                case Located.Found<AppTarget>(AppTarget target) ->
                    directories.addAll(Project.folders(target.directory()));
                case Located.Missing<AppTarget>(String message) ->
                    throw new StartFailure(ExitCode.APPLICATION, message);
            }
        }
        return actions.servers(interpreter(result, directories), isJson(result), surroundings.out());
    }

    int probe(ParseResult result) throws StartFailure {
        Map<String, String> options = new LinkedHashMap<>();
        for (String option : ParsedCommand.texts(result, CommandSpecs.SERVER_OPTION)) {
            int equals = option.indexOf('=');
            if (equals < 1) {
                throw new ParameterException(
                        result.commandSpec().commandLine(),
                        "--server-option is \"" + option + "\", expected NAME=VALUE");
            }
            options.put(option.substring(0, equals), option.substring(equals + 1));
        }
        ProbeRequest request = new ProbeRequest(
                new Settings.Server(ParsedCommand.argument(result), options),
                ParsedCommand.whole(result, CommandSpecs.THREADS, 0, THREADS_MOST, 0),
                interpreter(result, List.of()),
                ParsedCommand.whole(result, CommandSpecs.IDLE, 1, IDLE_MOST, ProbeRequest.IDLE_SECONDS));
        List<Problem> problems = Examination.mistakes(request).stream()
                .map(mistake -> new Problem(place(mistake.part()), Problem.Kind.SETTING, mistake.message()))
                .toList();
        return problems.isEmpty()
                ? actions.probe(request, isJson(result), surroundings.out())
                : Problems.tell(problems, surroundings.err());
    }

    private static Where place(ServerCheck.Part part) {
        return new Where.Flag(
                switch (part) {
                    case SERVER, SOCKET, PRELOAD, INTERFACE -> CommandSpecs.SERVER;
                    case OPTION -> CommandSpecs.SERVER_OPTION;
                    case THREADS -> CommandSpecs.THREADS;
                });
    }

    /** The interpreter that serving would take: the one that is named, that of the application, that of the path. */
    private Path interpreter(ParseResult result, List<Path> directories) throws StartFailure {
        Path here = surroundings.directory();
        List<Path> places = new ArrayList<>(directories);
        places.add(here);
        Optional<Path> asked = ParsedCommand.texts(result, CommandSpecs.PYTHON).stream()
                .reduce((first, last) -> last)
                .map(path -> path.contains("/") || java.nio.file.Files.isDirectory(here.resolve(path))
                        ? here.resolve(path).normalize()
                        : Path.of(path));
        return switch (InterpreterLocator.find(
                asked, places, surroundings.environment(), surroundings.host().installedPython())) {
            case Located.Found<Path>(Path found) -> found;
            case Located.Missing<Path>(String message) -> throw new StartFailure(ExitCode.INTERPRETER, message);
        };
    }

    private static boolean isJson(ParseResult result) {
        return result.hasMatchedOption(CommandSpecs.JSON);
    }
}
