package terpan.link;

import java.net.SocketAddress;

/**
 * One address at which a worker is reached. Where somebody wants to know how it does there, it hears how connects and requests end:
 * on whichever loop's thread, and must not block.
 */
public interface Destination {
    SocketAddress address();

    /** No connection could be made. */
    default void notConnected(String why) {}

    /** A request was given up while it waited for a connection: perhaps none can be made. */
    default void doubted() {}

    /** The worker took a request and said nothing at all: it closed the connection, or the time for an answer was over. */
    default void unanswered(String why) {}

    /** The worker said something to a request, whatever it was. */
    default void answered() {}
}
