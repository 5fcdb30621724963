package terpan.loop;

import java.io.IOException;
import java.net.SocketAddress;

/** One connected (or connecting) stream socket of a loop. Belongs to the loop's thread. */
public interface Wire {
    /**
     * Receives what is there.
     *
     * @return bytes received; 0 when there is nothing; -1 at the end of the stream
     * @throws IOException the peer reset the connection
     */
    int receive(byte[] into, int offset, int length) throws IOException;

    /**
     * Sends what the kernel takes now.
     *
     * @return bytes taken, 0 to length
     * @throws IOException the peer is gone
     */
    int send(byte[] from, int offset, int length) throws IOException;

    /**
     * Transfers from a file straight to the socket.
     *
     * @return bytes taken
     */
    long transferFrom(java.nio.channels.FileChannel file, long position, long length) throws IOException;

    /** Asks that {@link WireHandler#onFlush} is called in this turn's send phase; calling it twice in a turn is harmless. */
    void flushLater();

    /** Whether {@link WireHandler#onReadable} is wanted; on from the start. */
    void reading(boolean wanted);

    /** Whether {@link WireHandler#onFlush} is to be called once the socket takes bytes again. */
    void awaitWritable(boolean wanted);

    /**
     * Nothing more is to be sent for now, so no flush is awaited.
     *
     * @return whether the kernel has all that was sent; when not, {@link WireHandler#onFlush} is called once it has
     * @throws IOException the peer is gone
     */
    boolean sentAll() throws IOException;

    /** Sends the end of the stream after what was sent; what is received from then on can be counted, but not read by everyone. */
    void shutdownOutput() throws IOException;

    /** Closes; the handler is not told. Idempotent. */
    void close();

    /** Closes with a reset, so that the peer can not take what it has for the whole. Idempotent. */
    void reset();

    /** Another thread is within {@link #transferFrom}: closing, which would wait for it, takes effect when {@link #letGo} says that it is over. */
    default void hold() {}

    /** No other thread is within {@link #transferFrom} any more. */
    default void letGo() {}

    boolean isOpen();

    /** Whether what passes is encrypted: then no file can be transferred. */
    default boolean secure() {
        return false;
    }

    /** The subject of the certificate that the peer showed and that is good (RFC 4514), in printable ASCII; empty: none. */
    default String peerSubject() {
        return "";
    }

    /** The peer's address, null for one without (a Unix client). */
    @org.jspecify.annotations.Nullable
    SocketAddress remoteAddress();

    /** Our own address. */
    @org.jspecify.annotations.Nullable
    SocketAddress localAddress();
}
