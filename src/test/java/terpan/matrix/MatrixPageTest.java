package terpan.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class MatrixPageTest {
    private static final Path PAGE = Path.of("docs/server-matrix.md");

    /** With -Dterpan.golden.write=true the page is written anew. */
    @Test
    void thePageSaysWhatIsDeclared() throws Exception {
        if (Boolean.getBoolean("terpan.golden.write")) {
            Files.writeString(PAGE, MatrixPage.text());
        }
        assertThat(Files.readString(PAGE)).isEqualTo(MatrixPage.text());
    }

    /** With -Dterpan.golden.write=true its generated part is written anew. */
    @Test
    void thePageOfServersSaysWhatProfilesAndProbesSay() throws Exception {
        if (Boolean.getBoolean("terpan.golden.write")) {
            Files.writeString(ServersPage.FILE, ServersPage.text());
        }
        assertThat(Files.readString(ServersPage.FILE)).isEqualTo(ServersPage.text());
    }

    @Test
    void everyExceptionHasItsReason() {
        assertThat(Columns.ALL)
                .allSatisfy(column -> assertThat(column.exceptions().values()).noneMatch(String::isBlank));
    }
}
