package terpan.admin;

import java.io.Console;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How far an order is, in the last line of a terminal, below its steps; elsewhere nothing but the steps. */
final class ProgressLine {
    private static final Pattern PART = Pattern.compile("(\\d{1,6}) of (\\d{1,6}) ");
    private static final int WIDTH = 24;
    private static final String CLEAR = "\r\u001b[K";

    private final PrintStream out;
    private final boolean terminal;
    private final long begun = System.nanoTime();
    private int shown;
    private int ready;
    private int all;

    /**
     * Nothing is shown yet.
     *
     * @param terminal whether somebody looks at {@code out}
     */
    ProgressLine(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** Whether a person looks at what this process writes, and can answer. */
    @SuppressWarnings("SystemConsoleNull") // it is null in a Java that has no module for it
    static boolean isWatched() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    /** All steps so far, of which the new ones are told. */
    void show(List<String> steps) {
        List<String> fresh = steps.subList(Math.min(shown, steps.size()), steps.size());
        if (terminal && !fresh.isEmpty()) {
            out.print(CLEAR);
        }
        for (String step : fresh) {
            out.println(step);
            Matcher part = PART.matcher(step);
            if (part.find()) {
                ready = Integer.parseInt(part.group(1));
                all = Integer.parseInt(part.group(2));
            }
        }
        shown = steps.size();
        if (terminal) {
            out.print("\r" + bar());
        }
        out.flush();
    }

    private String bar() {
        int full = all == 0 ? 0 : Math.min(WIDTH, WIDTH * ready / all);
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun);
        return "[" + "#".repeat(full) + "-".repeat(WIDTH - full) + "] " + seconds + " s";
    }

    /** It is over, whatever came of it. */
    void end() {
        if (terminal) {
            out.print(CLEAR);
            out.flush();
        }
    }
}
