package terpan.edge.http1;

import java.io.IOException;
import terpan.loop.Wire;

/**
 * The end of a connection whose last answer is sent: the output is shut and what still comes is thrown away, so that a client
 * that is still sending is not reset before it reads the answer. Bounded in bytes here, in time by the connection's deadline.
 */
final class LingeringClose {
    private static final long BYTES_MOST = 32 << 20;

    private final Wire wire;
    private final Input input;
    private long thrownAway;

    LingeringClose(Wire wire, Input input) {
        this.wire = wire;
        this.input = input;
    }

    /** False when the client is gone already. */
    boolean begin() {
        try {
            wire.shutdownOutput();
        } catch (IOException alreadyGone) {
            return false;
        }
        wire.reading(true);
        return true;
    }

    /** Receives and throws away; false when that is over. */
    boolean goesOn() {
        try {
            int received = input.receive(wire);
            input.release();
            thrownAway += Math.max(0, received);
            return received >= 0 && thrownAway <= BYTES_MOST;
        } catch (IOException reset) {
            return false;
        }
    }
}
