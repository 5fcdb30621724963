package terpan.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The Debian package: made, judged by lintian, installed, used, upgraded and purged, on a copy of the system that is gone afterwards. */
@Timeout(300)
final class DebianPackageIT {
    private static final int SECONDS = 240;

    /** What {@code systemd-analyze security} may say at most, in tenths. */
    private static final String THRESHOLD = "25";

    @TempDir
    private Path folder;

    private record Ended(int code, String output) {}

    @Test
    void itInstallsServesUpgradesAndLeavesWhatIsNotItsOwn() throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "packages are installed by root");
        Assumptions.assumeTrue(run("sh", "-c", "command -v dpkg-deb").code() == 0, "this is no Debian");
        String build = Repository.ROOT.resolve("scripts/build-package").toString();
        Ended built = run(build, "--quick", "deb", "--output", folder.toString());
        assertThat(built.code()).as(built.output()).isZero();
        Path made = Path.of(built.output().lines().toList().getLast());

        Ended judged = run("lintian", "--fail-on=error", "--allow-root", made.toString());
        assertThat(judged.code()).as(judged.output()).isZero();

        Path newer = newer(made);
        Path work = Files.createDirectory(folder.resolve("work"));
        Ended used = run(
                "unshare",
                "--mount",
                "--pid",
                "--fork",
                "--kill-child",
                "bash",
                Repository.ROOT.resolve("src/test/resources/debian-package.sh").toString(),
                made.toString(),
                newer.toString(),
                work.toString());
        assertThat(used.code()).as(used.output()).isZero();
        assertThat(used.output()).contains("\n9.9\n", "\n== done\n");
    }

    /** The same with another version. */
    private Path newer(Path made) throws Exception {
        Path root = folder.resolve("newer");
        assertThat(run("dpkg-deb", "--raw-extract", made.toString(), root.toString())
                        .code())
                .isZero();
        Path control = root.resolve("DEBIAN/control");
        Files.writeString(control, Files.readString(control).replaceFirst("(?m)^Version: .*", "Version: 9.9"));
        Path newer = folder.resolve("newer.deb");
        Ended built = run("dpkg-deb", "-Znone", "--build", root.toString(), newer.toString());
        assertThat(built.code()).as(built.output()).isZero();
        return newer;
    }

    @ParameterizedTest
    @ValueSource(strings = {"terpan.service", "terpan@.service"})
    void aUnitTakesAwayWhatTerpanDoesWithout(String unit) throws Exception {
        Assumptions.assumeTrue(
                run("sh", "-c", "command -v systemd-analyze").code() == 0, "there is no systemd-analyze");
        Ended judged = run(
                "systemd-analyze",
                "security",
                "--no-pager",
                "--offline=true",
                "--threshold=" + THRESHOLD,
                Repository.ROOT.resolve("packaging/systemd").resolve(unit).toString());
        assertThat(judged.code()).as(judged.output()).isZero();
        assertThat(judged.output()).contains("Overall exposure level");
    }

    private Ended run(String... command) throws IOException, InterruptedException {
        Path output = Files.createTempFile("terpan-debian", "");
        Process process = new ProcessBuilder(List.of(command))
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS))
                    .as("%s ends", List.of(command))
                    .isTrue();
            return new Ended(process.exitValue(), Files.readString(output));
        } finally {
            process.destroyForcibly();
            Files.delete(output);
        }
    }
}
