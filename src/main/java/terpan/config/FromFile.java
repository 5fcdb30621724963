package terpan.config;

import java.util.ArrayList;
import java.util.List;

/**
 * What the settings file says.
 *
 * @param settings all but the groups of workers
 * @param groups the tables {@code [[workers]]} in their order
 * @param certificates the tables {@code tls.certificates} in their order
 */
record FromFile(Given settings, List<Group> groups, List<Group> certificates) {
    /**
     * One table of several.
     *
     * @param table where it stands
     */
    record Group(Where table, Given settings) {}

    static FromFile empty() {
        return new FromFile(Given.empty(), new ArrayList<>(), new ArrayList<>());
    }
}
