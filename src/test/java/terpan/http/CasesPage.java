package terpan.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import terpan.http.RequestCases.Case;

/** Writes the page of all cases, and the columns about the peers in the page of rules, from the tables. */
final class CasesPage {
    private static final String HEAD = """
            # Every case

            The requests of the tables in `src/test/resources/terpan/http`, each with what Terpan, nginx 1.22 and HAProxy 2.6 (Debian's
            packages, default settings, one server behind) make of the same bytes. `./check process -Dit.test=PeerComparison`
            asks the two again; this page is written by `mvn test -Dtest=CasesPageTest -Dterpan.golden.write=true`. The rules and their reasons:
            [http.md](http.md).

            A status is the front's own answer, *passed* means that the request reached the server behind, *waits* that nothing came
            for a second, *closed* the end without an answer. `{E}` is a line's end, `{H}` a good Host line; chunked bodies stand
            without the head before them. Behind each stands another request, so that a front that misjudges where one ends is seen.
            """;

    /** What the two peers did. */
    record Peers(String nginx, String haproxy) {}

    private CasesPage() {}

    static Map<String, Peers> peers() {
        Map<String, Peers> peers = new HashMap<>();
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(CasesPage.class.getResourceAsStream("peers.txt")), ISO_8859_1))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (!line.startsWith("#")) {
                    String[] parts = line.split(" \\| ", 3);
                    peers.put(parts[2], new Peers(parts[0], parts[1]));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return peers;
    }

    static String page() {
        Map<String, Peers> peers = peers();
        StringBuilder page = new StringBuilder(HEAD);
        String table = "";
        for (Case example : RequestCases.all()) {
            String kind = example.name().substring(0, example.name().indexOf(" | "));
            if (!kind.equals(table)) {
                table = kind;
                page.append(kind.equals("head") ? "\n## Requests\n" : "\n## Chunked bodies\n");
                page.append("\n| RFC | bytes | Terpan | nginx | HAProxy |\n| --- | --- | --- | --- | --- |\n");
            }
            Peers did = Objects.requireNonNull(peers.get(example.name()), example.name());
            String bytes = example.name().substring(example.name().indexOf(" | ") + 3);
            page.append("| ")
                    .append(example.section())
                    .append(" | ")
                    .append(code(bytes))
                    .append(" | ");
            page.append(ours(example)).append(" | ");
            page.append(did.nginx()).append(" | ").append(did.haproxy()).append(" |\n");
        }
        return page.toString();
    }

    private static String ours(Case example) {
        return switch (example.outcome()) {
            case "ok" -> "passed";
            case "more" -> "waits";
            default -> example.status() + " " + example.outcome();
        };
    }

    private static String code(String bytes) {
        if (bytes.isEmpty()) {
            return "(nothing)";
        }
        String mark = bytes.contains("`") ? "``" : "`";
        return mark + " ".repeat(mark.length() - 1) + bytes.replace("|", "\\|") + " ".repeat(mark.length() - 1) + mark;
    }

    /** The page of rules with the last three columns of the table of refusals written anew. */
    static String rules(String page) {
        Map<String, Peers> peers = peers();
        Map<String, List<Case>> byRefusal = RequestCases.all().stream()
                .collect(Collectors.groupingBy(Case::outcome, LinkedHashMap::new, Collectors.toList()));
        StringBuilder written = new StringBuilder();
        for (String line : page.split("\n", -1)) {
            String[] cells = line.split(" \\| ", -1);
            String name = cells[0].startsWith("| ") ? cells[0].substring(2) : "";
            if (cells.length >= 4 && isRefusal(name)) {
                List<Case> cases = byRefusal.getOrDefault(name, List.of());
                written.append(String.join(" | ", cells[0], cells[1], cells[2], cells[3].replaceAll(" \\|$", "")));
                written.append(" | ").append(cases.size()).append(" | ");
                written.append(summary(cases, peers, true)).append(" | ");
                written.append(summary(cases, peers, false)).append(" |\n");
            } else {
                written.append(line).append('\n');
            }
        }
        written.setLength(written.length() - 1);
        return written.toString();
    }

    private static boolean isRefusal(String name) {
        for (Refusal refusal : Refusal.values()) {
            if (refusal.name().equals(name)) {
                return true;
            }
        }
        return false;
    }

    /** What a peer did in all of the cases; with how many, when it was not always the same. */
    private static String summary(List<Case> cases, Map<String, Peers> peers, boolean nginx) {
        Map<String, Long> counts = cases.stream()
                .map(example -> Objects.requireNonNull(peers.get(example.name()), example.name()))
                .collect(Collectors.groupingBy(
                        did -> nginx ? did.nginx() : did.haproxy(), TreeMap::new, Collectors.counting()));
        if (counts.size() == 1) {
            return counts.keySet().iterator().next();
        }
        return counts.entrySet().stream()
                .map(entry -> entry.getKey() + ": " + entry.getValue())
                .collect(Collectors.joining(", "));
    }
}
