package terpan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What bash offers once the script is sourced: asked as readline asks it. */
final class CompletionTest {
    private static final String ASK = """
            source ./completion || exit 3
            compopt() { :; }  # the shell's own wants a line that is being typed
            COMP_WORDS=("$@")
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            COMP_LINE="$*"
            COMP_POINT=${#COMP_LINE}
            _complete_terpan terpan "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
            printf '%s\\n' "${COMPREPLY[@]}"
            """;

    @TempDir
    private Path folder;

    @BeforeEach
    void theScript() throws IOException {
        CommandRun command = new CommandRun(folder, Map.of());
        assertThat(command.run("completion", "bash")).isZero();
        Files.writeString(folder.resolve("completion"), command.out());
    }

    private List<String> offered(String... words) throws Exception {
        Files.writeString(folder.resolve("ask"), ASK);
        ProcessBuilder builder = new ProcessBuilder("bash", "--norc", "ask", "terpan");
        builder.command().addAll(List.of(words));
        Process bash = builder.directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("offered").toFile())
                .start();
        assertThat(bash.waitFor(20, TimeUnit.SECONDS)).isTrue();
        List<String> lines = Files.readAllLines(folder.resolve("offered"));
        assertThat(bash.exitValue()).as(lines.toString()).isZero();
        return lines.stream().map(String::strip).toList();
    }

    @Test
    void commandsAndFlagsAreOffered() throws Exception {
        assertThat(offered("st")).contains("status", "stop").doesNotContain("serve");
        assertThat(offered("serve", "--queue-")).contains("--queue-size", "--queue-wait");
        assertThat(offered("help", "che")).containsExactly("check");
        assertThat(offered("completion", "")).contains("bash", "zsh");
    }

    @Test
    void namesThatASettingTakesAreOffered() throws Exception {
        assertThat(offered("serve", "--choice", "")).contains("least-loaded", "round-robin", "sticky");
        assertThat(offered("serve", "--log-format", "t")).containsExactly("text");
    }

    @Test
    void serversAreOffered() throws Exception {
        assertThat(offered("serve", "--server", "")).contains("builtin", "waitress", "granian");
        assertThat(offered("serve", "--server", "w")).containsExactly("waitress");
        assertThat(offered("probe", "gun")).containsExactly("gunicorn");
    }

    @Test
    void filesAreOfferedForPathsAndTheApplication() throws Exception {
        Files.writeString(folder.resolve("shop.toml"), "");
        Files.writeString(folder.resolve("shop.py"), "");
        assertThat(offered("serve", "--config", "sho")).contains("shop.toml");
        assertThat(offered("serve", "-c", "sho")).contains("shop.toml");
        assertThat(offered("serve", "--log-file", "sho")).contains("shop.toml");
        assertThat(offered("serve", "sho")).contains("shop.py");
    }
}
