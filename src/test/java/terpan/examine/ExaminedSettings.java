package terpan.examine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import terpan.config.Declarations;
import terpan.config.FakeHost;
import terpan.config.Loaded;
import terpan.config.Loader;
import terpan.config.Setting;
import terpan.config.Settings;
import terpan.config.Sources;
import terpan.server.ProfileCheck;

/** Settings as the flags of a command line would give them. */
final class ExaminedSettings {
    private ExaminedSettings() {}

    /** So many workers of an application in a folder, which serves as run directory too. */
    static Settings workers(Path folder, int count) {
        return workers(folder, count, "least-loaded");
    }

    /** The same, with how a worker is chosen. */
    static Settings workers(Path folder, int count, String choice) {
        return of(
                folder,
                Map.of(
                        "--choice",
                        choice,
                        "--workers",
                        Integer.toString(count),
                        "--python",
                        "/bin/false",
                        "--run-directory",
                        folder.resolve("run").toString(),
                        "--bind",
                        "unix:" + folder.resolve("clients"),
                        "APP",
                        "app:application"));
    }

    private static Settings of(Path folder, Map<String, String> flags) {
        Map<Setting<?>, List<String>> given = new LinkedHashMap<>();
        for (Setting<?> setting : Declarations.all()) {
            String value = flags.get(setting.flag());
            if (value != null) {
                given.put(setting, List.of(value));
            }
        }
        assertThat(given).hasSameSizeAs(flags);
        try {
            java.nio.file.Files.writeString(folder.resolve("app.py"), "");
        } catch (java.io.IOException failed) {
            throw new java.io.UncheckedIOException(failed);
        }
        Loaded loaded = new Loader(new FakeHost(false), new ProfileCheck())
                .load(new Sources(given, java.util.Optional.empty(), Map.of(), folder));
        assertThat(loaded.problems()).isEmpty();
        return ((Loaded.Ready) loaded).settings();
    }
}
