package terpan.link;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import terpan.loop.Wire;

/** The worker's end of a tunnel: a connection whose worker switched protocols, and what came behind its answer. Owned by the connection. */
final class HttpTunnelEnd implements TunnelEnd {
    private final HttpConnection connection;
    private final Wire wire;
    private final HttpAnswerInput input;
    private @Nullable TunnelEvents events;
    private boolean blocked;

    HttpTunnelEnd(HttpConnection connection, Wire wire, HttpAnswerInput input) {
        this.connection = connection;
        this.wire = wire;
        this.input = input;
    }

    /** Who hears of it; null once nobody does. */
    @Nullable
    TunnelEvents events() {
        return events;
    }

    @Override
    public void begin(TunnelEvents heard) {
        events = heard;
    }

    @Override
    public int receive(byte[] into, int offset, int length) throws IOException {
        int behind = input.takeRest(into, offset, length);
        return behind > 0 ? behind : wire.receive(into, offset, length);
    }

    @Override
    public int send(byte[] from, int offset, int length) throws IOException {
        try {
            int sent = wire.send(from, offset, length);
            blocked = sent < length;
            if (blocked) {
                wire.awaitWritable(true);
            } else {
                blocked = !wire.sentAll();
            }
            return sent;
        } catch (IOException gone) {
            // Else the loop would be told again and again that it may send.
            wire.awaitWritable(false);
            throw gone;
        }
    }

    @Override
    public boolean takesMore() {
        return !blocked;
    }

    void flush() {
        blocked = false;
        TunnelEvents heard = events;
        if (heard != null) {
            heard.writable();
        }
    }

    @Override
    public void reading(boolean wanted) {
        wire.reading(wanted);
    }

    @Override
    public void endOutput() throws IOException {
        wire.shutdownOutput();
    }

    @Override
    public void close() {
        events = null;
        connection.close();
    }
}
