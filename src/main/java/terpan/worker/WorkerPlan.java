package terpan.worker;

import java.nio.file.Path;
import java.util.List;
import terpan.config.Settings;
import terpan.server.Profiles;
import terpan.server.ServerProfile;

/**
 * What all workers of a group have in common.
 *
 * @param interpreter the Python to start, a path or a name on the path
 * @param multiprocess whether there are other processes that serve the application, of this group or another
 * @param requestIds whether they are told each request's id
 */
public record WorkerPlan(
        Settings.Application application,
        Settings.WorkerGroup group,
        ServerProfile profile,
        String interpreter,
        boolean multiprocess,
        boolean requestIds) {
    /** The plans for groups of workers, each of which must have no {@link ProfileCheck#mistakes}. */
    public static List<WorkerPlan> from(
            Settings.Application application, List<Settings.WorkerGroup> groups, boolean requestIds) {
        boolean multiprocess = Settings.mostWorkers(groups) > 1;
        return groups.stream()
                .map(group -> new WorkerPlan(
                        application,
                        group,
                        Profiles.profile(group.server(), group.workers().threads()),
                        application.python().map(Path::toString).orElse("python3"),
                        multiprocess,
                        requestIds))
                .toList();
    }

    /** The same with another number of workers at the start. */
    WorkerPlan beginningWith(int count) {
        return new WorkerPlan(application, group.beginningWith(count), profile, interpreter, multiprocess, requestIds);
    }

    Settings.Workers workers() {
        return group.workers();
    }

    /** The name of the group's worker of this number, from 1. */
    String workerName(int number) {
        return group.name() + "-" + number;
    }

    /** The group that a worker belongs to, by its name; a name without number is its own. */
    static String groupOf(String worker) {
        int end = worker.lastIndexOf('-');
        return end < 0 ? worker : worker.substring(0, end);
    }

    /** Whether workers are another user than we, so that nothing they say is believed once they are. */
    boolean otherUser() {
        return OtherUser.of(application);
    }

    /** Whether workers listen on a loopback port instead of a Unix socket. */
    boolean loopback() {
        return group.socket() == Settings.SocketMode.TCP;
    }

    /** Whether all workers listen on one socket. */
    boolean shared() {
        return group.socket() == Settings.SocketMode.SHARED;
    }

    /** The profile for what the application turned out to be. */
    ServerProfile profile(boolean asgi) {
        return asgi ? Profiles.asgiProfile(group.server(), workers().threads()) : profile;
    }

    String installHint() {
        return Profiles.find(profile.name()).map(kind -> kind.installHint()).orElse("");
    }
}
