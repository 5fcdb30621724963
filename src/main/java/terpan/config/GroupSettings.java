package terpan.config;

import java.util.ArrayList;
import java.util.List;

/**
 * The settings that a group of workers has. For one group they stand in {@code [server]} and {@code [workers]}; for several, each
 * group has a table {@code [[workers]]} with its server in it.
 */
public final class GroupSettings {
    private static final Setting<String> SERVER = Declarations.SERVER_NAME.in(Section.WORKERS, "server");
    private static final Setting<String> OPTIONS = Declarations.SERVER_OPTIONS.in(Section.WORKERS, "options");
    private static final List<Setting<?>> ALL = gathered();

    private GroupSettings() {}

    private static List<Setting<?>> gathered() {
        List<Setting<?>> all = new ArrayList<>(ofServer());
        for (Setting<?> setting : Declarations.all()) {
            if (setting.section() == Section.WORKERS) {
                all.add(setting);
            }
        }
        return List.copyOf(all);
    }

    /** Those of a group's table, by the keys that they have there. */
    public static List<Setting<?>> all() {
        return ALL;
    }

    /** Those of them that stand in {@code [server]} when there is one group. */
    public static List<Setting<?>> ofServer() {
        return List.of(SERVER, OPTIONS);
    }
}
