package terpan.edge;

import java.net.SocketAddress;
import java.util.function.Predicate;
import terpan.log.Cut;
import terpan.loop.WireHandler;
import terpan.picture.Connections;

/** One client's connection as the edge of its loop sees it, whatever version of HTTP it speaks. Belongs to the loop's thread. */
public interface Client extends WireHandler {
    /** It was accepted, and counts. Called once, before anything is received. */
    void begin();

    /** The key under which its address is counted; {@link terpan.edge.limits.AddressKey#NONE} where it is not. */
    long addressKey();

    /** What it speaks. */
    Connections.Protocol protocol();

    /** What it is at. */
    Connections.State state();

    /** What it is at when this is its only exchange, whose head has come. */
    static Connections.State stateOf(Exchange exchange) {
        return switch (exchange.state()) {
            case IDLE -> Connections.State.READING;
            case WAITING -> Connections.State.WAITING;
            case IN_FLIGHT, RETRYING, OPENING -> Connections.State.WORKING;
            case TUNNEL -> Connections.State.TUNNEL;
            case ANSWERED -> Connections.State.SENDING;
            case ABANDONED -> Connections.State.CLOSING;
        };
    }

    /** Since when it is idle, its head comes, or its last answer is sent, monotonic nanoseconds; {@link Long#MAX_VALUE} while it is at work. */
    long idleSince();

    /** Since when the client has taken nothing of an answer that waits for it, monotonic nanoseconds; {@link Long#MAX_VALUE} where none does. */
    long heldUpSince();

    /** Others need the memory: ends what has waited since before that time for the client to take some of it. */
    void makeRoom(long before);

    /** Whether this is so of one of its exchanges; asked of each until it is. */
    boolean any(Predicate<Exchange> what);

    /** Whether it came by a listener with such an address of ours. */
    boolean cameBy(Predicate<SocketAddress> listener);

    /** It is not at work, and others need its place. */
    void closeIdle();

    /** Terpan stops: while it is idle it has until the deadline, monotonic nanoseconds, to send a request. */
    void stopSoon(long deadline);

    /** Terpan waits no longer for what is under way; how many requests were cut, or were told by a page that they were. */
    int stopWaiting();

    /** Ends it so that the client cannot take what it has for the whole. */
    void cut(Cut by);
}
