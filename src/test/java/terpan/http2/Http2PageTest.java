package terpan.http2;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import terpan.http.Rows.Row;

/** The page says what the code says; with -Dterpan.golden.write=true it is written anew. */
class Http2PageTest {
    private static final Path PAGE = Path.of("docs/http2.md");

    @Test
    void thePageHasEveryRuleAndEveryBound() throws IOException {
        String page = Files.readString(PAGE);
        Map<String, String> rows = rows();
        assertThat(rows.keySet()).allSatisfy(row -> assertThat(page).contains("\n| " + row + " |"));
        StringBuilder written = new StringBuilder();
        for (String line : page.split("\n", -1)) {
            String first = line.startsWith("| ") ? line.substring(2).replaceFirst(" \\|.*", "") : "";
            String last = line.replaceFirst(".*\\| ([^|]*)\\|$", "$1").strip();
            String row = rows.get(first);
            written.append(row == null ? line : row.replace("{last}", last)).append('\n');
        }
        written.setLength(written.length() - 1);
        if (Boolean.getBoolean("terpan.golden.write")) {
            Files.writeString(PAGE, written);
        }
        assertThat(Files.readString(PAGE)).isEqualTo(written.toString());
    }

    private static Map<String, String> rows() {
        List<Row> cases = new ArrayList<>(Http2TablesTest.requests());
        cases.addAll(Http2TablesTest.extendedConnects());
        cases.addAll(Http2TablesTest.trailers());
        Map<String, String> rows = new LinkedHashMap<>();
        for (Malformed rule : Malformed.values()) {
            long count = cases.stream()
                    .filter(row -> row.outcome().equals(rule.name()))
                    .count();
            String section = rule.section().startsWith("RFC") ? rule.section().substring(4) : "9113 " + rule.section();
            rows.put(rule.name(), "| " + rule.name() + " | " + section + " | " + rule.reason() + " | " + count + " |");
        }
        for (Flood flood : Flood.values()) {
            rows.put(
                    flood.label(),
                    "| " + flood.label() + " | " + flood.atOnce + " | " + flood.perSecond + " | {last} |");
        }
        return rows;
    }
}
