package terpan.daemon;

import terpan.config.Bind;
import terpan.edge.ClientProtocol;
import terpan.edge.http1.ClientConnection;
import terpan.edge.http2.Http2Protocol;
import terpan.edge.http2.PriorKnowledge;
import terpan.tls.ServerTls;
import terpan.tls.TlsWire;

/** Which versions of HTTP the clients of a listener may speak. */
final class ClientProtocols {
    private final Http2Protocol http2;

    /** For so many event loops. */
    ClientProtocols(int loops) {
        http2 = new Http2Protocol(loops);
    }

    /** Over TLS what was agreed on; without it HTTP/1, and HTTP/2 where the listener says so. */
    ClientProtocol of(Bind bind) {
        ClientProtocol http1 = ClientConnection::new;
        if (bind.tls()) {
            return (edge, wire) ->
                    wire instanceof TlsWire agreed && agreed.protocol().equals(ServerTls.HTTP_2)
                            ? http2.connection(edge, wire)
                            : http1.connection(edge, wire);
        }
        return bind.h2c() ? new PriorKnowledge(http2, http1) : http1;
    }
}
