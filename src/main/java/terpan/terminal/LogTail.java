package terpan.terminal;

import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import terpan.admin.OperatorClient;
import terpan.admin.OperatorException;
import terpan.json.JsonNode;

/**
 * {@code terpan logs}: the last lines of the log, and those that follow. Terpan is asked for what is new five times a second, whatever file or
 * pipe its log goes to; when another process takes its place the lines of that one follow. For one thread.
 */
public final class LogTail {
    private static final Duration LOOK_AGAIN = Duration.ofMillis(200);

    private final OperatorClient client;
    private final LogFilter filter;
    private final PrintStream out;
    private final PrintStream err;
    private final Looks looks;
    private String pid = "";
    private long last;
    private boolean lost;

    /**
     * Of the Terpan that this client asks.
     *
     * @param err where it is told that Terpan is gone or another one
     */
    public LogTail(OperatorClient client, LogFilter filter, PrintStream out, PrintStream err, Looks looks) {
        this.client = client;
        this.filter = filter;
        this.out = out;
        this.err = err;
        this.looks = looks;
    }

    /** Prints so many lines, the last ones that the filter takes. */
    public void last(int count) throws OperatorException {
        JsonNode answer = ask(0);
        pid = answer.text("pid");
        List<LogRow> rows = LogRow.read(answer);
        last = rows.isEmpty() ? 0 : rows.getLast().number();
        List<LogRow> taken = rows.stream().filter(filter::takes).toList();
        print(taken.subList(Math.max(0, taken.size() - count), taken.size()));
    }

    /** Prints what follows until nobody reads it any more. */
    public void follow() {
        while (!out.checkError() && !Thread.currentThread().isInterrupted()) {
            Pause.of(LOOK_AGAIN);
            try {
                more(ask(last));
            } catch (OperatorException failure) {
                if (!lost) {
                    lost = true;
                    err.println("terpan: " + failure.getMessage() + "; it is tried again");
                }
            }
        }
    }

    private void more(JsonNode answer) throws OperatorException {
        JsonNode news = answer;
        if (!news.text("pid").equals(pid)) {
            pid = news.text("pid");
            last = 0;
            err.println("terpan: process " + pid + " is Terpan now; its log follows");
            news = ask(0);
        } else if (lost) {
            err.println("terpan: Terpan answers again");
        }
        lost = false;
        List<LogRow> rows = LogRow.read(news);
        if (rows.isEmpty()) {
            return;
        }
        long missed = rows.getFirst().number() - last - 1;
        if (missed > 0 && last > 0) {
            err.println("terpan: " + missed + " lines came too fast and are in the log alone");
        }
        last = rows.getLast().number();
        print(rows.stream().filter(filter::takes).toList());
    }

    private JsonNode ask(long since) throws OperatorException {
        try {
            return JsonNode.read(client.log(since));
        } catch (IllegalArgumentException strange) {
            throw OperatorException.strange(String.valueOf(strange.getMessage()));
        }
    }

    private void print(List<LogRow> rows) {
        rows.forEach(row -> row.lines().forEach(line -> out.println(line.drawn(Integer.MAX_VALUE, looks))));
        out.flush();
    }
}
