package terpan.daemon;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import terpan.config.Loaded;

/**
 * What {@code terpan serve} was asked beside the settings.
 *
 * @param read the settings as they were read
 * @param again reads them anew, from the same places; true: each of several applications has its mistakes for itself
 * @param install whether a virtual environment is made beside the application and its requirements are installed first
 * @param command how it was asked
 */
public record ServeOptions(
        Loaded.Ready read, Function<Boolean, Loaded> again, boolean install, ServeOptions.Command command) {
    /** The property by which the command that a person types says where it lies. */
    public static final String PROGRAM_PROPERTY = "terpan.program";

    /**
     * The command line.
     *
     * @param program the command that a person types; empty: Java was started otherwise
     * @param arguments all of them, {@code serve} first if it was said
     * @param directory where it was typed
     */
    public record Command(Optional<Path> program, List<String> arguments, Path directory) {
        /** The one that this process was started by. */
        public static Command of(List<String> arguments, Path directory) {
            return new Command(
                    Optional.ofNullable(System.getProperty(PROGRAM_PROPERTY)).map(Path::of),
                    List.copyOf(arguments),
                    directory);
        }
    }
}
