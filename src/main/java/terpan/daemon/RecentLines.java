package terpan.daemon;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import terpan.worker.LineObserver;
import terpan.worker.LoggedLines;
import terpan.worker.WorkerLine;

/** The last lines that workers wrote, for error pages in development. Thread-safe; bounded for each worker's name. */
final class RecentLines implements LineObserver, UnaryOperator<String> {
    private static final int LINES_MOST = 40;
    private static final int LENGTH_MOST = 500;

    private final LineObserver next;
    private final Map<String, Deque<String>> lines = new ConcurrentHashMap<>();
    private volatile String latest = "";

    RecentLines(LineObserver next) {
        this.next = next;
    }

    @Override
    public void line(WorkerLine line) {
        if (!line.text().startsWith(LoggedLines.RAISED)) {
            keep(line.worker(), line.text());
        }
        next.line(line);
    }

    private void keep(String worker, String line) {
        Deque<String> known = lines.computeIfAbsent(worker, name -> new ArrayDeque<>());
        synchronized (known) {
            if (known.size() == LINES_MOST) {
                known.removeFirst();
            }
            known.addLast(line.substring(0, Math.min(line.length(), LENGTH_MOST)));
        }
        latest = worker;
    }

    /** The lines of that worker; without a name, of the one that wrote last. */
    @Override
    public String apply(String worker) {
        Deque<String> known = lines.get(worker.isEmpty() ? latest : worker);
        if (known == null) {
            return "";
        }
        synchronized (known) {
            return String.join("\n", known);
        }
    }
}
