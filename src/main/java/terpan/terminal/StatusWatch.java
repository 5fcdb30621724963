package terpan.terminal;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.time.Duration;
import terpan.admin.OperatorClient;
import terpan.admin.OperatorException;

/** {@code terpan status --watch}: the table drawn again and again on a terminal; elsewhere, or as JSON, printed one after the other. */
public final class StatusWatch {
    private final OperatorClient client;
    private final Duration interval;

    /** Of what this client asks for. */
    public StatusWatch(OperatorClient client, Duration interval) {
        this.client = client;
        this.interval = interval;
    }

    /**
     * Draws it until somebody leaves.
     *
     * @throws IOException the terminal can not be set
     * @throws OperatorException nobody answered from the first
     */
    public void live(InputStream input, PrintStream out, Looks looks) throws IOException, OperatorException {
        StatusPage page = new StatusPage();
        page.take(client.statusText());
        try (Screen screen = Screen.open(out, looks)) {
            new Live(screen, page, client::statusText, interval).run(input);
        }
    }

    /** Prints it until nobody reads it any more; of a Terpan that does not answer later on that is told. */
    public void plain(PrintStream out, PrintStream err, boolean json) throws OperatorException {
        client.status(out, json);
        while (!out.checkError() && !Thread.currentThread().isInterrupted()) {
            Pause.of(interval);
            try {
                String now = json ? client.statusJson() : "\n" + client.statusText();
                out.print(now);
            } catch (OperatorException failure) {
                err.println("terpan: " + failure.getMessage() + "; it is tried again");
            }
        }
    }
}
