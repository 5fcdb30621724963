package terpan.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class InterpreterLocatorTest {
    @TempDir
    private Path base;

    private Optional<Path> installed = Optional.empty();

    @Test
    void theOneThatWasAskedForCountsMost() throws IOException {
        program(".venv/bin/python");
        Path asked = program("other/python3.9");
        assertThat(find(Optional.of(asked))).isEqualTo(new Located.Found<>(asked));
    }

    @Test
    void aDirectoryThatWasAskedForIsAVirtualEnvironment() throws IOException {
        Path python = program("made/bin/python");
        assertThat(find(Optional.of(base.resolve("made")))).isEqualTo(new Located.Found<>(python));
    }

    @Test
    void aBareNameIsLookedForOnThePath() throws IOException {
        Path python = program("path/python3.12");
        assertThat(find(Optional.of(Path.of("python3.12")))).isEqualTo(new Located.Found<>(python));
    }

    @Test
    void aVirtualEnvironmentBesideTheApplicationCountsMoreThanAnActiveOne() throws IOException {
        program("path/python3");
        Path active = program("active/bin/python");
        assertThat(find(Optional.empty())).isEqualTo(new Located.Found<>(active));
        Path beside = program("venv/bin/python");
        assertThat(find(Optional.empty())).isEqualTo(new Located.Found<>(beside));
    }

    @Test
    void theLinkOfAVirtualEnvironmentIsNotFollowed() throws IOException {
        Path real = program("path/python3");
        Files.createDirectories(base.resolve(".venv/bin"));
        Path link = Files.createSymbolicLink(base.resolve(".venv/bin/python"), real);
        assertThat(find(Optional.empty())).isEqualTo(new Located.Found<>(link));
    }

    @Test
    void withoutAVirtualEnvironmentThePathIsSearched() throws IOException {
        Path python = program("path/python3");
        assertThat(find(Optional.empty())).isEqualTo(new Located.Found<>(python));
        assertThat(InterpreterLocator.onPath(environment(), Optional.empty())).isEqualTo(new Located.Found<>(python));
    }

    @Test
    void theEnvironmentThatTerpanIsInstalledInCountsMoreThanAnActiveOne() throws IOException {
        program("path/python3");
        program("active/bin/python");
        Path own = program("own/bin/python3");
        Files.createFile(base.resolve("own/pyvenv.cfg"));
        installed = Optional.of(own);
        assertThat(find(Optional.empty())).isEqualTo(new Located.Found<>(own));
        Path beside = program("venv/bin/python");
        assertThat(find(Optional.empty())).as("beside the application").isEqualTo(new Located.Found<>(beside));
    }

    @Test
    void aSystemsPythonThatTerpanIsInstalledInCountsMoreThanThePathAndLessThanAnEnvironment() throws IOException {
        program("path/python3");
        Path own = program("system/bin/python3");
        installed = Optional.of(own);
        assertThat(find(Optional.empty())).isEqualTo(new Located.Found<>(own));
        Path active = program("active/bin/python");
        assertThat(find(Optional.empty())).isEqualTo(new Located.Found<>(active));
    }

    @ParameterizedTest
    @ValueSource(strings = {"pipx_metadata.json", "uv-receipt.toml"})
    void anEnvironmentForTerpanAloneIsTheLastResort(String mark) throws IOException {
        Path own = program("tool/bin/python3");
        Files.createFile(base.resolve("tool/pyvenv.cfg"));
        Files.createFile(base.resolve("tool").resolve(mark));
        installed = Optional.of(own);
        assertThat(find(Optional.empty())).isEqualTo(new Located.Found<>(own));
        assertThat(InterpreterLocator.onPath(environment(), installed)).isEqualTo(new Located.Found<>(own));
        Path onPath = program("path/python3");
        assertThat(find(Optional.empty())).isEqualTo(new Located.Found<>(onPath));
        assertThat(InterpreterLocator.onPath(environment(), installed)).isEqualTo(new Located.Found<>(onPath));
    }

    @Test
    void aMissingInterpreterNamesEverythingThatWasTried() {
        assertThat(find(Optional.empty()))
                .isInstanceOfSatisfying(
                        Located.Missing.class,
                        missing -> assertThat(missing.message())
                                .contains("no Python interpreter was found")
                                .contains(base + "/.venv/bin/python")
                                .contains(base + "/active/bin/python")
                                .contains(base + "/path/python3")
                                .contains("--python"));
        assertThat(find(Optional.of(base.resolve("none"))))
                .isInstanceOfSatisfying(
                        Located.Missing.class,
                        missing -> assertThat(missing.message()).contains(base + "/none\" was not found"));
    }

    @Test
    void aFileThatIsNotExecutableIsNoInterpreter() throws IOException {
        Files.createDirectories(base.resolve("path"));
        Files.writeString(base.resolve("path/python3"), "");
        assertThat(find(Optional.empty())).isInstanceOf(Located.Missing.class);
    }

    private Located<Path> find(Optional<Path> asked) {
        return InterpreterLocator.find(asked, List.of(base), environment(), installed);
    }

    private Map<String, String> environment() {
        return Map.of("PATH", base + "/path:relative", "VIRTUAL_ENV", base + "/active");
    }

    private Path program(String name) throws IOException {
        Path file = base.resolve(name);
        Files.createDirectories(file.resolve("..").normalize());
        Files.writeString(file, "");
        assertThat(file.toFile().setExecutable(true)).isTrue();
        return file;
    }
}
