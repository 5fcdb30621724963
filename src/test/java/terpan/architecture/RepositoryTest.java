package terpan.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What no file of the project may contain. */
final class RepositoryTest {
    /** In pieces, for this file is searched as well. */
    private static final List<String> REGISTRIES = List.of(
            "repo.maven" + ".apache.org",
            "repo1.maven" + ".org",
            "search.maven" + ".org",
            "central.sonatype" + ".com",
            "oss.sonatype" + ".org",
            "plugins.gradle" + ".org",
            "pypi" + ".org",
            "pythonhosted" + ".org",
            "registry.npmjs" + ".org",
            "registry.yarnpkg" + ".com",
            "proxy.golang" + ".org",
            "crates" + ".io",
            "deb.debian" + ".org",
            "docker" + ".io");

    private static final Pattern MACHINE_PATH =
            Pattern.compile("/(work|root|Users/\\w+|home/(?!linuxbrew)\\w+)/[\\w.]");

    @Test
    void noFileNamesAPackageRegistry() throws IOException {
        List<String> faults = new ArrayList<>();
        for (Path file : Repository.files()) {
            String text = text(file);
            for (String host : REGISTRIES) {
                if (text.contains(host)) {
                    faults.add(Repository.name(file) + " names " + host);
                }
            }
        }
        assertThat(faults).isEmpty();
    }

    @Test
    void noFileNamesAPathOfTheMachineItWasWrittenOn() throws IOException {
        List<String> faults = new ArrayList<>();
        for (Path file : Repository.files()) {
            MACHINE_PATH
                    .matcher(text(file))
                    .results()
                    .forEach(found -> faults.add(Repository.name(file) + " names " + found.group()));
        }
        assertThat(faults).isEmpty();
    }

    @Test
    void shellScriptsAreExecutableUnlessTheyAreSourced() {
        assertThat(List.of(
                        "terpan",
                        "check",
                        ".ci/run",
                        "scripts/train-aot",
                        "scripts/test-environment",
                        "scripts/h2spec",
                        "scripts/pebble",
                        "scripts/prometheus",
                        "scripts/go-program",
                        "scripts/build-wheel",
                        "scripts/build-package",
                        "scripts/try-reproducible",
                        "packaging/launch",
                        "packaging/tarball/terpan",
                        "packaging/wheel/command"))
                .allSatisfy(name -> assertThat(Files.isExecutable(Repository.ROOT.resolve(name)))
                        .as(name)
                        .isTrue());
    }

    /** Latin-1 takes any byte, so pictures and other binary files need no list of their own. */
    private static String text(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.ISO_8859_1);
    }
}
