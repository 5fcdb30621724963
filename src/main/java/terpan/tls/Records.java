package terpan.tls;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLException;
import terpan.loop.BufferPool;
import terpan.loop.Wire;

/**
 * The records of one connection between its engine and its socket: what came and is not deciphered waits here, and what the kernel did not
 * take, which is bounded. Works in the loop's buffers, which nothing stays in between two calls. Belongs to the loop's thread.
 */
final class Records {
    /** Room for any record: 16,384 bytes, and what versions and suites add (RFC 8446, section 5.2; RFC 5246, section 6.2.3). */
    static final int MOST = 17 * 1024;

    /** What may wait for a peer that does not read: the records of one call, and answers to what it sends. */
    private static final int UNSENT_MOST = 128 * 1024;

    /** Plain bytes that become records at a time where memory is tight: what the kernel does not take of them waits. */
    private static final int TIGHT_MOST = 4 * 1024;

    private final LoopTls tls;
    private final Wire wire;
    private final TlsEngine engine;
    private final Held ciphered;
    private final Held unsent;

    Records(LoopTls tls, Wire wire, TlsEngine engine) {
        this.tls = tls;
        this.wire = wire;
        this.engine = engine;
        this.ciphered = new Held(tls.pool, 0);
        this.unsent = new Held(tls.pool, BufferPool.BYTES);
    }

    /** What came before and is not deciphered, in the loop's buffer. */
    ByteBuffer received() {
        ByteBuffer in = tls.in.clear();
        ciphered.moveTo(in);
        return in.flip();
    }

    /** Keeps what is not deciphered of {@link #received}. */
    void keep(ByteBuffer in) {
        ciphered.append(tls.in.array(), in.position(), in.remaining());
    }

    /** Whether something was kept. */
    boolean waits() {
        return !ciphered.isEmpty();
    }

    /** Deciphers one record into the loop's buffer for that. */
    TlsEngine.Status unwrap(ByteBuffer in) throws SSLException {
        return in.hasRemaining() ? engine.unwrap(in, tls.plain.clear()) : TlsEngine.Status.NEEDS_INPUT;
    }

    /**
     * Receives once, behind what is there.
     *
     * @throws EOFException the stream ended: without close_notify, or it would not be asked for more
     */
    void receive(ByteBuffer in) throws IOException {
        in.compact();
        int count = wire.receive(tls.in.array(), in.position(), in.remaining());
        if (count < 0) {
            throw new EOFException("the client ended the connection without close_notify");
        }
        in.position(in.position() + count).flip();
    }

    /** Makes records of plain bytes, sends what the kernel takes of them and keeps the rest; how many of the bytes were taken. */
    int send(byte[] from, int offset, int length) throws IOException {
        int taken = 0;
        boolean room = sendWaiting();
        while (taken < length && room) {
            ByteBuffer out = tls.out.clear();
            int most = tls.pool.isTight() ? TIGHT_MOST : Integer.MAX_VALUE;
            ByteBuffer text = ByteBuffer.wrap(from, offset + taken, Math.min(most, length - taken));
            while (text.hasRemaining() && out.remaining() >= MOST) {
                if (engine.wrap(text, out) == TlsEngine.Status.CLOSED) {
                    throw new EOFException("the client closed the connection");
                }
            }
            taken = text.position() - offset;
            room = send(out);
        }
        return taken;
    }

    /** Sends what the engine itself has to say; false: the kernel does not take all of it now. */
    boolean sendOwn() throws IOException {
        ByteBuffer out = tls.out.clear();
        while (engine.next() == TlsEngine.Next.OUTPUT && out.remaining() >= MOST) {
            int before = out.position();
            if (engine.wrap(tls.nothing, out) == TlsEngine.Status.CLOSED) {
                break;
            }
            if (out.position() == before && engine.next() == TlsEngine.Next.OUTPUT) {
                throw new IllegalStateException("an engine has something to send and does not say what");
            }
        }
        return send(out);
    }

    /** The same on the way out, where nobody minds if it does not arrive. */
    void sendLast() {
        try {
            sendOwn();
        } catch (IOException gone) {
            // Then nobody is told.
        }
    }

    private boolean send(ByteBuffer out) throws IOException {
        int length = out.position();
        int sent = unsent.isEmpty() && length > 0 ? wire.send(tls.out.array(), 0, length) : 0;
        if (sent == length) {
            return unsent.isEmpty();
        }
        if (unsent.size() + length - sent > UNSENT_MOST) {
            throw new IOException("the client takes no answers to what it sends");
        }
        unsent.append(tls.out.array(), sent, length - sent);
        wire.awaitWritable(true);
        return false;
    }

    /** Sends what waits; whether nothing does any more. */
    boolean sendWaiting() throws IOException {
        if (!unsent.isEmpty()) {
            unsent.drop(wire.send(unsent.bytes(), unsent.start(), unsent.size()));
        }
        return unsent.isEmpty();
    }

    /** Whether the kernel has all that was made. */
    boolean sentAll() {
        return unsent.isEmpty();
    }

    /** Nothing that came is deciphered any more. */
    void dropReceived() {
        ciphered.release();
    }

    void release() {
        ciphered.release();
        unsent.release();
    }
}
