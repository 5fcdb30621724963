package terpan.edge.http1;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import terpan.edge.Edge;
import terpan.edge.Exchange;
import terpan.edge.tunnel.Tunnel;
import terpan.link.TunnelEnd;
import terpan.link.TunnelEvents;
import terpan.log.Cut;
import terpan.loop.Timer;
import terpan.loop.Wire;
import terpan.metrics.TunnelEnding;

/**
 * A connection that has become a tunnel: the client's end of it, with what came behind the head of its request, and behind the head of the
 * answer; has the tunnel, and tells the connection when it is over. Belongs to the loop's thread.
 */
final class Http1Tunnel implements TunnelEnd, Tunnel.Owner {
    private final Edge edge;
    private final ClientConnection connection;
    private final Exchange exchange;
    private final Wire wire;
    private final Input input;
    private final Output output;
    private @Nullable TunnelEvents events;

    /** From the start: the head of the answer goes first. */
    private boolean blocked = true;

    private final Tunnel tunnel;
    private boolean tellsLater;

    /** Of this connection and that worker; {@link #begin} follows. */
    Http1Tunnel(
            Edge edge,
            ClientConnection connection,
            Exchange exchange,
            Wire wire,
            Input input,
            Output output,
            Timer timer,
            TunnelEnd worker) {
        this.edge = edge;
        this.connection = connection;
        this.exchange = exchange;
        this.wire = wire;
        this.input = input;
        this.output = output;
        this.tunnel = new Tunnel(edge, exchange.settings().limits, timer, this, worker, this);
    }

    /** Bytes begin to pass. */
    void begin() {
        input.trim(exchange.head, 0);
        wire.reading(true);
        wire.flushLater();
        tunnel.begin();
        readRest(true);
        if (edge.leaves(connection)) {
            endSoon();
        }
    }

    /** It is to end soon, so that its client comes again. */
    void endSoon() {
        tunnel.endSoon();
    }

    /** The timer came up. */
    void late() {
        tunnel.late();
    }

    /** The connection ends, and it with it. */
    void end(Cut by) {
        tunnel.end(by);
    }

    @Override
    public void tunnelOver(TunnelEnding why) {
        events = null;
        exchange.tunnelOver(why, tunnel.fromClient(), tunnel.fromWorker());
        connection.tunnelOver(why == TunnelEnding.CLIENT);
    }

    @Override
    public void begin(TunnelEvents heard) {
        events = heard;
    }

    /** Something has come. */
    void readable() {
        TunnelEvents heard = events;
        if (heard != null) {
            heard.readable();
        }
    }

    /** The wire takes bytes again, or is to be flushed. */
    void flush() {
        TunnelEvents heard = events;
        if (heard == null) {
            return;
        }
        try {
            blocked = !output.flush();
        } catch (IOException gone) {
            heard.gone();
            return;
        }
        if (!blocked) {
            heard.writable();
        }
    }

    @Override
    public int receive(byte[] into, int offset, int length) throws IOException {
        int behind = Math.min(length, input.end - input.start);
        if (behind == 0) {
            return wire.receive(into, offset, length);
        }
        System.arraycopy(input.bytes, input.start, into, offset, behind);
        input.start += behind;
        return behind;
    }

    @Override
    public int send(byte[] from, int offset, int length) throws IOException {
        blocked = !output.flush();
        if (blocked) {
            return 0;
        }
        int sent = wire.send(from, offset, length);
        blocked = sent < length;
        if (blocked) {
            wire.awaitWritable(true);
        } else {
            blocked = !wire.sentAll();
        }
        return sent;
    }

    @Override
    public boolean takesMore() {
        return !blocked;
    }

    @Override
    public void reading(boolean wanted) {
        wire.reading(wanted);
        readRest(wanted);
    }

    /** What came behind the head is in no socket that could become readable. */
    private void readRest(boolean wanted) {
        if (wanted && input.start < input.end && !tellsLater) {
            tellsLater = true;
            edge.loop.execute(() -> {
                tellsLater = false;
                int before = input.start;
                readable();
                readRest(input.start > before);
            });
        }
    }

    /** Its connection ends with what the tunnel's owner does. */
    @Override
    public void endOutput() {}

    @Override
    public void close() {
        events = null;
    }
}
