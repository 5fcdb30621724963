package terpan.edge;

import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import terpan.loop.Timer;
import terpan.loop.Wire;
import terpan.loop.WireHandler;
import terpan.metrics.ClientRefusal;

/**
 * A connection on a listener that asks for the PROXY protocol, until its header has come: only then is there a client. What is
 * not a header, comes too late, or comes from a peer that is not to be believed, is cut without an answer. Belongs to the loop's
 * thread.
 */
final class ProxyGreeting implements WireHandler {
    private final Edge edge;
    private final Wire wire;
    private final Timer deadline;
    private final ProxyHeader header = new ProxyHeader();
    private byte[] bytes = new byte[ProxyHeader.MOST];
    private int end;
    private @Nullable WireHandler client;

    ProxyGreeting(Edge edge, Wire wire) {
        this.edge = edge;
        this.wire = wire;
        this.deadline = edge.loop.timer(this::refuse);
    }

    /** False when the peer's word is not believed: the connection is cut. */
    boolean begin() {
        if (!edge.origins.trustsNobody() && !edge.origins.trusts(wire.remoteAddress())) {
            refuse();
            return false;
        }
        deadline.set(edge.loop.now() + edge.limits.headTimeout().toNanos());
        return true;
    }

    @Override
    public void onReadable() {
        if (client != null) {
            client.onReadable();
            return;
        }
        int received;
        try {
            received = wire.receive(bytes, end, bytes.length - end);
        } catch (IOException reset) {
            close();
            return;
        }
        if (received < 0) {
            close();
            return;
        }
        end += received;
        int result = header.parse(bytes, 0, end);
        if (result >= 0) {
            introduce(result);
        } else if (result == ProxyHeader.BAD || end == bytes.length) {
            refuse();
        }
    }

    private void introduce(int headerEnd) {
        deadline.cancel();
        byte[] ahead = Arrays.copyOfRange(bytes, headerEnd, end);
        bytes = new byte[0];
        Wire known = wire;
        if (header.unix) {
            known = new ProxiedWire(wire, null, null, ahead);
        } else if (header.source != null) {
            known = new ProxiedWire(wire, header.source, header.destination, ahead);
        } else {
            known = new ProxiedWire(wire, wire.remoteAddress(), wire.localAddress(), ahead);
        }
        edge.introduced(this);
        WireHandler introduced = edge.accepted(known);
        client = introduced;
        if (ahead.length > 0) {
            introduced.onReadable();
        }
    }

    private void refuse() {
        edge.metrics.clientRefused(ClientRefusal.PROXY_HEADER);
        wire.reset();
        close();
    }

    void close() {
        deadline.cancel();
        wire.close();
        edge.introduced(this);
    }

    @Override
    public void onFlush() {
        if (client != null) {
            client.onFlush();
        }
    }

    @Override
    public void onFault(RuntimeException fault) {
        if (client != null) {
            client.onFault(fault);
        } else {
            close();
        }
    }
}
