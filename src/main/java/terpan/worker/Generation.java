package terpan.worker;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import terpan.config.Settings;

/**
 * One state of an application: its settings as they were read, and its code as it lay. Two are told apart by their numbers.
 *
 * @param number from 1, higher with each
 * @param application the application's settings as they were read
 * @param code the directory of the code without symbolic links, which may lead elsewhere later
 * @param plans one for each group of workers, at least one, with its settings
 */
public record Generation(int number, Settings.Application application, Path code, List<WorkerPlan> plans) {
    /** The first of a run. */
    public static final int FIRST = 1;

    /** The generation of this number of an application with these groups, each of which must have no {@link ProfileCheck#mistakes}. */
    public static Generation of(int number, Settings.Application application, List<Settings.WorkerGroup> groups) {
        return new Generation(
                number, application, code(application.target().directory()), WorkerPlan.from(application, groups));
    }

    /** One that is not there is named as it is: the start of its workers says what is wrong. */
    private static Path code(Path directory) {
        try {
            return directory.toRealPath();
        } catch (IOException missing) {
            return directory;
        }
    }

    /** The Python that its workers are started with, a path or a name on the path. */
    String interpreter() {
        return plans.getFirst().interpreter();
    }

    int workers() {
        return plans.stream().mapToInt(plan -> plan.workers().count()).sum();
    }
}
