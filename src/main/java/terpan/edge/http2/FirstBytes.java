package terpan.edge.http2;

import java.io.IOException;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import terpan.edge.Client;
import terpan.edge.ClientProtocol;
import terpan.edge.Edge;
import terpan.edge.Exchange;
import terpan.edge.limits.ClientLimits;
import terpan.edge.origin.GreetedWire;
import terpan.edge.origin.Peer;
import terpan.http2.Http2Connection;
import terpan.log.Cut;
import terpan.loop.Timer;
import terpan.loop.Wire;
import terpan.metrics.ClientRefusal;
import terpan.metrics.Limit;
import terpan.picture.Connections;

/**
 * A client of whom it is not known yet which version of HTTP it speaks: its first bytes tell, and from then on it is another's, whom it hands
 * the wire's events. Belongs to the loop's thread.
 */
final class FirstBytes implements Client {
    private final Edge edge;
    private final Wire wire;
    private final ClientProtocol http2;
    private final ClientProtocol other;
    private final Peer peer;
    private final long addressKey;
    private final Timer timer;
    private final byte[] bytes = new byte[Http2Connection.PREFACE_LENGTH];
    private int length;
    private long since;
    private boolean closed;
    private @Nullable Client known;

    FirstBytes(Edge edge, Wire wire, ClientProtocol http2, ClientProtocol other) {
        this.edge = edge;
        this.wire = wire;
        this.http2 = http2;
        this.other = other;
        this.peer = edge.settings().origins.peer(wire);
        this.addressKey = edge.clientLimits.key(peer, wire);
        this.timer = edge.loop.timer(this::late);
    }

    @Override
    public void begin() {
        since = edge.loop.now();
        timer.set(since + edge.settings().limits.headTimeout().toNanos());
        ClientLimits.Verdict verdict = edge.clientLimits.enter(addressKey, peer);
        if (verdict == ClientLimits.Verdict.CUT) {
            edge.metrics.clientRefused(ClientRefusal.CONNECTIONS_PER_ADDRESS);
            cut(Cut.NONE);
        } else if (edge.leaves(this)) {
            stopSoon(since + Edge.IDLE_GRACE_NANOS);
        }
    }

    @Override
    public void onReadable() {
        if (known != null) {
            known.onReadable();
            return;
        }
        try {
            int received = wire.receive(bytes, length, bytes.length - length);
            if (received < 0 && length == 0) {
                close();
                return;
            }
            length += Math.max(0, received);
            switch (Http2Connection.begins(bytes, 0, length)) {
                case YES -> become(http2);
                case NO -> become(other);
                case MORE -> {
                    if (received < 0) {
                        become(other);
                    }
                }
            }
        } catch (IOException reset) {
            close();
        }
    }

    private void become(ClientProtocol protocol) {
        timer.cancel();
        Client client = protocol.connection(
                edge, new GreetedWire(wire, wire.remoteAddress(), wire.localAddress(), Arrays.copyOf(bytes, length)));
        known = client;
        edge.becomes(this, client);
        client.onReadable();
    }

    @Override
    public void onFlush() {
        if (known != null) {
            known.onFlush();
        }
    }

    @Override
    public void onFault(RuntimeException fault) {
        if (known != null) {
            known.onFault(fault);
        } else {
            cut(Cut.FAULT);
        }
    }

    /** It said nothing, or too little to tell. */
    private void late() {
        edge.metrics.limitReached(Limit.KEEP_ALIVE_IDLE);
        close();
    }

    @Override
    public long addressKey() {
        return addressKey;
    }

    @Override
    public Connections.Protocol protocol() {
        return Connections.Protocol.UNKNOWN;
    }

    @Override
    public Connections.State state() {
        return Connections.State.READING;
    }

    @Override
    public long idleSince() {
        return since;
    }

    @Override
    public long heldUpSince() {
        return Long.MAX_VALUE;
    }

    @Override
    public void makeRoom(long before) {
        // It holds a few bytes.
    }

    @Override
    public boolean any(Predicate<Exchange> what) {
        return false;
    }

    @Override
    public boolean cameBy(Predicate<SocketAddress> listener) {
        SocketAddress ours = wire.localAddress();
        return ours != null && listener.test(ours);
    }

    @Override
    public void closeIdle() {
        edge.metrics.limitReached(Limit.IDLE_FOR_OTHERS);
        close();
    }

    @Override
    public void stopSoon(long deadline) {
        timer.set(deadline);
    }

    @Override
    public int stopWaiting() {
        close();
        return 0;
    }

    @Override
    public void cut(Cut by) {
        wire.reset();
        close();
    }

    private void close() {
        if (!closed) {
            closed = true;
            timer.cancel();
            wire.close();
            edge.closed(this);
        }
    }
}
