package terpan.worker;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import terpan.config.Project;

/**
 * What says which packages an application needs, in its folder or the nearest of its project's above: {@code uv.lock} where there is uv,
 * else {@code requirements.txt}, else {@code pyproject.toml}.
 *
 * @param project the folder that it lies in
 * @param uv the program that installs from a lock file; empty: pip does
 */
record Requirements(Path project, Path file, Optional<Path> uv) {
    private static final String LOCK = "uv.lock";
    private static final String REQUIREMENTS = "requirements.txt";
    private static final String PROJECT = "pyproject.toml";

    /** The tables of a project file without which nothing can be installed (PEP 517, PEP 621). */
    private static final Pattern INSTALLABLE = Pattern.compile("(?m)^\\s*\\[(project|build-system)]");

    /** Whether it is a list of requirements; else the project itself is installed. */
    boolean isList() {
        return file.endsWith(REQUIREMENTS);
    }

    static Requirements of(Path application, Map<String, String> environment) throws StartException {
        Optional<Path> uv = uv(environment);
        for (Path folder : Project.folders(application)) {
            if (uv.isPresent() && Files.isRegularFile(folder.resolve(LOCK))) {
                return new Requirements(folder, folder.resolve(LOCK), uv);
            }
            for (String name : List.of(REQUIREMENTS, PROJECT)) {
                if (Files.isRegularFile(folder.resolve(name))) {
                    return checked(new Requirements(folder, folder.resolve(name), Optional.empty()));
                }
            }
        }
        throw VirtualEnvironment.failed(
                "nothing can be installed: there is neither " + REQUIREMENTS + " nor " + PROJECT + " nor " + LOCK
                        + " in " + application + " or in its project above",
                "make one, or leave out --install");
    }

    private static Requirements checked(Requirements requirements) throws StartException {
        try {
            if (requirements.isList()
                    || INSTALLABLE.matcher(Files.readString(requirements.file)).find()) {
                return requirements;
            }
        } catch (IOException unreadable) {
            throw VirtualEnvironment.failed(
                    "nothing can be installed: " + requirements.file + ": " + RunDirectory.describe(unreadable), "");
        }
        throw VirtualEnvironment.failed(
                "nothing can be installed: " + requirements.file + " has neither [project] nor [build-system]",
                "add one with its dependencies, or a " + REQUIREMENTS);
    }

    private static Optional<Path> uv(Map<String, String> environment) {
        for (String directory : environment.getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
            if (directory.startsWith("/") && Files.isExecutable(Path.of(directory, "uv"))) {
                return Optional.of(Path.of(directory, "uv"));
            }
        }
        return Optional.empty();
    }
}
