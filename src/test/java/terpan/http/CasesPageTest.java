package terpan.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The pages say what the tables say; with -Dterpan.golden.write=true they are written anew. */
class CasesPageTest {
    private static final Path CASES = Path.of("docs/http-cases.md");
    private static final Path RULES = Path.of("docs/http.md");

    @Test
    void thePageOfCasesHasThemAll() throws IOException {
        if (Boolean.getBoolean("terpan.golden.write")) {
            Files.writeString(CASES, CasesPage.page());
        }
        assertThat(Files.readString(CASES)).isEqualTo(CasesPage.page());
    }

    @Test
    void thePageOfRulesSaysWhatThePeersDo() throws IOException {
        if (Boolean.getBoolean("terpan.golden.write")) {
            Files.writeString(RULES, CasesPage.rules(Files.readString(RULES)));
        }
        assertThat(Files.readString(RULES)).isEqualTo(CasesPage.rules(Files.readString(RULES)));
    }
}
