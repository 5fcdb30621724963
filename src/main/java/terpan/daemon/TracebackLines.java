package terpan.daemon;

/**
 * The lines of one Python traceback, with those that it was raised from, as they come. Changed by the worker's output thread under its own
 * lock.
 */
final class TracebackLines {
    private static final String TITLE = "Traceback (most recent call last):";
    private static final int CHARACTERS_MOST = 12 * 1024;

    private final StringBuilder text = new StringBuilder();
    private String last = "";
    private boolean within;
    private int count;

    /** Whether a line is the first of a traceback. */
    static boolean begins(String line) {
        return line.equals(TITLE) || line.equals("  + Exception Group " + TITLE);
    }

    /** False: the line is none of these, and this is at its end. */
    synchronized boolean take(String line) {
        // A group of exceptions has its text indented whole, and no line of its own at the end.
        boolean goesOn = within || line.isEmpty() || begins(line) || line.startsWith(" ") || joins(line);
        if (!goesOn || text.length() > CHARACTERS_MOST) {
            return false;
        }
        if (begins(line)) {
            within = line.equals(TITLE);
        } else if (within && !line.startsWith(" ") && !line.isEmpty()) {
            within = false;
            last = line;
        }
        text.append(line).append('\n');
        count++;
        return true;
    }

    private static boolean joins(String line) {
        return line.equals("During handling of the above exception, another exception occurred:")
                || line.equals("The above exception was the direct cause of the following exception:");
    }

    /** Whether the line with the exception has come. */
    synchronized boolean whole() {
        return !within;
    }

    /** How many lines there are. */
    synchronized int length() {
        return count;
    }

    /** The exception. */
    synchronized String last() {
        return last.isEmpty() ? TITLE : last;
    }

    synchronized String text() {
        return text.toString().stripTrailing();
    }
}
