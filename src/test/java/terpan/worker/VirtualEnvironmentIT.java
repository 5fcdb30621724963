package terpan.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real virtual environment, filled by a real pip from a package that lies beside it. */
@Timeout(180)
final class VirtualEnvironmentIT {
    @TempDir
    Path application;

    private final List<String> lines = Collections.synchronizedList(new ArrayList<>());

    @Test
    void requirementsAreInstalledOnceAndAgainWhenTheyChange() throws Exception {
        Path requirements = application.resolve("requirements.txt");
        Files.writeString(requirements, "# nothing yet\n");
        Path python = VirtualEnvironment.install(application, TestPython.interpreter(), System.getenv(), lines::add);
        assertThat(python).isEqualTo(application.resolve(".venv/bin/python")).isExecutable();
        lines.clear();
        assertThat(VirtualEnvironment.install(application, TestPython.interpreter(), System.getenv(), lines::add))
                .isEqualTo(python);
        assertThat(lines).isEmpty();
        Files.writeString(requirements, "./no-such-package\n");
        assertThatThrownBy(() ->
                        VirtualEnvironment.install(application, TestPython.interpreter(), System.getenv(), lines::add))
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
        assertThatThrownBy(() -> VirtualEnvironment.install(application, python, System.getenv(), lines::add))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("apt-get install python3-venv");
        assertThat(application.resolve(".venv")).doesNotExist();
    }

    /** As a compiler's server may, which an installation starts for later. */
    @Test
    void whatAToolLeavesRunningWithItsOutputOpenIsNotWaitedFor() throws Exception {
        Path python = application.resolve("python");
        Files.writeString(python, """
                #!/bin/sh
                sleep 120 &
                echo "No module named venv $!"
                exit 1
                """);
        Files.setPosixFilePermissions(python, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(application.resolve("requirements.txt"), "");
        try {
            assertTimeoutPreemptively(
                    Duration.ofSeconds(60),
                    () -> assertThatThrownBy(
                                    () -> VirtualEnvironment.install(application, python, System.getenv(), lines::add))
                            .isInstanceOf(StartException.class)
                            .hasMessageContaining("venv module is incomplete"));
        } finally {
            for (String line : lines) {
                ProcessHandle.of(Long.parseLong(line.replaceAll(".* ", ""))).ifPresent(ProcessHandle::destroyForcibly);
            }
        }
    }

    @Test
    void withoutRequirementsThereIsNothingToInstall() {
        assertThatThrownBy(() ->
                        VirtualEnvironment.install(application, TestPython.interpreter(), System.getenv(), lines::add))
                .isInstanceOf(StartException.class)
                .hasMessageContaining(
                        "there is neither requirements.txt nor pyproject.toml nor uv.lock in " + application);
    }

    @Test
    void aProjectIsInstalledWithItsDependenciesFromItsRoot() throws Exception {
        Path root = application.resolve("shop");
        Path code = Files.createDirectories(root.resolve("src/shop"));
        Files.writeString(code.resolve("__init__.py"), "");
        Files.writeString(root.resolve("pyproject.toml"), """
                [build-system]
                requires = ["setuptools"]
                build-backend = "setuptools.build_meta"
                [project]
                name = "shop"
                version = "1"
                """);
        Path python = VirtualEnvironment.install(code, TestPython.interpreter(), System.getenv(), lines::add);
        assertThat(python).isEqualTo(root.resolve(".venv/bin/python"));
        assertThat(imports(python, "shop")).isZero();
    }

    @Test
    void aLockFileIsInstalledByUvWhereThereIsOne() throws Exception {
        Path tool = Files.createDirectory(application.resolve("tool"));
        Files.writeString(tool.resolve("requirements.txt"), "uv==0.13.9\n");
        Path uv = VirtualEnvironment.install(tool, TestPython.interpreter(), Map.of(), lines::add)
                .resolveSibling("uv");
        lines.clear();
        Map<String, String> withUv = new HashMap<>(System.getenv());
        withUv.put("PATH", uv.getParent() + ":" + withUv.get("PATH"));
        Files.writeString(application.resolve("pyproject.toml"), """
                [project]
                name = "shop"
                version = "1"
                requires-python = ">=3.9"
                dependencies = ["bottle==0.13.4"]
                """);
        assertThat(new ProcessBuilder(uv.toString(), "lock", "--quiet")
                        .directory(application.toFile())
                        .inheritIO()
                        .start()
                        .waitFor())
                .isZero();
        Path python = VirtualEnvironment.install(application, TestPython.interpreter(), withUv, lines::add);
        assertThat(imports(python, "bottle")).isZero();
        assertThat(lines).anyMatch(line -> line.contains("bottle"));
    }

    @Test
    void aProjectFileThatNamesNothingToInstallIsToldSo() throws Exception {
        Files.writeString(application.resolve("pyproject.toml"), "[tool.black]\nline-length = 100\n");
        assertThatThrownBy(() ->
                        VirtualEnvironment.install(application, TestPython.interpreter(), System.getenv(), lines::add))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("has neither [project] nor [build-system]");
    }

    private static int imports(Path python, String module) throws Exception {
        return new ProcessBuilder(python.toString(), "-I", "-c", "import " + module)
                .inheritIO()
                .start()
                .waitFor();
    }
}
