package terpan.tls;

import io.netty.internal.tcnative.SSL;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One connection of BoringSSL: the only place that has its handles SSL and BIO, which nothing in C protects. Each call goes through one gate: while
 * one thread is in, another is refused, and so is every call once it is freed, which happens exactly once. Its context lives as long as it does.
 * The memory that a call is given is forgotten before it returns.
 */
final class NativeConnection {
    /** What a handshake goes on with. */
    enum Step {
        DONE,
        /** What the peer sends. */
        INPUT,
        /** What waits has to be taken first: {@link #flush}. */
        OUTPUT,
        /** {@link #choose}. */
        CHOICE,
        /** {@link #verify}. */
        VERIFICATION
    }

    /**
     * Bytes that BoringSSL's own words may wait in, which is more than most handshakes have at once. It has to fit into {@link NativeBuffers#into}
     * whole: taken in parts, the library's ring would be written beyond its end.
     */
    private static final int OWN = 8 * 1024;

    private static final int IDLE = 0;
    private static final int USED = 1;
    private static final int FREED = 2;

    private final AtomicInteger gate = new AtomicInteger(IDLE);
    private final NativeContext context;
    private final long ssl;
    private final long bio;

    /**
     * A server's end.
     *
     * @param context is taken for it already, and is given back as it is freed
     */
    NativeConnection(NativeContext context) {
        this.context = context;
        try {
            this.ssl = SSL.newSSL(context.address(), true);
        } catch (RuntimeException | Error failed) {
            context.giveBack();
            throw failed;
        }
        try {
            this.bio = SSL.bioNewByteBuffer(ssl, OWN);
        } catch (RuntimeException | Error failed) {
            SSL.freeSSL(ssl);
            context.giveBack();
            throw failed;
        }
    }

    private void enter() {
        if (!gate.compareAndSet(IDLE, USED)) {
            throw new IllegalStateException(
                    gate.get() == FREED ? "the connection is freed" : "two threads use one connection");
        }
    }

    private void leave() {
        gate.set(IDLE);
    }

    /** Frees all that is its own, at the first call. */
    void free() {
        if (gate.get() == FREED) {
            return;
        }
        enter();
        gate.set(FREED);
        SSL.freeSSL(ssl); // its BIO with it
        context.giveBack();
    }

    /**
     * Goes on with the handshake.
     *
     * @param record bytes of a whole record, at the beginning of {@code buffers.from}; 0: there is none
     * @throws SSLException it has failed; an alert may wait
     */
    Step handshake(@Nullable NativeBuffers buffers, int record) throws SSLException {
        enter();
        try {
            give(buffers, record);
            try {
                return step(SSL.doHandshake(ssl));
            } finally {
                SSL.bioClearByteBuffer(bio);
            }
        } finally {
            leave();
        }
    }

    private void give(@Nullable NativeBuffers buffers, int record) {
        if (buffers != null && record > 0) {
            if (record > buffers.from.capacity()) {
                throw new IllegalArgumentException("a record of " + record + " bytes");
            }
            SSL.bioSetByteBuffer(bio, buffers.fromAddress, record, false);
        }
    }

    private Step step(int result) throws SSLException {
        if (result == 1) {
            return Step.DONE;
        }
        int error = SSL.getError(ssl, result);
        if (error == SSL.SSL_ERROR_WANT_READ) {
            return Step.INPUT;
        }
        if (error == SSL.SSL_ERROR_WANT_WRITE) {
            return Step.OUTPUT;
        }
        if (error == SSL.SSL_ERROR_WANT_X509_LOOKUP) {
            return Step.CHOICE;
        }
        if (error == SSL.SSL_ERROR_WANT_CERTIFICATE_VERIFY) {
            return Step.VERIFICATION;
        }
        throw failure(error);
    }

    private static SSLException failure(int error) {
        String told = SSL.getLastError();
        SSL.clearError();
        return new SSLException(told == null || told.isEmpty() ? "error " + error : told);
    }

    /**
     * After {@link Step#CHOICE}: says which certificates may be shown, the preferred ones first.
     *
     * @param challenge whether an authority looks whether the name is ours ({@link ServerTls#CHALLENGE})
     * @return whether computing with one of their keys takes long
     * @throws SSLException there is none for the name that the client asked for
     */
    boolean choose(NativeCertificates among, boolean challenge) throws SSLException {
        enter();
        try {
            runTask();
            @Nullable String name = SSL.getSniHostname(ssl);
            return among.offer(ssl, name == null ? "" : name, challenge);
        } finally {
            leave();
        }
    }

