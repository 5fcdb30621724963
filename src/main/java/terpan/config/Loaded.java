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
     * @param several whether applications have tables or files of their own; then the settings are what stands above them
     * @param sites those applications
     * @param included where files lie of which each is an application
     * @param mounting which requests are for these settings' application
     */
    record Ready(
            Settings settings,
            Optional<Path> file,
            List<String> warnings,
            Map<Setting<?>, Stated> fixed,
            boolean several,
            List<Site> sites,
            Included included,
            Mounting mounting)
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

        /**
         * Files of one application each.
         *
         * @param watched whether they are watched
         * @param folders of those that patterns name
         * @param files those that are named themselves
         */
        public record Included(boolean watched, List<Path> folders, List<Path> files) {
            /** None. */
            public static final Included NONE = new Included(false, List.of(), List.of());
        }

        /** The settings of each application, as if it were alone; of those that have mistakes none. */
        public List<Settings> each() {
            return several
                    ? sites.stream()
                            .flatMap(site -> site.ready().stream())
                            .map(Ready::settings)
                            .toList()
                    : List.of(settings);
        }

        @Override
        public List<Problem> problems() {
            return List.of();
        }
    }

    /**
     * Which requests are an application's.
     *
     * @param routes none: all that are no other's
     * @param tells whether its workers are told with each request below which path it is
     */
    record Mounting(List<Route> routes, boolean tells) {
        /** All of them. */
        public static final Mounting WHOLE = new Mounting(List.of(), false);
    }

    /**
     * One application of several.
     *
     * @param file where it stands
     * @param alone whether the file is its alone
     * @param loaded its settings as if it were alone, or its mistakes
     */
    record Site(String name, Path file, boolean alone, Loaded loaded) {
        /** Which requests are its; none where it has mistakes. */
        public List<Route> routes() {
            return ready().map(good -> good.mounting().routes()).orElse(List.of());
        }

        /** Its settings; empty: it has mistakes. */
        public Optional<Ready> ready() {
            return loaded instanceof Ready good ? Optional.of(good) : Optional.empty();
        }
    }

    /** Every problem that was found, at least one, in the order of the sources and of the lines. */
    record Faulty(List<Problem> problems) implements Loaded {}

    /** Every problem; none if the settings are ready. */
    List<Problem> problems();
}
