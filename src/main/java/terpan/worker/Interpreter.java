package terpan.worker;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import terpan.config.Settings;

/** Finds the Python that an application shall run with. Whether it is one is found out by starting it. */
public final class Interpreter {
    private static final List<String> ENVIRONMENTS = List.of(".venv", "venv", "env");
    private static final List<String> NAMES = List.of("python3", "python");

    private Interpreter() {}

    /** The one that was named, else a virtual environment beside the application, else the one in use, else the path's. */
    public static String find(Settings.Application application, Map<String, String> environment) {
        if (application.python().isPresent()) {
            return application.python().get().toString();
        }
        for (String folder : ENVIRONMENTS) {
            for (String name : NAMES) {
                Path candidate =
                        application.chdir().resolve(folder).resolve("bin").resolve(name);
                if (Files.isExecutable(candidate)) {
                    return candidate.toString();
                }
            }
        }
        String active = environment.getOrDefault("VIRTUAL_ENV", "");
        Path inUse = Path.of(active, "bin", "python3");
        return !active.isEmpty() && Files.isExecutable(inUse) ? inUse.toString() : "python3";
    }
}
