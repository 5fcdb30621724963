package terpan.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConfigurationReferenceTest {
    private static final Path PAGE = Path.of("docs/configuration.md");

    /** With -Dterpan.golden.write=true the page is written anew. */
    @Test
    void theReferencePageSaysWhatIsDeclared() throws IOException {
        if (Boolean.getBoolean("terpan.golden.write")) {
            Files.writeString(PAGE, ConfigurationReference.markdown());
        }
        assertThat(Files.readString(PAGE)).isEqualTo(ConfigurationReference.markdown());
    }

    @Test
    void theExampleOfThePageIsUnderstood(@TempDir Path directory) throws IOException {
        String page = ConfigurationReference.markdown();
        String example = page.substring(page.indexOf("```toml\n") + "```toml\n".length(), page.indexOf("\n```\n"));
        Path file = Files.writeString(directory.resolve("terpan.toml"), example);
        List<Problem> problems = new ArrayList<>();
        Values values = new Values(problems);
        values.add(new TomlSource(file, file, problems).read());
        assertThat(problems).isEmpty();
        assertThat(values.isNamed(Declarations.BODY_MOST)).isTrue();
    }

    @Test
    void noTwoSettingsShareANameOrAFlag() {
        Set<String> names = new HashSet<>();
        Set<String> words = new HashSet<>(Set.of("config", "install", "help", "version", "json"));
        assertThat(Declarations.all()).allSatisfy(setting -> {
            assertThat(names.add(setting.name())).as(setting.name()).isTrue();
            assertThat(words.add(setting.word())).as(setting.word()).isTrue();
        });
    }

    @Test
    void everyDefaultIsWithinItsOwnBoundsAndEveryTextIsASentence() {
        assertThat(Declarations.all()).allSatisfy(setting -> {
            if (!setting.standard().isEmpty()) {
                assertThat(setting.kind().read(setting.standard(), Path.of("/")))
                        .as(setting.name())
                        .isInstanceOf(Parsed.Good.class);
            }
            assertThat(setting.description()).as(setting.name()).matches("[A-Z].*\\.");
            assertThat(setting.key()).matches("[a-z]+(-[a-z]+)*");
        });
    }
}
