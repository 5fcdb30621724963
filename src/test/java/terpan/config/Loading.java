package terpan.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import terpan.server.ProfileCheck;

/** One load of settings in a directory of its own, which has an application, {@code app.py}, and a virtual environment. */
final class Loading {
    private final Path directory;
    private final Map<Setting<?>, List<String>> flags = new LinkedHashMap<>();
    private final Map<String, String> environment = new HashMap<>();
    private Optional<Path> file = Optional.empty();
    private boolean root;

    Loading(Path directory) throws IOException {
        this.directory = directory;
        Files.writeString(directory.resolve("app.py"), "");
        Path python = directory.resolve(".venv/bin/python");
        Files.createDirectories(directory.resolve(".venv/bin"));
        Files.writeString(python, "");
        assertThat(python.toFile().setExecutable(true)).isTrue();
        flags.put(Declarations.NAME_OF_APPLICATION, List.of("app.py"));
    }

    Loading flag(Setting<?> setting, String... values) {
        flags.put(setting, List.of(values));
        return this;
    }

    Loading without(Setting<?> setting) {
        flags.remove(setting);
        return this;
    }

    Loading variable(String name, String value) {
        environment.put(name, value);
        return this;
    }

    Loading toml(String text) throws IOException {
        Files.writeString(directory.resolve(SettingsFile.OWN), text);
        return this;
    }

    Loading project(String text) throws IOException {
        Files.writeString(directory.resolve(SettingsFile.PROJECT), text);
        return this;
    }

    Loading config(Path path) {
        file = Optional.of(path);
        return this;
    }

    Loading asRoot() {
        root = true;
        return this;
    }

    Loaded load() {
        return new Loader(new FakeHost(root), new ProfileCheck())
                .load(new Sources(flags, file, environment, directory));
    }

    /** Several applications, each with its mistakes for itself. */
    Loaded loadApart() {
        return new Loader(new FakeHost(root), new ProfileCheck())
                .load(new Sources(flags, file, environment, directory), true);
    }

    Loaded.Ready ready() {
        return switch (load()) {
            case Loaded.Ready ready -> ready;
            case Loaded.Faulty faulty -> throw new AssertionError("problems: " + faulty.problems());
        };
    }

    Settings settings() {
        return ready().settings();
    }

    /** The problems as a person reads them. */
    List<String> problems() {
        List<String> lines = new ArrayList<>();
        switch (load()) {
            case Loaded.Ready ready -> {}
            case Loaded.Faulty faulty -> faulty.problems().forEach(problem -> lines.add(problem.toString()));
        }
        return lines;
    }
}
