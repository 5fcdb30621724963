package terpan.picture;

import java.time.Instant;

/**
 * A request that waits or is with a worker.
 *
 * @param id what the access log and the worker call it
 * @param trace the id of the trace that it belongs to; empty: it has none
 * @param application whose it is; empty where there is one alone
 * @param route its method and the shape of its path
 * @param target what it asks for, cut after 200 bytes
 * @param client the client's address; empty on a Unix socket
 * @param state waiting, working, retrying, file
 * @param worker who has it; empty while nobody does
 * @param begun when its first byte came
 * @param since when it came into this state
 */
public record OpenRequest(
        String id,
        String trace,
        String application,
        String route,
        String target,
        String client,
        String state,
        String worker,
        Instant begun,
        Instant since) {
    /** It waits for a place on a worker. */
    public static final String WAITING = "waiting";

    /** A worker has it. */
    public static final String WORKING = "working";

    /** Whether it waits for a place on a worker. */
    public boolean waits() {
        return state.equals(WAITING);
    }

    /** Whether a worker has it. */
    public boolean works() {
        return state.equals(WORKING);
    }
}
