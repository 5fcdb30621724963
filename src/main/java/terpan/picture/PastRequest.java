package terpan.picture;

import java.time.Duration;
import java.time.Instant;

/**
 * A request that is over, with where its time went.
 *
 * @param id what the access log and the worker call it
 * @param trace the id of the trace that it belongs to; empty: it has none
 * @param application whose it was; empty where there is one alone
 * @param route its method and the shape of its path
 * @param target what it asked for, cut after 200 bytes
 * @param client the client's address; empty on a Unix socket
 * @param worker who had it last; empty: nobody had it
 * @param status what its client was sent; 0: nothing
 * @param why what went wrong, in a word or some; empty: nothing that is known
 * @param ended when it was over
 * @param times where its time went
 */
public record PastRequest(
        String id,
        String trace,
        String application,
        String route,
        String target,
        String client,
        String worker,
        int status,
        String why,
        Instant ended,
        Times times) {
    /**
     * Where time went, each part after the other.
     *
     * @param client until the request was whole
     * @param queue until a worker had a place for it
     * @param worker until the worker's answer was whole
     * @param sending until the client had the answer
     */
    public record Times(Duration client, Duration queue, Duration worker, Duration sending) {
        /** From the first byte to the last. */
        public Duration total() {
            return client.plus(queue).plus(worker).plus(sending);
        }
    }
}