    /** After {@link Step#VERIFICATION}: judges the client's certificate, which may take milliseconds. */
    void verify() {
        enter();
        try {
            runTask();
        } finally {
            leave();
        }
    }

    private void runTask() {
        Runnable task = SSL.getTask(ssl);
        if (task == null) {
            throw new IllegalStateException("the handshake waits for nothing");
        }
        task.run();
    }

    /**
     * Deciphers one record.
     *
     * @param record its bytes, at the beginning of {@code buffers.from}
     * @return plain bytes in {@code buffers.into}; 0: it said nothing to us; -1: the peer says no more
     * @throws SSLException the connection is broken; an alert may wait
     */
    int read(NativeBuffers buffers, int record) throws SSLException {
        enter();
        try {
            give(buffers, record);
            try {
                int count = SSL.readFromSSL(ssl, buffers.intoAddress, buffers.into.capacity());
                if (count > 0) {
                    return count;
                }
                int error = SSL.getError(ssl, count);
                if (error == SSL.SSL_ERROR_WANT_READ || error == SSL.SSL_ERROR_WANT_WRITE) {
                    return 0;
                }
                if (error == SSL.SSL_ERROR_ZERO_RETURN) {
                    return -1;
                }
                throw failure(error);
            } finally {
                SSL.bioClearByteBuffer(bio);
            }
        } finally {
            leave();
        }
    }

    /** Bytes of its own that wait for {@link #flush}. */
    int waits() {
        enter();
        try {
            return SSL.bioLengthNonApplication(bio);
        } finally {
            leave();
        }
    }

    /** Moves all bytes of its own into {@code buffers.into}; how many. */
    int flush(NativeBuffers buffers) {
        enter();
        try {
            SSL.bioSetByteBuffer(bio, buffers.intoAddress, buffers.into.capacity(), true);
            try {
                return SSL.bioFlushByteBuffer(bio);
            } finally {
                SSL.bioClearByteBuffer(bio);
            }
        } finally {
            leave();
        }
    }

    /**
     * Makes a record, in {@code buffers.into}, of plain bytes, after the handshake and while nothing else waits. With the first of them go the
     * tickets of TLS 1.3.
     *
     * @param length bytes at the beginning of {@code buffers.from}, so few that what goes with them has room
     * @return its bytes
     * @throws SSLException the connection is broken
     */
    int write(NativeBuffers buffers, int length) throws SSLException {
        enter();
        try {
            if (SSL.bioLengthNonApplication(bio) > 0) {
                throw new IllegalStateException("what waits goes first");
            }
            int room = buffers.into.capacity();
            SSL.bioSetByteBuffer(bio, buffers.intoAddress, room, true);
            try {
                int taken = SSL.writeToSSL(ssl, buffers.fromAddress, length);
                if (taken != length) {
                    throw failure(SSL.getError(ssl, taken));
                }
                return room - SSL.bioLengthByteBuffer(bio);
            } finally {
                SSL.bioClearByteBuffer(bio);
            }
        } finally {
            leave();
        }
    }

    /**
     * Has tickets wait that else go with the first bytes: they hold the client's certificates, and may be long.
     *
     * @return whether all wait; false: some do, and more come when those are taken
     */
    boolean writesTickets(NativeBuffers buffers) throws SSLException {
        enter();
        try {
            int result = SSL.writeToSSL(ssl, buffers.fromAddress, 0);
            if (result >= 0) {
                return true;
            }
            int error = SSL.getError(ssl, result);
            if (error == SSL.SSL_ERROR_WANT_WRITE) {
                return false;
            }
            throw failure(error);
        } finally {
            leave();
        }
    }

    /** After the handshake: has a close_notify wait. */
    void shutdown() {
        enter();
        try {
            if (SSL.shutdownSSL(ssl) < 0) {
                SSL.clearError();
            }
        } finally {
            leave();
        }
    }

    /** The protocol of ALPN; empty: none, or it is not known yet. */
    String protocol() {
        enter();
        try {
            @Nullable String agreed = SSL.getAlpnSelected(ssl);
            return agreed == null ? "" : agreed;
        } finally {
            leave();
        }
    }

    /** Such as {@code TLSv1.3}. */
    String version() {
        enter();
        try {
            return SSL.getVersion(ssl);
        } finally {
            leave();
        }
    }

    /** The client's own certificate, as DER; null: it showed none. */
    byte @Nullable [] peerCertificate() {
        enter();
        try {
            return SSL.getPeerCertificate(ssl);
        } finally {
            leave();
        }
    }
}
