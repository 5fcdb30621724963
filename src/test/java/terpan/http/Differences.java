package terpan.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import terpan.http.RequestCases.Case;

/**
 * The cases that another parser reads otherwise than the front, held against a committed file: a line for each, under its kind of
 * difference, and each kind has an explanation there. With -Dterpan.golden.write=true the lists are written anew, the explanations kept.
 */
public final class Differences {
    /** The request was read whole. */
    public static final String READ = "read";

    /** The parser refused it. */
    public static final String REFUSED = "refused";

    /** The parser waits for more. */
    public static final String WAITS = "waits";

    private static final String UNEXPLAINED = "(not explained)";
    private static final Path FOLDER = Path.of("src/test/resources/terpan/http");

    private final Path file;
    private final Map<String, List<String>> found = new LinkedHashMap<>();

    /** Compares with a file of the tables' folder. */
    public Differences(String file) {
        this.file = FOLDER.resolve(file);
    }

    /** What the front itself makes of a case, as far as a parser can tell. */
    public static String ours(Case example) {
        return switch (example.outcome()) {
            case "more" -> WAITS;
            case "ok", "MISDIRECTED", "BODY_TOO_LARGE" -> READ;
            default -> REFUSED;
        };
    }

    /** Tells what the other parser made of a case; what was read is compared with what it means to the front. */
    public void tell(Case example, String theirs) {
        String mine = ours(example);
        if (!mine.equals(theirs) && !(example.outcome().equals("BODY_TOO_LARGE") && theirs.equals(WAITS))) {
            String kind = example.outcome() + ", theirs: " + theirs;
            found.computeIfAbsent(kind, none -> new ArrayList<>()).add(example.name());
        }
    }

    /** Holds all that was told against the file. */
    public void check() throws IOException {
        Map<String, String> explanations = explanations();
        if (Boolean.getBoolean("terpan.golden.write")) {
            Files.writeString(file, text(explanations), ISO_8859_1);
        }
        assertThat(Files.readString(file, ISO_8859_1)).isEqualTo(text(explanations));
        assertThat(explanations.keySet()).as("explained").containsAll(found.keySet());
    }

    private Map<String, String> explanations() throws IOException {
        Map<String, String> explanations = new LinkedHashMap<>();
        String kind = "";
        for (String line : Files.exists(file) ? Files.readAllLines(file, ISO_8859_1) : List.<String>of()) {
            if (line.startsWith("== ")) {
                kind = line.substring(3);
            } else if (line.startsWith("# ") && !line.contains(UNEXPLAINED)) {
                explanations.merge(kind, line.substring(2), (a, b) -> a + "\n# " + b);
            }
        }
        return explanations;
    }

    private String text(Map<String, String> explanations) {
        StringBuilder text = new StringBuilder();
        text.append("# ").append(explanations.getOrDefault("", UNEXPLAINED)).append('\n');
        found.forEach((kind, names) -> {
            text.append("\n== ").append(kind).append('\n');
            text.append("# ")
                    .append(explanations.getOrDefault(kind, UNEXPLAINED))
                    .append('\n');
            names.forEach(name -> text.append(name).append('\n'));
        });
        return text.toString();
    }
}
