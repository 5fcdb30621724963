package terpan.tls;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import terpan.loop.BufferPool;
import terpan.loop.Wire;
import terpan.loop.WireHandler;

/**
 * A client's wire for plain bytes, over its socket and TLS whose handshake is done. Its handler is told of what can be received only when
 * there is some. The end of the stream without close_notify is an error, for somebody else may have made it. Belongs to the loop's thread.
 */
public final class TlsWire implements Wire {
    private enum Phase {
        OPEN,
        /** Our end was told; what still comes is not deciphered. */
        SHUT,
        CLOSED
    }

    private final LoopTls tls;
    private final Wire wire;
    private final TlsEngine engine;
    private final Records records;
    private final String peerSubject;
    private final Runnable again = this::again;

    /** Deciphered and not taken. */
    private final Held plain;

    private Phase phase = Phase.OPEN;
    private @Nullable WireHandler handler;
    private boolean wanted = true;
    private boolean ended;
    private boolean delivers;
    private boolean againDue;
    private boolean shutsLater;
    private @Nullable IOException failure;

    TlsWire(LoopTls tls, Wire wire, TlsEngine engine, Records records) {
        this.tls = tls;
        this.wire = wire;
        this.engine = engine;
        this.records = records;
        this.peerSubject = engine.clientSubject();
        this.plain = new Held(tls.pool, BufferPool.BYTES);
    }

    /** The protocol that was agreed on by ALPN (RFC 7301); empty: none. */
    public String protocol() {
        return engine.protocol();
    }

    /** There is someone who hears what happens; perhaps something has come behind the handshake already. */
    void open(WireHandler client) {
        handler = client;
        if (records.waits()) {
            deliver(false);
        }
    }

    private WireHandler handler() {
        WireHandler known = handler;
        if (known == null) {
            throw new IllegalStateException("there is no client yet");
        }
        return known;
    }

    // The events of the wire below

    void onReadable() {
        switch (phase) {
            case OPEN -> deliver(true);
            case SHUT -> handler().onReadable();
            case CLOSED -> {}
        }
    }

    void onFlush() {
        if (phase == Phase.CLOSED || !sendsWaiting()) {
            return;
        }
        if (phase == Phase.SHUT) {
            wire.awaitWritable(false);
            shutsNow();
        } else {
            handler().onFlush();
        }
    }

    void onFault(RuntimeException fault) {
        handler().onFault(fault);
    }

    private boolean sendsWaiting() {
        try {
            return records.sendWaiting();
        } catch (IOException gone) {
            // The client meets it as it sends, where it can be acted upon.
            failure = gone;
            return true;
        }
    }

    // Receiving

    /** Tells the client of what it can receive, until nothing is left or it wants no more; receives once at most. */
    private void deliver(boolean mayReceive) {
        boolean receives = mayReceive;
        delivers = true;
        try {
            while (phase == Phase.OPEN && wanted && fill(receives)) {
                receives = false;
                int before = plain.size();
                handler().onReadable();
                if (before == 0) {
                    return; // it was told of the end, or of a failure
                }
                if (phase == Phase.OPEN && plain.size() == before) {
                    againSoon(); // it had no room, and has made some
                    return;
                }
            }
        } finally {
            delivers = false;
        }
    }

    /**
     * Deciphers the next record that says something.
     *
     * @return whether there is something to tell: bytes, the end, a failure
     */
    private boolean fill(boolean mayReceive) {
        if (!plain.isEmpty() || ended || failure != null) {
            return true;
        }
        ByteBuffer in = records.received();
        try {
            decipher(in, mayReceive);
        } catch (SSLException broken) {
            records.sendLast(); // an alert
            failure = broken;
        } catch (IOException gone) {
            failure = gone;
        }
        records.keep(in);
        return !plain.isEmpty() || ended || failure != null;
    }

