package terpan.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the tables of messages and what comes of them. */
public final class Rows {
    /** One message, also as the table writes it; {@code wanted} holds what must hold as {@code name=value}. */
    public record Row(int line, String section, String outcome, List<String> wanted, String message, String raw) {
        public byte[] bytes() {
            return message.getBytes(ISO_8859_1);
        }

        @Override
        public String toString() {
            return "line " + line + ", RFC " + section;
        }
    }

    private static final Pattern REPEAT = Pattern.compile("\\{R ([0-9]+) ((?:[^{}]++|\\{[EH]\\})*+)\\}");

    private Rows() {}

    /** The rows of a table, a resource beside this class or by its absolute name. */
    public static List<Row> read(String name) {
        List<Row> rows = new ArrayList<>();
        try (BufferedReader reader = new BufferedReader(
                new InputStreamReader(Objects.requireNonNull(Rows.class.getResourceAsStream(name)), ISO_8859_1))) {
            int number = 0;
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                number++;
                if (!line.isBlank() && !line.startsWith("#")) {
                    rows.add(row(number, line));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return rows;
    }

    private static Row row(int number, String line) {
        String[] parts = (line.endsWith(" |") ? line + " " : line).split(" \\| ", 3);
        List<String> wanted = new ArrayList<>();
        for (String part : parts[1].split(" (?=[^ =]+=)", -1)) {
            wanted.add(plain(part));
        }
        String outcome = wanted.removeFirst();
        return new Row(number, parts[0], outcome, wanted, plain(parts[2]), parts[2]);
    }

    /** {@code {R N text}} is a text so many times. */
    public static String repeated(String escaped) {
        String text = escaped;
        for (Matcher found = REPEAT.matcher(text); found.find(); found = REPEAT.matcher(text)) {
            String repeated = found.group(2).repeat(Integer.parseInt(found.group(1)));
            text = text.substring(0, found.start()) + repeated + text.substring(found.end());
        }
        return text;
    }

    /** A text with its escapes made bytes. */
    public static String plain(String escaped) {
        String text = repeated(escaped).replace("{H}", "Host: a{E}").replace("{E}", "\\r\\n");
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\') {
                plain.append(c);
                continue;
            }
            char kind = text.charAt(++i);
            switch (kind) {
                case 'r' -> plain.append('\r');
                case 'n' -> plain.append('\n');
                case 't' -> plain.append('\t');
                case '\\' -> plain.append('\\');
                case 'x' -> {
                    plain.append((char) Integer.parseInt(text, i + 1, i + 3, 16));
                    i += 2;
                }
                default -> throw new IllegalArgumentException("escape \\" + kind);
            }
        }
        return plain.toString();
    }
}
