package terpan.cli;

import java.util.List;
import java.util.Locale;
import terpan.examine.Finding;
import terpan.json.JsonWriter;

/** What the doctor found, for people and for programs. */
final class DoctorPage {
    private DoctorPage() {}

    static String text(List<Finding> findings) {
        Columns columns = new Columns();
        for (Finding finding : findings) {
            String text = finding.text().strip().replaceAll(":\\s*\n\\s*", ": ").replaceAll("\\s*\n\\s*", "; ");
            columns.row(
                    word(finding),
                    finding.subject(),
                    finding.advice().isEmpty() ? text : text + "; to do: " + finding.advice());
        }
        return columns.text() + "\n" + counted(count(findings, Finding.Level.PROBLEM), "problem") + ", "
                + counted(count(findings, Finding.Level.WARNING), "warning") + "\n";
    }

    private static String counted(long count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }

    private static String word(Finding finding) {
        return finding.level().name().toLowerCase(Locale.ROOT);
    }

    private static long count(List<Finding> findings, Finding.Level level) {
        return findings.stream().filter(finding -> finding.level() == level).count();
    }

    static String json(List<Finding> findings) {
        JsonWriter json = new JsonWriter().beginObject();
        json.name("problems").value(count(findings, Finding.Level.PROBLEM));
        json.name("warnings").value(count(findings, Finding.Level.WARNING));
        json.name("findings").beginArray();
        for (Finding finding : findings) {
            json.beginObject().name("level").value(word(finding));
            json.name("subject").value(finding.subject()).name("text").value(finding.text());
            json.name("advice").value(finding.advice()).endObject();
        }
        return json.endArray().endObject().text() + "\n";
    }
}
