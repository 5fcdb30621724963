package terpan.daemon;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;
import terpan.edge.RaisedObserver;
import terpan.worker.LineObserver;
import terpan.worker.LoggedLines;
import terpan.worker.WorkerLine;

/**
 * Makes one record of each traceback. What our launcher catches comes twice: as a line of the worker's output, which stands even where
 * nobody waits for the answer any more, and with the answer, which knows the request; a number of the launcher's says that both are one.
 * What the application or its server writes itself is put together from its lines. Thread-safe, bounded: a worker can do no more here than
 * write lines of its own log.
 */
final class Tracebacks implements LineObserver, RaisedObserver {
    private static final Logger LOG = LoggerFactory.getLogger(LoggedLines.LOGGER);

    /** In the number's place: the application has answered itself, and the request's id stands in the line. */
    private static final String NO_NUMBER = "-";

    private static final int KEPT_MOST = 256;
    private static final int OPEN_MOST = 1024;

    /** How long a line waits for its answer, which may stand behind others. */
    private static final long CLAIM_MILLIS = 1000;

    /** How long a traceback that looks whole waits for another part. */
    private static final long QUIET_MILLIS = 300;

    /** How many times it does so for one that does not look whole. */
    private static final int LOOKS_MOST = 10;

    private final LineObserver next;
    private final Executor claimed;
    private final Executor quiet;
    private final Map<String, Raised> waiting = new LinkedHashMap<>();
    private final Set<String> told = new LinkedHashSet<>();
    private final Map<Writer, TracebackLines> open = new LinkedHashMap<>();

    private record Raised(
            String worker, String request, String method, String target, String traceback, String trace) {}

    /** Who writes a traceback itself: several requests of a worker may do so at a time. */
    private record Writer(String worker, String request) {}

    Tracebacks(LineObserver next) {
        this(
                next,
                CompletableFuture.delayedExecutor(CLAIM_MILLIS, TimeUnit.MILLISECONDS),
                CompletableFuture.delayedExecutor(QUIET_MILLIS, TimeUnit.MILLISECONDS));
    }

    Tracebacks(LineObserver next, Executor claimed, Executor quiet) {
        this.next = next;
        this.claimed = claimed;
        this.quiet = quiet;
    }

    @Override
    public void line(WorkerLine written) {
        String worker = written.worker();
        String line = written.text();
        if (line.startsWith(LoggedLines.RAISED)) {
            String told = line.substring(LoggedLines.RAISED.length());
            String[] parts = told.split(" ", 4);
            String[] answered = told.split(" ", 5);
            String[] number = parts[0].split("/", 2);
            String trace = number.length == 2 && number[1].matches("[0-9a-f]{32}") ? number[1] : "";
            if (number[0].equals(NO_NUMBER) && answered.length == 5) {
                String request = answered[1].equals(NO_NUMBER) ? "" : decoded(answered[1]);
                log(new Raised(worker, request, decoded(answered[2]), answered[3], decoded(answered[4]), trace));
                return;
            }
            if (parts.length == 4) {
                String traceback = decoded(parts[3]);
                hold(number[0], new Raised(worker, written.request(), decoded(parts[1]), parts[2], traceback, trace));
                return;
            }
        }
        Writer writer = new Writer(worker, written.request());
        TracebackLines lines;
        synchronized (this) {
            lines = open.get(writer);
            if (lines == null && TracebackLines.begins(line) && open.size() < OPEN_MOST) {
                lines = new TracebackLines();
                open.put(writer, lines);
                watch(writer, lines, 0, LOOKS_MOST);
            }
        }
        if (lines == null) {
            next.line(written);
            return;
        }
        if (!lines.take(line)) {
            close(writer, lines);
            line(written);
        }
    }

    /** Ends one to which nothing comes any more: at the next look where it looks whole or only begins, else after some. */
    private void watch(Writer writer, TracebackLines lines, int length, int looks) {
        quiet.execute(() -> {
            int now = lines.length();
            if (now == length && (lines.whole() || now == 1 || looks == 0)) {
                close(writer, lines);
            } else if (isOpen(writer, lines)) {
                watch(writer, lines, now, now == length ? looks - 1 : LOOKS_MOST);
            }
        });
    }

    private synchronized boolean isOpen(Writer writer, TracebackLines lines) {
        return open.get(writer) == lines;
    }

    private void close(Writer writer, TracebackLines lines) {
        synchronized (this) {
            if (!open.remove(writer, lines)) {
                return;
            }
        }
        record(writer.worker(), writer.request())
                .addKeyValue("traceback", lines.text())
                .log(lines.last());
    }

    /** Nothing more is waited for: the log ends. */
    void flush() {
        Map<Writer, TracebackLines> unclosed;
        List<String> numbers;
        synchronized (this) {
            unclosed = Map.copyOf(open);
            numbers = List.copyOf(waiting.keySet());
        }
        unclosed.forEach(this::close);
        numbers.forEach(this::unclaimed);
    }

    private void hold(String number, Raised raised) {
        synchronized (this) {
            if (told.remove(number)) {
                return;
            }
            if (waiting.size() < KEPT_MOST && waiting.putIfAbsent(number, raised) == null) {
                claimed.execute(() -> unclaimed(number));
                return;
            }
        }
        log(raised);
    }

    private void unclaimed(String number) {
        Raised raised;
        synchronized (this) {
            raised = waiting.remove(number);
        }
        if (raised != null) {
            log(raised);
        }
    }

    @Override
    public String raised(String field, String worker, String request, String trace, String method, String target) {
        int space = field.indexOf(' ');
        String number = field.substring(0, Math.max(space, 0));
        String traceback = decoded(field.substring(space + 1));
        Raised held;
        synchronized (this) {
            held = waiting.remove(number);
            if (held == null) {
                if (told.size() == KEPT_MOST) {
                    told.remove(told.iterator().next());
                }
                told.add(number);
            }
        }
        log(new Raised(held == null ? worker : held.worker(), request, method, target, traceback, trace));
        return traceback;
    }

    private static void log(Raised raised) {
        LoggingEventBuilder event = record(raised.worker(), raised.request());
        if (!raised.trace().isEmpty()) {
            event = event.addKeyValue("trace", raised.trace());
        }
        event.addKeyValue("method", raised.method())
                .addKeyValue("target", raised.target())
                .addKeyValue("traceback", raised.traceback())
                .log("the application failed");
    }

    private static LoggingEventBuilder record(String worker, String request) {
        LoggingEventBuilder event =
                LOG.atError().addKeyValue("worker", worker).addKeyValue("group", LoggedLines.groupOf(worker));
        return request.isEmpty() ? event : event.addKeyValue("request", request);
    }

    /** Percent-decoded as far as that goes. */
    private static String decoded(String text) {
        byte[] bytes = text.getBytes(ISO_8859_1);
        ByteArrayOutputStream plain = new ByteArrayOutputStream(bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '%'
                    && i + 2 < bytes.length
                    && HexFormat.isHexDigit(bytes[i + 1])
                    && HexFormat.isHexDigit(bytes[i + 2])) {
                plain.write(HexFormat.fromHexDigits(text, i + 1, i + 3));
                i += 2;
            } else {
                plain.write(bytes[i]);
            }
        }
        return plain.toString(UTF_8);
    }
}
