package terpan.daemon;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Optional;
import terpan.config.InterpreterLocator;
import terpan.config.Located;
import terpan.config.Settings;
import terpan.config.SystemHost;
import terpan.worker.StartException;
import terpan.worker.VirtualEnvironment;

/** The settings with the interpreter of the virtual environment that {@code --install} made beside the application. */
final class Installed {
    private Installed() {}

    static Settings in(Settings settings, PrintStream out) throws StartFailure {
        Settings.Application application = settings.application()
                .orElseThrow(() -> new StartFailure(
                        ExitCode.USAGE, "nothing can be installed: no application is named; leave out --install"));
        Path base = switch (InterpreterLocator.onPath(System.getenv(), new SystemHost().installedPython())) {
            case Located.Found<Path> found -> found.value();
            case Located.Missing<Path> missing -> throw new StartFailure(ExitCode.INTERPRETER, missing.message());
        };
        try {
            if (application.user().isPresent()) {
                VirtualEnvironment.refuseOthers(
                        application.target().directory(), application.user().get(), System.getenv());
            }
            Path python = VirtualEnvironment.install(
                    application.target().directory(), base, System.getenv(), line -> out.println("terpan: " + line));
            return with(settings, application, python);
        } catch (StartException failed) {
            throw StartFailures.of(failed);
        }
    }

    private static Settings with(Settings settings, Settings.Application application, Path python) {
        Settings.Application installed = application.at(application.target(), application.chdir(), Optional.of(python));
        return new Settings(
                settings.bind(),
                Optional.of(installed),
                settings.groups(),
                settings.attach(),
                settings.dispatch(),
                settings.http(),
                settings.forwarding(),
                settings.tls(),
                settings.limits(),
                settings.spool(),
                settings.log(),
                settings.traces(),
                settings.admin(),
                settings.files(),
                settings.probes(),
                settings.loops());
    }
}
