package terpan.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PyenvShimTest {
    @TempDir
    private Path base;

    private Path shim;
    private Path older;
    private Path newer;
    private Path directory;

    @BeforeEach
    void install() throws IOException {
        shim = program("pyenv/shims/python3");
        older = program("pyenv/versions/3.9.18/bin/python3");
        newer = program("pyenv/versions/3.14.0/bin/python3");
        directory = Files.createDirectories(base.resolve("shop/inner"));
        Files.writeString(base.resolve("pyenv/version"), "3.14.0\n");
    }

    @Test
    void theVersionOfTheRootIsMeantWhereNothingElseIsSaid() {
        assertThat(resolved(Map.of())).isEqualTo(newer);
    }

    @Test
    void theNearestVersionFileAboveTheWorkingDirectoryCountsMore() throws IOException {
        Files.writeString(base.resolve("shop/.python-version"), "3.9.18");
        assertThat(resolved(Map.of())).isEqualTo(older);
        Files.writeString(directory.resolve(".python-version"), "3.14.0");
        assertThat(resolved(Map.of())).isEqualTo(newer);
    }

    @Test
    void theVariableCountsMost() throws IOException {
        Files.writeString(base.resolve("shop/.python-version"), "3.14.0");
        assertThat(resolved(Map.of("PYENV_VERSION", "3.9.18"))).isEqualTo(older);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "3.9",
                "system",
                "3.9.18:3.14.0",
                "3.9.18\n3.14.0",
                "3.9.18 3.14.0",
                "../versions/3.9.18",
                "# none"
            })
    void whateverIsNotOneInstalledVersionIsLeftToTheShim(String version) throws IOException {
        Files.writeString(base.resolve("pyenv/version"), version);
        assertThat(resolved(Map.of())).isEqualTo(shim);
    }

    @Test
    void anotherDirectoryToLookFromIsLeftToTheShim() {
        assertThat(resolved(Map.of("PYENV_DIR", "/elsewhere"))).isEqualTo(shim);
    }

    @Test
    void aProgramElsewhereIsItself() throws IOException {
        Path python = program("other/shims/python3");
        assertThat(PyenvShim.resolve(python, directory, Map.of("PYENV_VERSION", "3.9.18")))
                .isEqualTo(python);
        assertThat(PyenvShim.resolve(newer, directory, Map.of("PYENV_VERSION", "3.9.18")))
                .isEqualTo(newer);
    }

    private Path resolved(Map<String, String> environment) {
        return PyenvShim.resolve(shim, directory, environment);
    }

    private Path program(String name) throws IOException {
        Path file = base.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "");
        assertThat(file.toFile().setExecutable(true)).isTrue();
        return file;
    }
}
