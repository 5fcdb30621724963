package terpan.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a settings file holds: problems with their place, or values that are the same when they are written again. */
final class TomlFuzzTest {
    @TempDir
    private static Path folder;

    @FuzzTest(maxDuration = "10m")
    void filesAreProblemsOrMeanTheSameWhenWrittenAgain(byte[] bytes) throws IOException {
        List<Problem> problems = new ArrayList<>();
        Given given = read(bytes, problems);
        List<Problem> again = new ArrayList<>();
        read(bytes, again);
        assertThat(again).hasToString(problems.toString());
        long lines = 1 + new String(bytes, UTF_8).chars().filter(c -> c == '\n').count();
        assertThat(problems)
                .allSatisfy(problem -> assertThat(problem.where())
                        .isInstanceOfSatisfying(
                                Where.InFile.class,
                                where -> assertThat((long) where.line()).isBetween(0L, lines + 1)));
        if (problems.isEmpty()) {
            List<Problem> none = new ArrayList<>();
            Given written = read(toml(given).getBytes(UTF_8), none);
            assertThat(none).isEmpty();
            assertThat(values(written)).isEqualTo(values(given));
        }
    }

    private static Given read(byte[] bytes, List<Problem> problems) throws IOException {
        Path file = Files.write(folder.resolve("terpan.toml"), bytes);
        return new TomlSource(file, file, problems).read().settings();
    }

    /** Every value that was named, as text, in the order of the declarations. */
    private static String values(Given given) {
        StringBuilder text = new StringBuilder();
        for (Setting<?> setting : Declarations.all()) {
            List<Item> items = given.items().getOrDefault(setting, List.of());
            for (Item item : items) {
                text.append(setting.name())
                        .append(' ')
                        .append(item.entry())
                        .append('=')
                        .append(item.text())
                        .append('\n');
            }
        }
        return text.toString();
    }

    private static String toml(Given given) {
        StringBuilder toml = new StringBuilder();
        Section section = Section.TOP;
        for (Setting<?> setting : Declarations.all()) {
            if (!given.items().containsKey(setting)) {
                continue;
            }
            if (setting.section() != section) {
                section = setting.section();
                toml.append('[').append(section.key()).append("]\n");
            }
            toml.append(setting.key())
                    .append(" = ")
                    .append(value(setting, given.items().get(setting)))
                    .append('\n');
        }
        return toml.toString();
    }

    private static String value(Setting<?> setting, List<Item> items) {
        List<String> values = new ArrayList<>();
        for (Item item : items) {
            String value =
                    setting.kind().toml() == Kind.Toml.STRING || setting.kind().toml() == Kind.Toml.TABLE
                            ? quoted(item.text())
                            : item.text();
            values.add(setting.shape() == Setting.Shape.ENTRIES ? quoted(item.entry()) + " = " + value : value);
        }
        return switch (setting.shape()) {
            case ONE -> values.getLast();
            case LIST -> "[" + String.join(", ", values) + "]";
            case ENTRIES -> "{ " + String.join(", ", values) + " }";
        };
    }

    private static String quoted(String text) {
        StringBuilder toml = new StringBuilder("\"");
        text.codePoints().forEach(c -> {
            if (c < ' ' || c == '"' || c == '\\' || c == 0x7f) {
                toml.append(String.format("\\u%04x", c));
            } else {
                toml.appendCodePoint(c);
            }
        });
        return toml.append('"').toString();
    }
}
