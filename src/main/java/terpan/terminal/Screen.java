package terpan.terminal;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;

/**
 * The terminal while it is drawn on: the alternate screen, no cursor, no wrapping, each key at once. However the process ends but by SIGKILL,
 * the terminal is as it was: by {@link #close} or by a hook of the JVM's. Thread-safe.
 */
final class Screen implements AutoCloseable {
    private static final String ENTER = "\u001b[?1049h\u001b[?25l\u001b[?7l";
    private static final String LEAVE = "\u001b[?7h\u001b[?25h\u001b[?1049l";
    private static final String TO_TOP = "\u001b[H";
    private static final String CLEAR_LINE = "\u001b[2K";
    private static final String CLEAR_BELOW = "\r\n\u001b[J";

    private final PrintStream out;
    private final Looks looks;
    private final String before;

    /** Guarded by this, as the rest. */
    private Stty.Size size;

    private boolean left;

    private Screen(PrintStream out, Looks looks, String before, Stty.Size size) {
        this.out = out;
        this.looks = looks;
        this.before = before;
        this.size = size;
    }

    /**
     * Takes the terminal.
     *
     * @throws IOException its settings can not be read or changed; it is as it was
     */
    static Screen open(PrintStream out, Looks looks) throws IOException {
        Screen screen = new Screen(out, looks, Stty.settings(), Stty.size());
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("terpan-terminal").unstarted(screen::leave));
        boolean set = false;
        try {
            Stty.keyByKey();
            set = true;
        } finally {
            if (!set) {
                screen.close();
            }
        }
        out.print(ENTER);
        out.flush();
        return screen;
    }

    /** It has another size by now. */
    void measure() throws IOException {
        Stty.Size now = Stty.size();
        synchronized (this) {
            size = now;
        }
    }

    synchronized Stty.Size size() {
        return size;
    }

    /** Draws over what was there: as many lines as there are rows, each as far as it goes. */
    synchronized void draw(List<Line> lines) {
        if (left) {
            return;
        }
        StringBuilder all = new StringBuilder(TO_TOP);
        int rows = Math.min(size.rows(), lines.size());
        for (int row = 0; row < rows; row++) {
            all.append(row == 0 ? "" : "\r\n")
                    .append(CLEAR_LINE)
                    .append(lines.get(row).drawn(size.columns(), looks));
        }
        out.print(all.append(rows < size.rows() ? CLEAR_BELOW : ""));
        out.flush();
    }

    /** Whether nobody sees any more what is drawn. */
    boolean isGone() {
        return out.checkError();
    }

    private synchronized void leave() {
        if (left) {
            return;
        }
        left = true;
        out.print(LEAVE);
        out.flush();
        try {
            Stty.set(before);
        } catch (IOException gone) {
            // The window was closed: there is no terminal any more whose settings could matter, and nobody to tell.
            out.flush();
        }
    }

    @Override
    public void close() {
        leave();
    }
}
