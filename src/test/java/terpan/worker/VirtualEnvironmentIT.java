package terpan.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real virtual environment, filled by a real pip from a package that lies beside it. */
@Timeout(180)
final class VirtualEnvironmentIT {
    @TempDir
    Path application;

    private final List<String> lines = new ArrayList<>();

    @Test
    void requirementsAreInstalledOnceAndAgainWhenTheyChange() throws Exception {
        Path requirements = application.resolve("requirements.txt");
        Files.writeString(requirements, "# nothing yet\n");
        Path python = VirtualEnvironment.install(application, TestPython.interpreter(), lines::add);
        assertThat(python).isEqualTo(application.resolve(".venv/bin/python")).isExecutable();
        lines.clear();
        assertThat(VirtualEnvironment.install(application, TestPython.interpreter(), lines::add))
                .isEqualTo(python);
        assertThat(lines).isEmpty();
        Files.writeString(requirements, "./no-such-package\n");
        assertThatThrownBy(() -> VirtualEnvironment.install(application, TestPython.interpreter(), lines::add))
                .isInstanceOfSatisfying(
                        StartException.class,
                        it -> assertThat(it.failure())
                                .isInstanceOfSatisfying(StartFailure.InstallFailed.class, failure -> {
                                    assertThat(failure.message()).contains("pip could not install", "no-such-package");
                                    assertThat(failure.lines()).isNotEmpty();
                                }));
        assertThat(lines).isNotEmpty();
    }

    @Test
    void aMissingVenvModuleNamesDebiansPackageAndLeavesNothing() throws Exception {
        Path python = application.resolve("python");
        Files.writeString(python, """
                #!/bin/sh
                mkdir -p "$3/bin"
                echo "The virtual environment was not created successfully because ensurepip is not"
                echo "available.  On Debian/Ubuntu systems, you need to install the python3-venv package:"
                echo "    apt install python3.11-venv"
                exit 1
                """);
        Files.setPosixFilePermissions(python, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(application.resolve("requirements.txt"), "");
        assertThatThrownBy(() -> VirtualEnvironment.install(application, python, lines::add))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("apt-get install python3-venv");
        assertThat(application.resolve(".venv")).doesNotExist();
    }

    @Test
    void withoutRequirementsThereIsNothingToInstall() {
        assertThatThrownBy(() -> VirtualEnvironment.install(application, TestPython.interpreter(), lines::add))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("there is no " + application.resolve("requirements.txt"));
    }
}
