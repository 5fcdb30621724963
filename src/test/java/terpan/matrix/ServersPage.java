package terpan.matrix;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import terpan.examine.ServerSurvey;
import terpan.server.Profiles;
import terpan.server.ServerKind;
import terpan.server.ServerProfile;

/** The part of docs/servers.md that comes from the profiles and the last probe run; the rest of the page is written by hand. */
final class ServersPage {
    static final Path FILE = Path.of("docs/servers.md");

    private static final String BEGIN = "<!-- generated from here: profiles and docs/server-probes.json -->\n";
    private static final String END = "<!-- generated to here -->\n";
    private static final int KIB = 1024;
    private static final String MEASURED = """

            Measured by `terpan probe`, with one worker and no front between; what an application or a client meets behind Terpan is
            [the same for all](server-matrix.md).

            """;
    private static final List<String> SHORT = List.of(
            "body for HEAD",
            "chunked body",
            "100 (Continue)",
            "connection after an unread body",
            "two requests in one packet",
            "pieces of an answer");
    private static final List<String> ENDS = List.of(
            "request in flight at the polite signal",
            "request in flight at TERM",
            "request in flight at INT",
            "end after TERM",
            "end after INT");
    private static final List<String> BARE =
            List.of("REMOTE_ADDR", "REMOTE_PORT", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL");

    private ServersPage() {}

    /** The page with its generated part made anew. */
    static String text() throws IOException {
        String page = Files.readString(FILE);
        int begin = page.indexOf(BEGIN);
        int end = page.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IllegalStateException(FILE + " has lost the marks around its generated part");
        }
        return page.substring(0, begin + BEGIN.length()) + generated() + page.substring(end);
    }

    private static String generated() throws IOException {
        Map<String, Probes.Result> results = Probes.read();
        StringBuilder page = new StringBuilder("\n");
        profiles(page);
        page.append(MEASURED);
        table(page, results, "server", SHORT, false);
        page.append('\n');
        table(page, results, "server", ENDS, true);
        page.append("\nWhat an application would see of the client without the launcher:\n\n");
        table(page, results, "server", BARE.stream().map(name -> "bare " + name).toList(), false);
        return page.append('\n').toString();
    }

    private static void profiles(StringBuilder page) {
        page.append(
                "| server | to install | works on at once | more may wait in it | an idle connection | connections | head | polite signal |\n");
        page.append("| --- | --- | --- | --- | --- | --- | --- | --- |\n");
        for (ServerKind kind : Profiles.kinds()) {
            ServerProfile profile = kind.profile(kind.threadsDefault(), Map.of());
            page.append("| `").append(kind.name()).append("` | ");
            page.append(kind.installHint().isEmpty() ? "nothing" : "`" + kind.installHint() + "`")
                    .append(" | ");
            page.append(ServerSurvey.capacity(kind)).append(" | ");
            page.append(profile.mayDeepen() ? "yes" : "no").append(" | ");
            page.append(idle(profile)).append(" | ");
            page.append(profile.connectionsMost()).append(" | ");
            page.append(head(profile)).append(" | ");
            page.append(profile.politeSignal()).append(" |\n");
        }
    }

    private static String idle(ServerProfile profile) {
        long seconds = profile.keepIdle().toSeconds();
        return seconds == 0 ? "is never kept" : seconds > 86_400 ? "is kept" : "is kept " + seconds + " s";
    }

    private static String head(ServerProfile profile) {
        String bytes = profile.headMost() == Integer.MAX_VALUE ? "any size" : profile.headMost() / KIB + " KiB";
        return profile.fieldsMost() == Integer.MAX_VALUE ? bytes : bytes + ", " + profile.fieldsMost() + " fields";
    }

    private static void table(
            StringBuilder page, Map<String, Probes.Result> results, String first, List<String> rows, boolean starting) {
        page.append("| ").append(first).append(" |");
        rows.forEach(row -> page.append(' ').append(row).append(" |"));
        page.append("\n| --- |").append(" --- |".repeat(rows.size())).append('\n');
        results.forEach((column, result) -> {
            if (column.startsWith("builtin")) {
                return; // it speaks no HTTP
            }
            page.append("| ")
                    .append(column)
                    .append(" (")
                    .append(result.version())
                    .append(") |");
            for (String row : rows) {
                page.append(' ')
                        .append(starting ? result.starting(row) : result.get(row))
                        .append(" |");
            }
            page.append('\n');
        });
    }
}
