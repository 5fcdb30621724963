package terpan.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that settings are loaded from, but for the file, which is found from it.
 *
 * @param flags the flags and the argument, for each setting its values in their order
 * @param file the settings file that was asked for on the command line
 * @param environment the variables of this process
 * @param directory the working directory, absolute
 */
public record Sources(
        Map<Setting<?>, List<String>> flags, Optional<Path> file, Map<String, String> environment, Path directory) {}
