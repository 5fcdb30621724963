package terpan.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import terpan.config.Setting;

/**
 * What a command line says of settings.
 *
 * @param flags the flags and the argument that were given, for each setting its values in their order
 * @param file the settings file that was named
 * @param install whether the application's requirements are to be installed first
 */
record ServeLine(Map<Setting<?>, List<String>> flags, Optional<Path> file, boolean install) {}
