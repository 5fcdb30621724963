package terpan.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/** One JSON object a line; the key/value pairs stand beside our own keys, numbers and booleans as such. */
final class JsonLayout implements LogLayout {
    private static final Set<String> OWN_KEYS = Set.of("time", "level", "message", "logger", "thread", "exception");

    private final DateTimeFormatter time = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    @Override
    public byte[] line(ILoggingEvent event) {
        LogLine line = new LogLine();
        line.raw("{\"time\":\"").raw(time.format(Instant.ofEpochMilli(event.getTimeStamp())));
        line.raw("\",\"level\":\"").raw(event.getLevel().toString().toLowerCase(Locale.ROOT));
        line.raw("\",\"logger\":").quoted(event.getLoggerName());
        line.raw(",\"thread\":").quoted(event.getThreadName());
        line.raw(",\"message\":").quoted(event.getFormattedMessage());
        List<KeyValuePair> pairs = event.getKeyValuePairs();
        if (pairs != null) {
            pairs.forEach(pair -> pair(line, pair));
        }
        String trace = LogLayout.stackTrace(event);
        if (!trace.isEmpty() && line.hasRoom()) {
            line.raw(",\"exception\":").quoted(trace);
        }
        return line.raw("}\n").bytes();
    }

    private static void pair(LogLine line, KeyValuePair pair) {
        if (!line.hasRoom()) {
            return;
        }
        line.raw(",\"").raw(OWN_KEYS.contains(pair.key) ? "field_" : "").raw(pair.key + "\":");
        if (isLiteral(pair.value)) {
            line.raw(String.valueOf(pair.value));
        } else {
            line.quoted(pair.value.toString());
        }
    }

    /** Whether its text is JSON as it is. Not a switch over types, which is linked anew at every start. */
    private static boolean isLiteral(@Nullable Object value) {
        return value == null
                || value instanceof Integer
                || value instanceof Long
                || value instanceof Boolean
                || value instanceof Double number && Double.isFinite(number);
    }
}
