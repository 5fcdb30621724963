package terpan.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.slf4j.event.KeyValuePair;
import terpan.config.Units;

/** Lines for people: time, level, message, key=value; coloured where a terminal shows them, without time and level for who has them anyhow. */
final class TextLayout implements LogLayout {
    private static final Pattern BARE = Pattern.compile("[^\\s\"=\\\\\\p{Cntrl}]+");
    private static final Set<String> BLOCKS = Set.of("failure", "last_lines", "traceback");
    private static final String RESET = "\u001b[0m";
    private static final String DIM = "\u001b[2m";
    private static final String YELLOW = "\u001b[33m";
    private static final String RED = "\u001b[31m";

    private final DateTimeFormatter time;
    private final boolean colours;
    private final boolean bare;

    TextLayout(ZoneId zone, boolean colours) {
        this(zone, colours, false);
    }

    private TextLayout(ZoneId zone, boolean colours, boolean bare) {
        this.bare = bare;
        time = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS", Locale.ROOT)
                .withZone(zone);
        this.colours = colours;
    }

    /** Without time and level. */
    static TextLayout bare() {
        return new TextLayout(ZoneId.systemDefault(), false, true);
    }

    @Override
    public byte[] line(ILoggingEvent event) {
        LogLine line = new LogLine();
        if (!bare) {
            coloured(line, DIM, time.format(Instant.ofEpochMilli(event.getTimeStamp())));
            line.raw(" ");
            level(line, event.getLevel());
            line.raw(" ");
        }
        line.outside(event.getFormattedMessage());
        List<KeyValuePair> pairs = event.getKeyValuePairs();
        if (pairs != null) {
            pairs.stream().filter(pair -> !isBlock(pair)).forEach(pair -> pair(line, pair));
        }
        line.raw("\n");
        if (pairs != null) {
            pairs.stream().filter(TextLayout::isBlock).forEach(pair -> block(line, pair));
        }
        LogLayout.stackTrace(event).lines().forEach(traced -> {
            if (line.hasRoom()) {
                line.raw("    ").outside(traced.replace("\t", "    ")).raw("\n");
            }
        });
        return line.bytes();
    }

    private void level(LogLine line, Level level) {
        String name = "%-5s".formatted(level);
        if (level.isGreaterOrEqual(Level.ERROR)) {
            coloured(line, RED, name);
        } else if (level.isGreaterOrEqual(Level.WARN)) {
            coloured(line, YELLOW, name);
        } else {
            line.raw(name);
        }
    }

    private void pair(LogLine line, KeyValuePair pair) {
        if (!line.hasRoom()) {
            return;
        }
        line.raw(" ");
        coloured(line, DIM, pair.key + "=");
        // A time as people write it, such as 30s.
        String value = pair.value instanceof Duration time ? Units.show(time) : String.valueOf(pair.value);
        if (BARE.matcher(value).matches()) {
            line.outside(value);
        } else {
            line.quoted(value);
        }
    }

    /** Whether a value is one that people read below the line; of no other does a line break begin a line. */
    private static boolean isBlock(KeyValuePair pair) {
        return BLOCKS.contains(pair.key)
                && pair.value instanceof String text
                && text.stripTrailing().indexOf('\n') >= 0;
    }

    private void block(LogLine line, KeyValuePair pair) {
        if (line.hasRoom()) {
            line.raw("    ");
            coloured(line, DIM, pair.key + "=");
            line.raw("\n");
        }
        String.valueOf(pair.value).lines().forEach(text -> {
            if (line.hasRoom()) {
                line.raw("        ").outside(text.replace("\t", "    ")).raw("\n");
            }
        });
    }

    private void coloured(LogLine line, String colour, String text) {
        if (colours) {
            line.raw(colour).raw(text).raw(RESET);
        } else {
            line.raw(text);
        }
    }
}
