package terpan.loop;

import java.net.SocketAddress;
import java.util.concurrent.Executor;

/**
 * One thread's turn over its sockets, timers and tasks. A turn is phased: first every worker-side wire receives, then every
 * client-side one, then client-side wires send, then worker-side ones, so that like kernel paths run in a row. All methods
 * but {@link #execute} belong to the loop's own thread.
 */
public interface Loop extends Executor {
    /** Which end of an exchange a wire is; decides its place in the turn. */
    enum Side {
        CLIENT,
        WORKER
    }

    /** Runs a task on this loop's thread soon; from any thread. */
    @Override
    void execute(Runnable task);

    /** Runs a task in the turn after this one: others have theirs before. */
    void nextTurn(Runnable task);

    /** Whether the caller is this loop's thread. */
    boolean inLoop();

    /** This loop's number, from 0. */
    int index();

    /** Monotonic nanoseconds, read once a turn. */
    long now();

    /** The number of the turn, rising; equal numbers mean the same turn. */
    long turnNumber();

    /** A timer, not yet set. */
    Timer timer(Runnable action);

    /**
     * Begins to connect a socket of the worker side. The handler hears {@link WireHandler#onConnected()} or {@link
     * WireHandler#onConnectFailed}.
     *
     * @throws AcceptQueueFullException when so many wait to be accepted that this one can not
     * @throws java.io.IOException when the connect fails at once; {@link Wire} is then already closed
     */
    Wire connect(SocketAddress address, WireHandler handler) throws java.io.IOException;

    /**
     * Tells what is with workers, so that the loop may coalesce turns.
     *
     * @param change +1 when a request is given to one, -1 when it is settled
     * @param quick whether the worker takes several at once and is known to be quick (service time under 1 ms)
     * @param deep whether it takes them one by one and had so many already that it would not soon miss another
     */
    void inFlight(int change, boolean quick, boolean deep);
}
