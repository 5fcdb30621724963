package terpan.config;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the Python interpreter: the one that was asked for; else that of a virtual environment beside the application; else that of the one
 * that Terpan is installed in; else that of {@code VIRTUAL_ENV}; else {@code python3} on the path. Links are not followed, for the place of
 * the link is what makes a virtual environment.
 */
public final class InterpreterLocator {
    private static final List<String> ENVIRONMENTS = List.of(".venv", "venv", "env");
    private static final List<String> PROGRAMS = List.of("python3", "python");
    /** What pipx and uv leave in an environment that they make for a tool: no application is installed there. */
    private static final List<String> MARKS_OF_TOOLS = List.of("pipx_metadata.json", "uv-receipt.toml");

    private InterpreterLocator() {}

    /**
     * Finds the interpreter.
     *
     * @param asked a path, the directory of a virtual environment, or the bare name of a program
     * @param directories where a virtual environment may lie, best first
     * @param environment the variables of this process
     * @param installed that of the environment that Terpan is installed in
     */
    public static Located<Path> find(
            Optional<Path> asked, List<Path> directories, Map<String, String> environment, Optional<Path> installed) {
        List<Path> tried = new ArrayList<>();
        Optional<Path> found = asked.isPresent()
                ? asked(asked.get(), environment, tried)
                : inEnvironment(directories, environment, installed, tried)
                        .or(() -> onPath(PROGRAMS, environment, tried))
                        .or(() -> first(installed.stream().toList(), tried));
        return found.<Located<Path>>map(Located.Found::new)
                .orElseGet(() -> new Located.Missing<>(message(asked, tried)));
    }

    /**
     * The one to make a virtual environment with: the first {@code python3} on the path, outside of every such environment; where there is
     * none, that of the environment that Terpan is installed in.
     */
    public static Located<Path> onPath(Map<String, String> environment, Optional<Path> installed) {
        List<Path> tried = new ArrayList<>();
        return onPath(PROGRAMS, environment, tried)
                .or(() -> first(installed.stream().toList(), tried))
                .<Located<Path>>map(Located.Found::new)
                .orElseGet(() -> new Located.Missing<>(message(Optional.empty(), tried)));
    }

    private static Optional<Path> asked(Path asked, Map<String, String> environment, List<Path> tried) {
        if (!asked.isAbsolute() && asked.getNameCount() == 1) {
            return onPath(List.of(asked.toString()), environment, tried);
        }
        return first(Files.isDirectory(asked) ? List.of(asked.resolve("bin/python")) : List.of(asked), tried);
    }

    private static Optional<Path> inEnvironment(
            List<Path> directories, Map<String, String> environment, Optional<Path> installed, List<Path> tried) {
        Set<Path> places = new LinkedHashSet<>();
        for (Path directory : directories) {
            ENVIRONMENTS.forEach(name -> places.add(directory.resolve(name).resolve("bin/python")));
        }
        installed
                .filter(python -> lies(python, List.of("pyvenv.cfg")) && !lies(python, MARKS_OF_TOOLS))
                .ifPresent(places::add);
        String active = environment.getOrDefault("VIRTUAL_ENV", "");
        if (!active.isEmpty()) {
            places.add(Path.of(active).resolve("bin/python"));
        }
        // One of the system's own: Terpan is in its packages, as the application may be.
        installed.filter(python -> !lies(python, MARKS_OF_TOOLS)).ifPresent(places::add);
        return first(List.copyOf(places), tried);
    }

    /** Whether one of these files lies at the root of an interpreter's environment. */
    private static boolean lies(Path python, List<String> names) {
        Path root = python.resolve("../..").normalize();
        return names.stream().anyMatch(name -> Files.exists(root.resolve(name)));
    }

    private static Optional<Path> onPath(List<String> programs, Map<String, String> environment, List<Path> tried) {
        List<Path> places = new ArrayList<>();
        for (String program : programs) {
            for (String directory : environment.getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
                if (directory.startsWith("/")) {
                    places.add(Path.of(directory).resolve(program));
                }
            }
        }
        Path here = Path.of("").toAbsolutePath();
        return first(places, tried).map(found -> PyenvShim.resolve(found, here, environment));
    }

    private static Optional<Path> first(List<Path> places, List<Path> tried) {
        tried.addAll(places);
        return places.stream()
                .filter(place -> Files.isExecutable(place) && !Files.isDirectory(place))
                .findFirst();
    }

    private static String message(Optional<Path> asked, List<Path> tried) {
        String places = tried.isEmpty()
                ? "PATH names no directory"
                : "tried "
                        + String.join(", ", tried.stream().map(Path::toString).toList());
        return asked.isPresent()
                ? "the Python interpreter \"" + asked.get() + "\" was not found or is not executable: " + places
                : "no Python interpreter was found: " + places
                        + "; install Python 3.9 or later, make a virtual environment, or name one with --python";
    }
}
