package terpan.matrix;

import java.util.ArrayList;
import java.util.List;

/** Writes docs/server-matrix.md from what the matrix declares; {@link MatrixIT} proves every cell of it. */
final class MatrixPage {
    private MatrixPage() {}

    static String text() {
        List<String> reasons = new ArrayList<>();
        StringBuilder table = new StringBuilder("| |");
        Columns.ALL.forEach(column -> table.append(' ').append(column.name()).append(" |"));
        table.append("\n| --- |").append(" :-: |".repeat(Columns.ALL.size())).append('\n');
        for (Check check : Check.values()) {
            table.append("| ").append(check.title()).append(" |");
            for (Column column : Columns.ALL) {
                table.append(' ').append(cell(column, check, reasons)).append(" |");
            }
            table.append('\n');
        }
        return head() + table + "\n" + notes(reasons);
    }

    private static String cell(Column column, Check check, List<String> reasons) {
        String reason = column.exceptions().get(check);
        if (reason == null) {
            return "yes";
        }
        if (!reasons.contains(reason)) {
            reasons.add(reason);
        }
        return "no (" + (reasons.indexOf(reason) + 1) + ")";
    }

    private static String head() {
        return """
                # Every server, every check

                What an application and its clients can rely on behind Terpan, whatever server runs the application. Each column is a server with two
                workers, one real `terpan serve` and the conformance application `src/test/resources/apps/conformance.py`; each cell is a test. A *yes*
                fails the build when it is not so, and a *no*, which has its reason below, fails it when it is not so any more.

                `./check matrix` proves all of it, `./check matrix waitress` one server's columns. The page is made by `MatrixPage` from the same
                declarations, and a test holds it equal.

                """;
    }

    private static String notes(List<String> reasons) {
        if (reasons.isEmpty()) {
            return "No server makes any of it impossible.\n";
        }
        StringBuilder notes = new StringBuilder();
        for (int index = 0; index < reasons.size(); index++) {
            notes.append(index + 1).append(". ").append(reasons.get(index)).append('\n');
        }
        return notes.toString();
    }
}
