package terpan.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import terpan.json.JsonText;
import terpan.picture.Activity;
import terpan.picture.Picture;

/**
 * What dashboards see: twice a second one picture for all of them, of which each is sent what has changed since its last. While nobody looks
 * there is no picture, and no thread: whoever waits for the next one makes it. Server-sent events (HTML, section 9.2). Thread-safe.
 */
final class LiveFeed {
    /** What the answer begins with. */
    static final String HEAD = """
            HTTP/1.1 200 OK
            Content-Type: text/event-stream
            Cache-Control: no-store
            X-Content-Type-Options: nosniff
            Connection: close

            """.replace("\n", "\r\n");

    private static final long EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final Operations operations;
    private final LongSupplier nanoTime;
    private final Duration every;

    /** The last one; guarded by this. */
    private @Nullable Frame latest;

    /**
     * Terpan at one moment.
     *
     * @param sections JSON by what it is of
     */
    private record Frame(long number, long madeAt, Picture picture, Map<String, String> sections) {}

    LiveFeed(Operations operations, LongSupplier nanoTime) {
        this.operations = operations;
        this.nanoTime = nanoTime;
        this.every = Duration.ofNanos(EVERY_NANOS);
    }

    /** One that has seen nothing yet. */
    Viewer viewer(Role role) {
        return new Viewer(role);
    }

    private synchronized Frame after(long number) throws InterruptedException {
        while (true) {
            Frame known = latest;
            long left = known == null ? 0 : known.madeAt + every.toNanos() - nanoTime.getAsLong();
            if (known != null && known.number > number && left > 0) {
                return known;
            }
            if (left > 0) {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            } else {
                Picture picture = operations.status();
                latest = new Frame(
                        known == null ? 1 : known.number + 1,
                        nanoTime.getAsLong(),
                        picture,
                        LiveJson.sections(picture));
                notifyAll();
            }
        }
    }

    /** One dashboard, with what it was sent already. Belongs to the thread of its connection. */
    final class Viewer {
        private final Role role;
        private final Map<String, String> sent = new TreeMap<>();
        private long frame;
        private long second;
        private long event;
        private long line;

        private Viewer(Role role) {
            this.role = role;
        }

        /** Waits for the next moment; what has changed by then. */
        byte[] next() throws InterruptedException {
            Frame now = after(frame);
            boolean first = frame == 0;
            frame = now.number;
            StringBuilder text = new StringBuilder(first ? "retry: 1000\ndata: {" : "data: {");
            text.append("\"now\":").append(System.currentTimeMillis());
            if (first) {
                text.append(",\"role\":\"")
                        .append(role == Role.OPERATOR ? "operator" : "reader")
                        .append("\",\"reasons\":")
                        .append(LiveJson.reasons());
            }
            appendChanges(text, now.sections);
            appendNews(text, now.picture.activity());
            return text.append("}\n\n").toString().getBytes(UTF_8);
        }

        private void appendChanges(StringBuilder text, Map<String, String> sections) {
            text.append(",\"set\":{");
            String separator = "";
            for (Map.Entry<String, String> section : sections.entrySet()) {
                if (!section.getValue().equals(sent.put(section.getKey(), section.getValue()))) {
                    text.append(separator)
                            .append(JsonText.quoted(section.getKey()))
                            .append(':')
                            .append(section.getValue());
                    separator = ",";
                }
            }
            text.append("},\"gone\":[");
            List<String> gone = sent.keySet().stream()
                    .filter(name -> !sections.containsKey(name))
                    .toList();
            text.append(String.join(",", gone.stream().map(JsonText::quoted).toList()))
                    .append(']');
            gone.forEach(sent::remove);
        }

        private void appendNews(StringBuilder text, Activity activity) {
            List<Activity.Second> seconds =
                    activity.seconds().stream().filter(one -> one.at() > second).toList();
            List<Activity.Event> events = activity.events().stream()
                    .filter(one -> one.number() > event)
                    .toList();
            List<LogLine> lines = operations.lines(line);
            second = seconds.isEmpty() ? second : seconds.getLast().at();
            event = events.isEmpty() ? event : events.getLast().number();
            line = lines.isEmpty() ? line : lines.getLast().number();
            text.append(",\"seconds\":").append(LiveJson.seconds(seconds));
            text.append(",\"events\":").append(LiveJson.events(events));
            text.append(",\"lines\":").append(LiveJson.lines(lines));
        }
    }
}
