package terpan.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.slf4j.event.KeyValuePair;

/**
 * The last lines of the log: all of them, and those of Terpan's own that tell of something that happened, which no talkative worker washes out.
 * Bounded in number and length. Thread-safe.
 */
public final class LogMemory {
    private static final int LINES_MOST = 500;
    private static final int OWN_MOST = 200;
    private static final int TEXT_MOST = 2_000;
    private static final int VALUE_MOST = 400;

    private final Set<String> others;

    /** Guarded by this, as the rest. */
    private final Deque<KeptLine> lines = new ArrayDeque<>();

    private final Deque<KeptLine> own = new ArrayDeque<>();
    private long last;

    /**
     * Nothing is kept yet.
     *
     * @param others the loggers of what others say: of theirs only errors are among our own
     */
    LogMemory(List<String> others) {
        this.others = Set.copyOf(others);
    }

    void keep(ILoggingEvent event) {
        Level level = event.getLevel();
        boolean tells = level.isGreaterOrEqual(Level.ERROR)
                || (level.isGreaterOrEqual(Level.INFO) && !others.contains(event.getLoggerName()));
        Map<String, String> values = values(event);
        String message = cut(String.valueOf(event.getFormattedMessage()), TEXT_MOST);
        synchronized (this) {
            KeptLine line = new KeptLine(
                    ++last,
                    Instant.ofEpochMilli(event.getTimeStamp()),
                    level.toString().toLowerCase(Locale.ROOT),
                    event.getLoggerName(),
                    message,
                    values);
            add(lines, line, LINES_MOST);
            if (tells) {
                add(own, line, OWN_MOST);
            }
        }
    }

    private static void add(Deque<KeptLine> to, KeptLine line, int most) {
        if (to.size() == most) {
            to.removeFirst();
        }
        to.addLast(line);
    }

    private static Map<String, String> values(ILoggingEvent event) {
        List<KeyValuePair> pairs = event.getKeyValuePairs();
        IThrowableProxy thrown = event.getThrowableProxy();
        Map<String, String> values = new LinkedHashMap<>();
        if (pairs != null) {
            pairs.forEach(pair -> values.put(pair.key, cut(String.valueOf(pair.value), VALUE_MOST)));
        }
        if (thrown != null) {
            values.put("thrown", cut(thrown.getClassName() + ": " + thrown.getMessage(), VALUE_MOST));
        }
        return values;
    }

    private static String cut(String text, int most) {
        return text.length() > most ? text.substring(0, most) + "..." : text;
    }

    /** The number of the last line that there was; 0: there was none. */
    public synchronized long last() {
        return last;
    }

    /** The lines that are kept with a higher number, the last one last. */
    public synchronized List<KeptLine> since(long number) {
        return lines.stream().filter(line -> line.number() > number).toList();
    }

    /** Those of Terpan's own, and errors, the last one last. */
    public synchronized List<KeptLine> own() {
        return List.copyOf(own);
    }
}
