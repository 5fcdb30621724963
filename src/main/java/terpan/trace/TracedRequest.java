package terpan.trace;

import java.util.OptionalInt;

/**
 * A request that is over and belongs to a trace that is told of. Immutable: it goes from a loop to the thread that sends it.
 *
 * @param ids by which the trace knows it
 * @param times when what happened
 * @param said what its head said
 * @param answer what became of it
 */
public record TracedRequest(Ids ids, Times times, Said said, Answer answer) {
    /**
     * By which a trace knows a request.
     *
     * @param high the first half of the trace's id
     * @param low the second half
     * @param parent what caused the request; 0: the trace begins here
     * @param request the id of the whole request
     * @param worker the id of its part with a worker
     * @param state what others keep beside the trace; mostly empty
     */
    public record Ids(long high, long low, long parent, long request, long worker, String state) {}

    /**
     * Monotonic nanoseconds.
     *
     * @param begun its first byte came
     * @param asked a worker was asked for; 0: it was not whole before
     * @param sent it was sent to a worker last; 0: it was not
     * @param answered the worker's answer was whole; 0: it was not
     * @param ended all was over
     * @param attempts how often it was sent to a worker
     */
    public record Times(long begun, long asked, long sent, long answered, long ended, int attempts) {}

    /**
     * What a head said; each text bounded by whoever makes it.
     *
     * @param route its method and the shape of its path
     * @param target path and query, without secrets
     * @param version such as 1.1
     * @param host empty: it named none
     * @param client empty: one on a Unix socket
     * @param agent empty: it named none
     */
    public record Said(
            String route,
            String method,
            String target,
            String scheme,
            String version,
            String host,
            String client,
            String agent) {}

    /**
     * What became of a request.
     *
     * @param id what logs call it
     * @param application whose it was; empty where there is one alone
     * @param worker who had it last; empty: nobody had it
     * @param group the worker's group
     * @param status what its client was sent; empty: nothing
     * @param received bytes of its body
     * @param sent bytes of the answer's body
     * @param why what went wrong, in a word or some; empty: nothing that is known
     * @param failed whether it is the server's fault
     */
    public record Answer(
            String id,
            String application,
            String worker,
            String group,
            OptionalInt status,
            long received,
            long sent,
            String why,
            boolean failed) {}
}
