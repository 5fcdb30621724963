package terpan.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The two commands of the README as a person runs them. */
final class ScriptsIT {
    private static final int SECONDS = 180;

    private record Ended(int code, String output) {}

    @TempDir
    private Path folder;

    @Test
    void aCleanTreeStartsWithoutMaven() throws Exception {
        // Whoever ran before may have left a jar older than a source: the first call sees to that.
        assertThat(run(command("terpan").toString(), "build").code()).isZero();
        Path maven = script("mvn", "echo maven was started; exit 3");
        ProcessBuilder builder = new ProcessBuilder(command("terpan").toString(), "version");
        builder.environment().merge("PATH", maven.getParent() + ":", (path, first) -> first + path);
        Ended ended = run(builder);
        assertThat(ended.output()).doesNotContain("maven was started").doesNotContain("building");
        assertThat(ended.code()).isZero();
    }

    @Test
    void aSymbolicLinkWorksFromAnotherFolder() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("linked"), command("terpan"));
        try {
            ProcessBuilder builder = new ProcessBuilder(link.toString(), "version");
            builder.directory(folder.toFile());
            assertThat(run(builder).code()).isZero();
        } finally {
            Files.delete(link);
        }
    }

    @Test
    void theExitCodeIsThatOfTheProgram() throws Exception {
        assertThat(run(command("terpan").toString(), "no-such-command").code()).isEqualTo(2);
    }

    @Test
    void withoutAJdkItSaysWhatToInstall() throws Exception {
        // The usual places are this machine's own; with no fitting version to be found in them the same happens as
        // without any.
        String find = Files.readString(command("scripts/find-jdk")).replace("-ge 25", "-ge 9999");
        Path script = script("find-jdk", find);
        Ended ended = run("sh", script.toString());
        assertThat(ended.code()).isEqualTo(69);
        assertThat(ended.output())
                .contains("no JDK 25 or later was found", "apt-get install", "Debian 12 and 13", "temurin-25-jdk");
        ProcessBuilder elsewhere = new ProcessBuilder("sh", script.toString());
        elsewhere.environment().put("JAVA_HOME", folder.toString());
        assertThat(run(elsewhere).output()).contains("JAVA_HOME is " + folder + ", which has no bin/java.");
        elsewhere.environment().put("JAVA_HOME", folder + "/none");
        assertThat(run(elsewhere).output()).contains("JAVA_HOME is " + folder + "/none, which is no folder");
    }

    @Test
    void anUnknownTierIsAUsageErrorThatNamesTheTiers() throws Exception {
        Ended ended = run(command("check").toString(), "everything");
        assertThat(ended.code()).isEqualTo(64);
        assertThat(ended.output()).contains("unknown tier 'everything'").contains("process");
    }

    private static Path command(String name) {
        return Repository.ROOT.resolve(name);
    }

    private Path script(String name, String text) throws IOException {
        Path file = Files.writeString(folder.resolve(name), "#!/bin/sh\n" + text + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
        return file;
    }

    private Ended run(String... command) throws Exception {
        return run(new ProcessBuilder(command));
    }

    private Ended run(ProcessBuilder builder) throws Exception {
        Path output = folder.resolve("output");
        Process process = builder.redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS))
                    .as("%s ends", builder.command())
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new Ended(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
    }
}
