package terpan.edge.http2;

import terpan.edge.Client;
import terpan.edge.ClientProtocol;
import terpan.edge.Edge;
import terpan.loop.Wire;

/** HTTP/2 without TLS for clients that know that it is spoken here (RFC 9113, section 3.3), and the other protocol for all others. */
public final class PriorKnowledge implements ClientProtocol {
    private final Http2Protocol http2;
    private final ClientProtocol other;

    /**
     * @param other what clients speak whose first bytes are not those of HTTP/2
     */
    public PriorKnowledge(Http2Protocol http2, ClientProtocol other) {
        this.http2 = http2;
        this.other = other;
    }

    @Override
    public Client connection(Edge edge, Wire wire) {
        return new FirstBytes(edge, wire, http2, other);
    }
}
