package terpan.cli;

import java.time.Duration;
import terpan.examine.Measured;
import terpan.examine.ProbeReport;
import terpan.json.JsonWriter;

/** What was measured of a server, for people and for programs. */
final class ProbePage {
    private ProbePage() {}

    static String text(ProbeReport report) {
        Columns columns = new Columns().row("", "measured", "the profile says", "");
        for (Measured row : report.rows()) {
            columns.row(row.name(), row.found(), row.declared().orElse(""), row.differs() ? "DIFFERS" : "");
        }
        long differing = report.rows().stream().filter(Measured::differs).count();
        return report.version() + ", Python " + report.python() + ", threads " + report.threads() + "\n\n"
                + columns.text() + "\n"
                + (differing == 0
                        ? "It does what its profile says."
                        : "It does " + differing + (differing == 1 ? " thing" : " things")
                                + " otherwise than its profile says.")
                + " Measured in " + seconds(report.took()) + " s.\n";
    }

    private static long seconds(Duration duration) {
        return Math.round(duration.toMillis() / 1000.0);
    }

    static String json(ProbeReport report) {
        JsonWriter json = new JsonWriter().beginObject();
        json.name("server").value(report.server());
        json.name("version").value(report.version());
        json.name("python").value(report.python());
        json.name("threads").value(report.threads());
        json.name("differs").value(report.differs());
        json.name("measured").beginArray();
        for (Measured row : report.rows()) {
            json.beginObject().name("name").value(row.name()).name("found").value(row.found());
            json.name("declared");
            if (row.declared().isPresent()) {
                json.value(row.declared().get());
            } else {
                json.nothing();
            }
            json.name("differs").value(row.differs()).endObject();
        }
        json.endArray().name("seconds").value(seconds(report.took()));
        return json.endObject().text() + "\n";
    }
}
