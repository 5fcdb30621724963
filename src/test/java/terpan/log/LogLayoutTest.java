package terpan.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;
import terpan.config.LogSettings;

final class LogLayoutTest {
    static final String TEXT_LINE =
            "2026-11-22 18:06:29.123 INFO  worker ready worker=w1 pid=4711 why=\"a b\" x=\"\"\n";
    static final String JSON_LINE =
            "{\"time\":\"2026-11-22T17:06:29.123Z\",\"level\":\"warn\",\"logger\":\"terpan.test\","
                    + "\"thread\":\"a thread\",\"message\":\"worker exited\",\"worker\":\"w1\",\"pid\":4711,"
                    + "\"field_level\":true}\n";

    private final LogLayout text = new TextLayout(ZoneId.of("Europe/Paris"), false);
    private final LogLayout json = new JsonLayout();

    @Test
    void textIsTimeLevelMessageAndPairs() {
        assertThat(line(text, event(Level.INFO, "worker ready", "worker", "w1", "pid", 4_711L, "why", "a b", "x", "")))
                .isEqualTo(TEXT_LINE);
    }

    @Test
    void jsonIsOneObjectALine() {
        assertThat(line(json, event(Level.WARN, "worker exited", "worker", "w1", "pid", 4_711L, "level", true)))
                .isEqualTo(JSON_LINE);
    }

    @Test
    void coloursStandAroundTimeLevelAndKeysOnly() {
        LogLayout coloured = new TextLayout(ZoneId.of("UTC"), true);
        assertThat(line(coloured, event(Level.ERROR, "it failed", "worker", "w1")))
                .isEqualTo("\u001b[2m2026-11-22 17:06:29.123\u001b[0m \u001b[31mERROR\u001b[0m it failed"
                        + " \u001b[2mworker=\u001b[0mw1\n");
        assertThat(line(coloured, event(Level.INFO, "fine"))).doesNotContain("\u001b[3");
    }

    @Test
    void aTracebackStandsBelowItsLine() {
        assertThat(line(
                        text,
                        event(Level.WARN, "worker crashed", "failure", "Traceback:\n\tfile\u001b[2J\nError: x\n")))
                .endsWith(
                        "worker crashed\n    failure=\n        Traceback:\n            file\\u001b[2J\n        Error: x\n");
    }

    @Test
    void nothingFromOutsideBeginsALineOrMovesTheCursor() {
        String odd = "a\nb\r\u001b[2Jc\u0085d\u2028e\u202ef\ud800g";
        assertThat(line(text, event(Level.INFO, odd, "key", odd)))
                .endsWith("INFO  a\\u000ab\\u000d\\u001b[2Jc\\u0085d\\u2028e\\u202ef\\ud800g"
                        + " key=\"a\\u000ab\\u000d\\u001b[2Jc\\u0085d\\u2028e\\u202ef\\ud800g\"\n");
        assertThat(line(json, event(Level.INFO, odd + "\"\\")))
                .contains("\"a\\u000ab\\u000d\\u001b[2Jc\\u0085d\\u2028e\\u202ef\\ud800g\\\"\\\\\"");
    }

    @Test
    void otherLettersStayReadable() {
        assertThat(line(text, event(Level.INFO, "caf\u00e9 \u4e16 \ud83d\ude00")))
                .endsWith(" caf\u00e9 \u4e16 \ud83d\ude00\n");
    }

    @Test
    void aStackTraceIsIndentedInTextAndAFieldInJson() {
        LoggingEvent event = event(Level.ERROR, "it failed");
        event.setThrowableProxy(
                new ch.qos.logback.classic.spi.ThrowableProxy(new IOException("broken\n2026-01-01 forged")));
        assertThat(line(text, event).lines().skip(1))
                .isNotEmpty()
                .allSatisfy(traced -> assertThat(traced).startsWith("    "));
        assertThat(line(json, event)).hasLineCount(1).contains("\"exception\":\"java.io.IOException: broken\\u000a");
    }

    @Test
    void aLineIsAtMost16KiBWhateverComes() {
        for (String part : new String[] {"x", "\u0001", "\u4e16", "\""}) {
            String endless = part.repeat(30_000);
            for (LogLayout layout : new LogLayout[] {text, json}) {
                byte[] line = layout.line(event(Level.INFO, endless, "a", endless, "b", endless));
                assertThat(line.length).isBetween(LogLine.LINE_MOST / 2, LogLine.LINE_MOST);
                assertThat(new String(line, UTF_8))
                        .contains("...")
                        .endsWith("\n")
                        .hasLineCount(1);
            }
            assertThat(line(json, event(Level.INFO, endless))).endsWith("...\"}\n");
        }
    }

    @Test
    void autoIsTextOnATerminalAndJsonElsewhere() {
        assertThat(Logs.layout(LogSettings.Format.AUTO, true, Map.of())).isInstanceOf(TextLayout.class);
        assertThat(Logs.layout(LogSettings.Format.AUTO, false, Map.of())).isInstanceOf(JsonLayout.class);
        assertThat(Logs.layout(LogSettings.Format.JSON, true, Map.of())).isInstanceOf(JsonLayout.class);
        assertThat(Logs.layout(LogSettings.Format.TEXT, false, Map.of())).isInstanceOf(TextLayout.class);
    }

    @Test
    void coloursAreLeftOutWhereTheyAreNotWanted() {
        assertThat(Terminal.wantsColours(Map.of("TERM", "xterm"))).isTrue();
        assertThat(Terminal.wantsColours(Map.of("TERM", "dumb"))).isFalse();
        assertThat(Terminal.wantsColours(Map.of("NO_COLOR", "1"))).isFalse();
        LogLayout plain = Logs.layout(LogSettings.Format.TEXT, false, Map.of());
        assertThat(line(plain, event(Level.ERROR, "it failed"))).doesNotContain("\u001b");
    }

    private static String line(LogLayout layout, LoggingEvent event) {
        return new String(layout.line(event), UTF_8);
    }

    private static LoggingEvent event(Level level, String message, Object... pairs) {
        LoggerContext context = new LoggerContext();
        LoggingEvent event =
                new LoggingEvent("", context.getLogger("terpan.test"), level, message, null, new Object[0]);
        event.setThreadName("a thread");
        event.setInstant(Instant.ofEpochMilli(1_795_367_189_123L));
        for (int at = 0; at < pairs.length; at += 2) {
            event.addKeyValuePair(new KeyValuePair(pairs[at].toString(), pairs[at + 1]));
        }
        return event;
    }
}
