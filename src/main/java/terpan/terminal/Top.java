package terpan.terminal;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.time.DateTimeException;
import java.time.Duration;
import terpan.admin.OperatorClient;
import terpan.admin.OperatorException;

/**
 * {@code terpan top}: live on a terminal, else one plain picture, or as many as were asked for. Rejected: a library for terminals, which is
 * larger than all of this and would know of terminals that nobody has.
 */
public final class Top {
    private static final int NO_EDGE = Integer.MAX_VALUE;

    private final OperatorClient client;
    private final String application;
    private final Duration interval;

    /**
     * For one running Terpan.
     *
     * @param application the one of several that is meant; empty: the only one, or all
     * @param interval between two looks
     */
    public Top(OperatorClient client, String application, Duration interval) {
        this.client = client;
        this.application = application;
        this.interval = interval;
    }

    /**
     * Draws it until somebody leaves.
     *
     * @throws IOException the terminal can not be set
     * @throws OperatorException nobody answered from the first
     */
    public void live(InputStream input, PrintStream out, Looks looks) throws IOException, OperatorException {
        TopPage page = new TopPage(client, application);
        String answer = first();
        read(answer);
        page.take(answer);
        try (Screen screen = Screen.open(out, looks)) {
            new Live(screen, page, client::statusJson, interval).run(input);
        }
    }

    /** Prints so many pictures, each as wide as it needs. */
    public void plain(PrintStream out, int count) throws OperatorException {
        String answer = first();
        for (int i = 0; i < count && !out.checkError(); i++) {
            if (i > 0) {
                out.println();
                Pause.of(interval);
                answer = client.statusJson();
            }
            print(answer, out);
        }
    }

    /** What Terpan answers, if it has the application that is meant. */
    private String first() throws OperatorException {
        if (!application.isEmpty()) {
            client.of(application).statusText();
        }
        return client.statusJson();
    }

    private TopPicture read(String answer) throws OperatorException {
        try {
            return TopPicture.read(answer, application);
        } catch (IllegalArgumentException | DateTimeException strange) {
            throw OperatorException.strange(String.valueOf(strange.getMessage()));
        }
    }

    private void print(String answer, PrintStream out) throws OperatorException {
        TopPicture now = read(answer);
        TopHead.lines(now).forEach(line -> out.println(line.text()));
        out.println();
        TopTable table = new TopTable(now, Sort.AGE, NO_EDGE);
        out.println(table.head().text());
        table.entries("").forEach(entry -> out.println(entry.line().text()));
        out.flush();
    }
}
