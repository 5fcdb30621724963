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
    void theExamplesOfThePageAreUnderstood(@TempDir Path directory) throws IOException {
        String page = ConfigurationReference.markdown();
        List<FromFile> examples = new ArrayList<>();
        int start = page.indexOf("```toml\n");
        while (start >= 0) {
            int end = page.indexOf("\n```\n", start);
            String example = page.substring(start + "```toml\n".length(), end);
            Path file = Files.writeString(directory.resolve("terpan.toml"), example);
            List<Problem> problems = new ArrayList<>();
            FromFile read = new TomlSource(file, file, problems).read();
            new Values(problems).add(read.settings());
            read.groups().forEach(group -> new Values(problems).add(group.settings()));
            assertThat(problems).isEmpty();
            examples.add(read);
            start = page.indexOf("```toml\n", end);
        }
        assertThat(examples).hasSize(2);
        assertThat(examples.getFirst().settings().items()).containsKey(Declarations.BODY_MOST);
        assertThat(examples.getLast().groups()).hasSize(2);
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
            assertThat(setting.key()).matches("[a-z]+([-.][a-z]+)*");
        });
    }
}
