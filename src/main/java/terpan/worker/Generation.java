package terpan.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import terpan.config.AppTarget;
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

    /**
     * The generation of this number of an application with these groups, each of which must have no {@link ProfileCheck#mistakes}. Where
     * its code lies is found out now: a link that leads elsewhere later leads no worker of it astray.
     *
     * @param requestIds whether workers are told each request's id
     */
    public static Generation of(
            int number, Settings.Application application, List<Settings.WorkerGroup> groups, boolean requestIds) {
        Settings.Application there = resolved(application);
        return new Generation(number, there, there.target().directory(), WorkerPlan.from(there, groups, requestIds));
    }

    /** The same once more, of another number. */
    public Generation again(int itsNumber) {
        return new Generation(itsNumber, application, code, plans);
    }

    /**
     * The same whose groups of a range begin with other numbers of workers, within the range.
     *
     * @param workers by the names of groups; of others it stays
     */
    public Generation beginningWith(Map<String, Integer> workers) {
        List<WorkerPlan> others = plans.stream()
                .map(plan -> {
                    Integer count = workers.get(plan.group().name());
                    return count == null || plan.workers().scaling().isEmpty() ? plan : plan.beginningWith(count);
                })
                .toList();
        return new Generation(number, application, code, others);
    }

    private static Settings.Application resolved(Settings.Application application) {
        AppTarget target = application.target();
        AppTarget there = new AppTarget(
                real(target.directory()),
                real(target.home()),
                target.module(),
                target.file().map(Generation::realFolder),
                target.callable(),
                target.factory());
        return application.at(
                there, real(application.chdir()), application.python().map(Generation::realEnvironment));
    }

    /** One that is not there is named as it is: the start of its workers says what is wrong. */
    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException missing) {
            return path;
        }
    }

    /** The file keeps its name, which modules are called by. */
    private static Path realFolder(Path file) {
        Path folder = file.getParent();
        return folder == null ? file : real(folder).resolve(file.getFileName());
    }

    /** The interpreter of a virtual environment is a link, and what it is by its place: the environment's folder is what may lead elsewhere. */
    private static Path realEnvironment(Path python) {
        Path programs = python.getParent();
        if (programs == null || programs.getParent() == null) {
            return python;
        }
        Path environment = programs.getParent();
        return Files.exists(environment.resolve("pyvenv.cfg"))
                ? real(environment).resolve(programs.getFileName()).resolve(python.getFileName())
                : python;
    }

    /** The Python that its workers are started with, a path or a name on the path. */
    String interpreter() {
        return plans.getFirst().interpreter();
    }

    /** Whether all of its workers are forked from a process that has imported the application. */
    public boolean isPreloaded() {
        return plans.stream().allMatch(plan -> plan.workers().preload());
    }

    /** How many processes hold the application, masters of servers not counted: its workers, and what forks them. */
    public int processes() {
        return workers()
                + (int) plans.stream().filter(plan -> plan.workers().preload()).count();
    }

    /** How many workers its groups have together. */
    public int workers() {
        return plans.stream().mapToInt(plan -> plan.workers().count()).sum();
    }
}
