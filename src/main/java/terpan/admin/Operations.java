package terpan.admin;

import java.io.IOException;
import java.io.OutputStream;

/** What the operators' listener can see and do; the composition root implements it. Called on virtual threads, many at once. */
public interface Operations {
    /** Everything at one moment. */
    StatusSnapshot status();

    /** Whether requests can be served now. */
    Health health();

    /** Begins to replace one worker by a new process, draining it first; does not wait for it. */
    CommandResult restart(String worker);

    /** Begins to stop Terpan as a TERM signal does; does not wait for it. */
    CommandResult stop();

    /** Writes all metrics in the Prometheus text format. */
    void writeMetrics(OutputStream out) throws IOException;
}