    private void decipher(ByteBuffer in, boolean mayReceive) throws IOException {
        boolean receives = mayReceive;
        while (plain.isEmpty() && !ended) {
            TlsEngine.Status status = records.unwrap(in);
            TlsEngine.Next next = engine.next();
            if (next == TlsEngine.Next.TASK) {
                // It would cost us far more than the client (RFC 5246, section 7.4.1.1).
                throw new SSLException("the client began another handshake");
            }
            if (next == TlsEngine.Next.OUTPUT) {
                records.sendOwn();
            }
            if (status == TlsEngine.Status.DONE) {
                plain.append(tls.plain.array(), 0, tls.plain.position());
            } else if (status == TlsEngine.Status.CLOSED) {
                inputEnds();
            } else if (receives) {
                receives = false;
                records.receive(in);
            } else {
                return;
            }
        }
    }

    /** By close_notify. In TLS 1.2 that ends both directions (RFC 5246, section 7.2.1). */
    private void inputEnds() throws IOException {
        ended = true;
        if (engine.outputClosed()) {
            throw new EOFException("the client closed the connection");
        }
    }

    private void againSoon() {
        if (!againDue) {
            againDue = true;
            tls.loop.execute(again);
        }
    }

    private void again() {
        againDue = false;
        if (phase != Phase.OPEN || !wanted) {
            return;
        }
        try {
            deliver(false);
        } catch (RuntimeException fault) {
            onFault(fault);
            close();
            throw fault;
        }
    }

    @Override
    public int receive(byte[] into, int offset, int length) throws IOException {
        if (phase == Phase.SHUT) {
            return wire.receive(into, offset, length);
        }
        requireOpen();
        if (!delivers) {
            fill(true);
        }
        if (!plain.isEmpty()) {
            return plain.take(into, offset, length);
        }
        IOException reason = failure;
        if (reason != null) {
            throw reason;
        }
        return ended ? -1 : 0;
    }

    @Override
    public void reading(boolean isWanted) {
        wanted = isWanted;
        wire.reading(isWanted);
        boolean waits = !plain.isEmpty() || records.waits() || ended || failure != null;
        if (isWanted && waits && !delivers && phase == Phase.OPEN) {
            againSoon();
        }
    }

    // Sending

    /** What was taken is not given back: what the kernel does not take of its records waits here. */
    @Override
    public int send(byte[] from, int offset, int length) throws IOException {
        requireOpen();
        return records.send(from, offset, length);
    }

    @Override
    public boolean sentAll() throws IOException {
        IOException reason = failure;
        if (reason != null) {
            throw reason;
        }
        wire.awaitWritable(!records.sentAll());
        return records.sentAll();
    }

    @Override
    public long transferFrom(FileChannel file, long position, long length) {
        throw new UnsupportedOperationException("the kernel does not know the keys: files are read and sent");
    }

    @Override
    public void flushLater() {
        wire.flushLater();
    }

    @Override
    public void awaitWritable(boolean isWanted) {
        wire.awaitWritable(isWanted || !records.sentAll());
    }

    // The end

    @Override
    public void shutdownOutput() throws IOException {
        requireOpen();
        phase = Phase.SHUT;
        plain.release();
        records.dropReceived();
        engine.closeOutput();
        shutsLater = true;
        if (records.sendOwn()) {
            shutsNow();
        }
    }

    private void shutsNow() {
        if (!shutsLater) {
            return;
        }
        shutsLater = false;
        try {
            wire.shutdownOutput();
        } catch (IOException gone) {
            // What reads from it learns of that.
        }
    }

    /** Says close_notify if nothing of an answer is missing, whether or not the kernel takes it. */
    @Override
    public void close() {
        if (phase == Phase.CLOSED) {
            return;
        }
        if (phase == Phase.OPEN && records.sentAll() && failure == null) {
            engine.closeOutput();
            records.sendLast();
        }
        closes();
        wire.close();
    }

    @Override
    public void reset() {
        if (phase != Phase.CLOSED) {
            closes();
            wire.reset();
        }
    }

    private void closes() {
        phase = Phase.CLOSED;
        plain.release();
        records.release();
        engine.close();
    }

    private void requireOpen() throws ClosedChannelException {
        if (phase != Phase.OPEN) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public boolean isOpen() {
        return wire.isOpen();
    }

    @Override
    public boolean secure() {
        return true;
    }

    @Override
    public String peerSubject() {
        return peerSubject;
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        return wire.remoteAddress();
    }

    @Override
    public @Nullable SocketAddress localAddress() {
        return wire.localAddress();
    }
}
