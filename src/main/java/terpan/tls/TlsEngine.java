package terpan.tls;

import java.nio.ByteBuffer;
import javax.net.ssl.SSLException;

/**
 * The server's end of one TLS connection, as pure work on bytes: it neither receives nor sends by itself. Belongs to the thread of the
 * connection's loop, but for what {@link #task} gives.
 */
interface TlsEngine {
    /** What became of a call. */
    enum Status {
        /** At most one record was taken, and written. */
        DONE,
        /** A whole record has to come first. */
        NEEDS_INPUT,
        /** This direction is over. */
        CLOSED
    }

    /** What the engine waits for. */
    enum Next {
        /** The handshake goes on with what the peer sends. */
        INPUT,
        /** Something of its own has to be sent: {@link #wrap}. */
        OUTPUT,
        /** Computation that is too long for a loop: {@link #task}. */
        TASK,
        /** Nothing: the handshake is over. */
        NOTHING
    }

    /** What has to be done next. */
    Next next();

    /**
     * Takes one record.
     *
     * @param in what was received, from position to limit
     * @param out where the plain bytes go, with room for {@link Records#MOST}
     * @throws SSLException the peer broke the protocol, or is not acceptable; an alert for it may wait as output
     */
    Status unwrap(ByteBuffer in, ByteBuffer out) throws SSLException;

    /**
     * Makes one record, of plain bytes or of the engine's own.
     *
     * @param out room for {@link Records#MOST}
     * @throws SSLException the handshake failed; an alert for it may wait as output
     */
    Status wrap(ByteBuffer in, ByteBuffer out) throws SSLException;

    /** What has to be computed, on any thread, while nothing else of the engine is called. */
    Runnable task();

    /** The protocol that was agreed on by ALPN (RFC 7301); empty: none. */
    String protocol();

    /**
     * The subject of the certificate that the client showed, which is good (RFC 4514), in printable ASCII; empty: it showed none.
     */
    String clientSubject();

    /** Nothing more will be sent: a close_notify waits as output. */
    void closeOutput();

    /** Whether nothing can be sent any more. */
    boolean outputClosed();

    /** Nothing of it is used any more. Idempotent. */
    void close();
}
