package terpan.link;

import java.time.Duration;
import java.util.function.Supplier;

/**
 * What a worker's server takes and keeps, as the HTTP link acts on it.
 *
 * @param keepIdle how long an idle connection is kept; zero: a connection carries one request
 * @param headMost longest request head, bytes
 * @param fieldsMost most field lines of a request
 * @param identity whether the private field about the client is sent; not to workers that someone else runs
 * @param connectTimeout how long a connect may take, asked for each
 * @param hearsLeaving whether the worker tells its application when our sending side closes
 * @param tellsEnd whether the worker says, when it is asked, that it works no more at a request whose connection is closed
 * @param losesKept whether the server may close a kept connection without a word: what can not be sent twice gets one of its own
 * @param tunnels whether the server may switch protocols
 * @param secret by this the worker knows the front, where others can reach its socket too; empty: nobody can
 */
public record LinkLimits(
        Duration keepIdle,
        int headMost,
        int fieldsMost,
        boolean identity,
        Supplier<Duration> connectTimeout,
        boolean hearsLeaving,
        boolean tellsEnd,
        boolean losesKept,
        boolean tunnels,
        String secret) {
    /** Of a worker that nobody else can reach, or that someone else runs. */
    public LinkLimits(
            Duration keepIdle, int headMost, int fieldsMost, boolean identity, Supplier<Duration> connectTimeout) {
        this(keepIdle, headMost, fieldsMost, identity, connectTimeout, false, false, false, true, "");
    }

    public LinkLimits {
        if ((hearsLeaving || tellsEnd) && !identity) {
            throw new IllegalArgumentException("what runs in someone else's worker is not known");
        }
    }
}
