package terpan.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Tells which interpreter a shim of pyenv's stands for: a shim is a script that takes several times as long as the interpreter
 * that it starts, for every worker. Only the plain case, one version that is installed under its full name; any other is left
 * to the shim.
 */
final class PyenvShim {
    private static final String LOCAL = ".python-version";

    private PyenvShim() {}

    /**
     * The interpreter itself, or the program as it is.
     *
     * @param directory the working directory, absolute, whose versions file counts
     */
    static Path resolve(Path program, Path directory, Map<String, String> environment) {
        Path shims = program.getParent();
        Path root = shims == null ? null : shims.getParent();
        if (shims == null || root == null || !shims.endsWith("shims") || !Files.isDirectory(root.resolve("versions"))) {
            return program;
        }
        return version(root, directory, environment)
                .filter(version -> version.matches("[A-Za-z0-9][A-Za-z0-9._-]*"))
                .map(version -> root.resolve("versions").resolve(version).resolve("bin"))
                .map(folder -> folder.resolve(program.getFileName()))
                .filter(Files::isExecutable)
                .orElse(program);
    }

    /** The variable counts most, then the nearest file above the working directory, then the root's own. */
    private static Optional<String> version(Path root, Path directory, Map<String, String> environment) {
        String named = environment.getOrDefault("PYENV_VERSION", "");
        if (!named.isEmpty()) {
            return Optional.of(named);
        }
        if (environment.containsKey("PYENV_DIR")) {
            return Optional.empty();
        }
        return Stream.iterate(Optional.of(directory), Optional::isPresent, place -> place.map(Path::getParent))
                .flatMap(Optional::stream)
                .map(place -> place.resolve(LOCAL))
                .filter(Files::exists)
                .findFirst()
                .or(() -> Optional.of(root.resolve("version")))
                .flatMap(PyenvShim::onlyLine);
    }

    private static Optional<String> onlyLine(Path file) {
        try {
            List<String> lines = Files.readAllLines(file);
            return lines.size() == 1 ? Optional.of(lines.getFirst().strip()) : Optional.empty();
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }
}
