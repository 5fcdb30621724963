package terpan.config;

import java.nio.file.Path;
import java.util.Optional;

/**
 * The application as the worker has to import it.
 *
 * @param directory absolute; stands first on the import path
 * @param home absolute; where the workers run unless something else is said
 * @param module the module to import, dotted
 * @param file absolute; present when the file's name is no module name, so that it is loaded by its path, as {@code module}
 * @param callable the name to take from the module, dotted; empty: {@code application}, else {@code app}, else a factory
 * @param factory whether the callable is called without arguments and returns the application
 */
public record AppTarget(
        Path directory, Path home, String module, Optional<Path> file, Optional<String> callable, boolean factory) {}
