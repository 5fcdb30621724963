package terpan.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What loading the settings came to. */
public sealed interface Loaded {
    /**
     * Settings that are whole and checked.
     *
     * @param file the settings file that was read
     * @param warnings what is allowed but likely not meant
     * @param fixed what was said of the settings that stay as they are from start to stop
     */
    record Ready(Settings settings, Optional<Path> file, List<String> warnings, Map<Setting<?>, Stated> fixed)
            implements Loaded {
        /**
         * A setting's values and where they were said.
         *
         * @param values in their order; its default where nobody said anything
         */
        public record Stated(List<?> values, Where where) {}

        /** What differs from these earlier settings and can not, while what was started with them runs. */
        public List<Problem> fixedSince(Ready earlier) {
            List<Problem> problems = new ArrayList<>();
            fixed.forEach((setting, now) -> {
                Stated before = earlier.fixed.get(setting);
                if (before != null && !before.values().equals(now.values())) {
                    problems.add(
                            Problem.setting(
                                    now.where(),
                                    setting.name()
                                            + " is another than at the start, and can not change while Terpan runs: stop it and start it again"));
                }
            });
            return problems;
        }

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
