package terpan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import terpan.daemon.ExitCode;

final class ExitCodePageTest {
    private static final Path PAGE = Path.of("docs/exit-codes.md");

    @Test
    void thePageListsEveryExitCodeWithItsText() throws IOException {
        List<String> rows = Files.readAllLines(PAGE).stream()
                .filter(line -> line.matches("\\| [0-9]+ \\|.*"))
                .toList();
        assertThat(rows)
                .containsExactlyElementsOf(Arrays.stream(ExitCode.values())
                        .map(code -> "| " + code.code() + " | " + code.text() + " |")
                        .toList());
    }
}
