package terpan.serve;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The last lines that a process wrote, {@value #MOST} of them. */
final class Lines {
    private static final int MOST = 50_000;

    private final Deque<String> kept = new ArrayDeque<>();

    synchronized void add(String line) {
        if (kept.size() == MOST) {
            kept.removeFirst();
        }
        kept.addLast(line);
    }

    synchronized List<String> all() {
        return List.copyOf(kept);
    }

    @Override
    public synchronized String toString() {
        return String.join("\n", kept);
    }
}
