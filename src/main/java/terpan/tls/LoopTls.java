package terpan.tls;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import terpan.loop.BufferPool;
import terpan.loop.Loop;
import terpan.loop.Wire;
import terpan.metrics.LoopMetrics;

/** What the TLS connections of one event loop share. Belongs to its thread. */
public final class LoopTls {
    /** Records that are made for one write to the kernel. */
    private static final int RECORDS = 4;

    final Loop loop;
    final BufferPool pool;
    final LoopMetrics metrics;
    final ServerTls server;

    /** For the time of one call: what was received, what it says, what is to be sent. */
    final ByteBuffer in = ByteBuffer.allocate(2 * Records.MOST);

    final ByteBuffer nothing = ByteBuffer.allocate(0);
    final ByteBuffer plain = ByteBuffer.allocate(Records.MOST);
    final ByteBuffer out = ByteBuffer.allocate(RECORDS * Records.MOST);

    private @Nullable NativeBuffers buffers;

    LoopTls(Loop loop, BufferPool pool, LoopMetrics metrics, ServerTls server) {
        this.loop = loop;
        this.pool = pool;
        this.metrics = metrics;
        this.server = server;
    }

    /** Begins the handshake of a client that was accepted; what it gives hears the wire's events from now on. */
    public TlsGreeting over(Wire wire, Opening opening) {
        return new TlsGreeting(this, wire, server.engine(this), opening, loop.now() + server.handshakeNanos());
    }

    /** For the calls of BoringSSL; made with the first connection. */
    NativeBuffers buffers() {
        NativeBuffers known = buffers;
        if (known == null) {
            known = new NativeBuffers();
            buffers = known;
        }
        return known;
    }
}
