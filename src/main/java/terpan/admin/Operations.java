package terpan.admin;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import terpan.picture.Picture;

/** What the operators' listener can see and do; the composition root implements it. Called on virtual threads, many at once. */
public interface Operations {
    /** Everything at one moment. */
    Picture status();

    /** Whether requests can be served now. */
    Health health();

    /** Begins to replace one worker by a new process, which is ready before the old one drains; does not wait for it. */
    CommandResult restart(String worker);

    /** Begins to replace all workers of ours, one after the other; does not wait for it. */
    CommandResult restartAll();

    /** How far an order has come; empty: none of that id is known any more. */
    Optional<OperationSnapshot> operation(String id);

    /** Begins to stop Terpan as a TERM signal does; does not wait for it. */
    CommandResult stop();

    /** Writes all metrics in the Prometheus text format. */
    void writeMetrics(OutputStream out) throws IOException;
}
