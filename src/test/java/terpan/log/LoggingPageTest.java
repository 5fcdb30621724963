package terpan.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

final class LoggingPageTest {
    @Test
    void thePageShowsAccessLinesAsTheyAreWritten() throws IOException {
        String page = Files.readString(Path.of("docs/logging.md"));
        AccessEntry entry = AccessEntries.entry("/a?b=1", "http://x/", "curl/8");
        assertThat(page)
                .contains(AccessEntries.encoded(new CombinedEncoder(ZoneId.of("Europe/Paris"), QueryMask.NONE), entry))
                .contains(AccessEntries.encoded(new JsonAccessEncoder(QueryMask.NONE), entry))
                .contains(AccessEntries.encoded(new LogfmtEncoder(QueryMask.NONE), entry))
                .contains(LogLayoutTest.TEXT_LINE)
                .contains(LogLayoutTest.JSON_LINE);
    }
}
