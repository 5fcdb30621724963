package terpan.edge.http2;

import org.jspecify.annotations.Nullable;
import terpan.edge.Client;
import terpan.edge.ClientProtocol;
import terpan.edge.Edge;
import terpan.loop.Wire;

/** HTTP/2 (RFC 9113) for clients that have agreed on it, or are known to speak it. One for all listeners; what a loop needs is made on it. */
public final class Http2Protocol implements ClientProtocol {
    /** By the loops' numbers, each for its loop's thread alone. */
    private final @Nullable Http2Loop[] loops;

    /** For so many event loops. */
    public Http2Protocol(int loops) {
        this.loops = new Http2Loop[loops];
    }

    @Override
    public Client connection(Edge edge, Wire wire) {
        return new Http2Client(edge, on(edge), wire);
    }

    private Http2Loop on(Edge edge) {
        int index = edge.loop.index();
        Http2Loop known = loops[index];
        if (known == null) {
            known = new Http2Loop(edge);
            loops[index] = known;
        }
        return known;
    }
}
