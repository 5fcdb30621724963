package terpan.edge;

import java.io.IOException;
import terpan.loop.Wire;

/**
 * The end of a connection whose last answer is sent: the output is shut and what still comes is thrown away, so that a client
 * that is still sending is not reset before it reads the answer. Bounded in bytes here, in time by the connection's deadline.
 */
public final class LingeringClose {
    /** How long a client may take to close its side, nanoseconds. */
    public static final long NANOS = 2_000_000_000L;

    private static final long BYTES_MOST = 32 << 20;

    private final Edge edge;
    private final Wire wire;
    private long thrownAway;

    /** Of that connection, which is not over yet. */
    public LingeringClose(Edge edge, Wire wire) {
        this.edge = edge;
        this.wire = wire;
    }

    /** False when the client is gone already. */
    public boolean begin() {
        try {
            wire.shutdownOutput();
        } catch (IOException alreadyGone) {
            return false;
        }
        wire.reading(true);
        return true;
    }

    /** Receives and throws away; false when that is over. */
    public boolean goesOn() {
        byte[] buffer = edge.buffers.take();
        try {
            int received = wire.receive(buffer, 0, buffer.length);
            thrownAway += Math.max(0, received);
            return received >= 0 && thrownAway <= BYTES_MOST;
        } catch (IOException reset) {
            return false;
        } finally {
            edge.buffers.giveBack(buffer);
        }
    }
}
