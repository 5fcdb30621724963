package terpan.terminal;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import terpan.json.JsonNode;

/** A line of the log as Terpan tells it. */
record LogRow(long number, Instant at, String level, String source, String worker, String application, String text) {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneId.systemDefault());

    private static final int INDENT = 8;

    static List<LogRow> read(JsonNode answer) {
        return answer.get("lines").each().stream()
                .map(line -> new LogRow(
                        line.whole("number"),
                        Instant.ofEpochMilli(line.whole("at")),
                        line.text("level"),
                        line.text("source"),
                        line.text("worker"),
                        line.text("application"),
                        line.text("text")))
                .toList();
    }

    /** For people: time, level, whose it is, what it says; what has several lines has the further ones below, further in. */
    List<Line> lines() {
        List<String> texts = text.lines().toList();
        List<Line> lines = new ArrayList<>();
        lines.add(first(texts.isEmpty() ? "" : texts.getFirst()));
        texts.stream().skip(1).forEach(further -> lines.add(Line.of(" ".repeat(INDENT) + further)));
        return lines;
    }

    private Line first(String beginning) {
        Style style = switch (level) {
            case "error" -> Style.BAD;
            case "warn" -> Style.WARN;
            case "info" -> Style.PLAIN;
            default -> Style.FAINT;
        };
        return new Line()
                .add(Style.FAINT, TIME.format(at))
                .add(" ")
                .add(style, Cells.left(level.toUpperCase(Locale.ROOT), 5))
                .add(" " + (worker.isEmpty() ? source : worker) + "  ")
                .add(beginning);
    }
}
