package terpan.worker;

import java.nio.file.Path;
import terpan.config.Settings;
import terpan.server.Profiles;
import terpan.server.ServerProfile;

/**
 * What all workers of a generation have in common.
 *
 * @param interpreter the Python to start, a path or a name on the path
 * @param loopback whether workers listen on a loopback port instead of a Unix socket
 */
public record WorkerPlan(
        Settings.Application application,
        Settings.Server server,
        Settings.Workers workers,
        ServerProfile profile,
        String interpreter,
        boolean loopback) {
    /** The plan that the settings ask for; their server must have no {@link Profiles#problems}. */
    public static WorkerPlan from(Settings.Application application, Settings.Server server, Settings.Workers workers) {
        return new WorkerPlan(
                application,
                server,
                workers,
                Profiles.profile(server, workers.threads()),
                application.python().map(Path::toString).orElse("python3"),
                false);
    }

    /** The profile for what the application turned out to be. */
    ServerProfile profile(boolean asgi) {
        return asgi ? Profiles.asgiProfile(server, workers.threads()) : profile;
    }

    String installHint() {
        return Profiles.find(profile.name()).map(kind -> kind.installHint()).orElse("");
    }
}
