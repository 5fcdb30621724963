package terpan.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What loading the settings came to. */
public sealed interface Loaded {
    /**
     * Settings that are whole and checked.
     *
     * @param file the settings file that was read
     * @param warnings what is allowed but likely not meant
     */
    record Ready(Settings settings, Optional<Path> file, List<String> warnings) implements Loaded {
        @Override
        public List<Problem> problems() {
            return List.of();
        }
    }

    /** Every problem that was found, at least one, in the order of the sources and of the lines. */
    record Faulty(List<Problem> problems) implements Loaded {}

    /** Every problem; none if the settings are ready. */
    List<Problem> problems();
}
