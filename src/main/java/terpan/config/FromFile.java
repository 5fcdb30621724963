package terpan.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a settings file says.
 *
 * @param settings all but the groups of workers
 * @param groups the tables {@code [[workers]]} in their order
 * @param certificates the tables {@code tls.certificates} in their order
 * @param applications the tables {@code [[applications]]} in their order
 */
record FromFile(Given settings, List<Group> groups, List<Group> certificates, List<Application> applications) {
    /**
     * One table of several.
     *
     * @param table where it stands
     */
    record Group(Where table, Given settings) {}

    /**
     * One application of several, in a table or a file of its own.
     *
     * @param table where it stands
     * @param file the file that it stands in
     * @param alone whether the file is its alone
     * @param said what is said there
     * @param problems mistakes there
     */
    record Application(Where table, Path file, boolean alone, FromFile said, List<Problem> problems) {}

    static FromFile empty() {
        return new FromFile(Given.empty(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    }
}
