package terpan.config;

import java.util.List;

/**
 * The tables {@code [[workers]]} of the file beside what else says something of workers. One table, or none, is set by flags and
 * variables too; with several nobody could tell which is meant, so those are refused.
 */
final class WorkerTables {
    private final FromFile file;
    private final List<Problem> problems;

    WorkerTables(FromFile file, List<Problem> problems) {
        this.file = file;
        this.problems = problems;
    }

    boolean areSeveral() {
        return file.groups().size() > 1;
    }

    /** Takes in the only table, behind the rest of the file; and says what may not stand beside a table. */
    void addOnlyOne(Values values) {
        if (file.groups().isEmpty()) {
            return;
        }
        for (Setting<?> inGroup : GroupSettings.ofServer()) {
            if (values.isNamed(inGroup)) {
                problems.add(Problem.setting(
                        values.where(inGroup),
                        "the table [server] stands beside [[workers]], expected " + inGroup.key()
                                + " in each [[workers]]"));
            }
        }
        if (!areSeveral()) {
            values.add(file.groups().getFirst().settings());
        }
    }

    /** What was said of each group, once all sources are taken in. */
    List<Groups.Said> said(Values values) {
        if (!areSeveral()) {
            Where table = file.groups().isEmpty()
                    ? new Where.Together()
                    : file.groups().getFirst().table();
            return List.of(new Groups.Said(values, table));
        }
        for (Setting<?> setting : GroupSettings.all()) {
            if (values.isNamed(setting) && !(values.where(setting) instanceof Where.InFile)) {
                problems.add(Problem.setting(
                        values.where(setting),
                        "it can not be told which of the " + file.groups().size() + " groups of workers is meant; set "
                                + setting.name() + " in the table [[workers]]"));
            }
        }
        return file.groups().stream().map(this::said).toList();
    }

    private Groups.Said said(FromFile.Group group) {
        Values values = new Values(problems);
        values.add(group.settings());
        return new Groups.Said(values, group.table());
    }
}
