package terpan.link;

/** The connections from one event loop to one worker. Belongs to the loop's thread. */
public interface Link {
    /** Sends the call's request in this turn's send phase. The call hears the answer or the failure. */
    void forward(Call call);

    /** More of the call's body is at hand, or its end. */
    void bodyReady(Call call);

    /** The call takes answer bytes again. */
    void resume(Call call);

    /**
     * Nobody waits for the answer any more: the link forgets the call, which hears nothing further.
     *
     * @param ended runs once, when the worker does no more work for it as far as can be known
     */
    void cancel(Call call, Runnable ended);

    /**
     * The same.
     *
     * @param alive runs as often as the worker shows meanwhile that it is not stuck, where the link can know
     */
    default void cancel(Call call, Runnable ended, Runnable alive) {
        cancel(call, ended);
    }

    /** Whether the application is told that its client has left. */
    default boolean hearsLeaving() {
        return false;
    }

    /** Whether the worker's server may switch protocols ({@link Call#tunnels}). */
    default boolean takesTunnels() {
        return false;
    }

    /**
     * Tunnels that there are now have until that time.
     *
     * @param deadline monotonic nanoseconds of the loop
     * @param closes whether those are closed then that have not ended before; else they are left to their worker
     * @param ended runs once when none of them is left, or is waited for; at once where there is none
     */
    default void drainTunnels(long deadline, boolean closes, Runnable ended) {
        ended.run();
    }

    /** The call has waited too long for its answer; {@link #cancel} follows. */
    default void timedOut(Call call) {}

    /** Connections that are open now are used for no further request: the worker may be elsewhere, or another, from now on. */
    default void renew() {}

    /** Closes all connections; calls still in flight hear {@link Failure}. Idempotent. */
    void close();
}
