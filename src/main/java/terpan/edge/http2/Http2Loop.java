package terpan.edge.http2;

import terpan.edge.Edge;
import terpan.edge.EdgeSettings;
import terpan.http2.Buffers;
import terpan.http2.Http2Limits;
import terpan.http2.Http2Server;
import terpan.loop.BufferPool;

/** What the connections of one event loop share: limits as the settings have them now, streams used again, what is received into. */
final class Http2Loop implements Buffers {
    /** What a client may send of one body before we say that we took some: all of it has a place, in memory at first. */
    static final int WINDOW = 4 * BufferPool.BYTES;

    /** Frames on their way out have so much where memory is tight: the head of an answer, and some of its body. */
    private static final int FRAMES_LEAST = 4 * 1024;

    /** Received into for the time of one call. */
    final byte[] input = new byte[2 * BufferPool.BYTES];

    private final Edge edge;
    private EdgeSettings settings;
    private Http2Server server;

    Http2Loop(Edge edge) {
        this.edge = edge;
        this.settings = edge.settings();
        this.server = server(settings);
    }

    private Http2Server server(EdgeSettings by) {
        // Each stream's window has room in the connection's: a body that has to wait holds up no other.
        return new Http2Server(
                new Http2Limits(by.streams, WINDOW, by.streams * WINDOW, by.heads, Http2Limits.TABLE, true), this);
    }

    /** For connections that begin now. */
    Http2Server server() {
        EdgeSettings present = edge.settings();
        if (settings != present) {
            if (!settings.heads.equals(present.heads) || settings.streams != present.streams) {
                server = server(present);
            }
            settings = present;
        }
        return server;
    }

    @Override
    public byte[] take(int size) {
        return edge.buffers.takeSome(size);
    }

    @Override
    public byte[] takeSome(int least) {
        return edge.buffers.takeSome(Math.max(FRAMES_LEAST, least));
    }

    @Override
    public void giveBack(byte[] buffer) {
        edge.buffers.giveBack(buffer);
    }

    @Override
    public void count(int change) {
        edge.buffers.count(change);
    }

    @Override
    public boolean exhausted() {
        return edge.bounds.memory().exhausted();
    }
}
