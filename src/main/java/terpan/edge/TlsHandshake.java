package terpan.edge;

import org.jspecify.annotations.Nullable;
import terpan.edge.limits.AddressKey;
import terpan.edge.limits.ClientLimits;
import terpan.edge.origin.Peer;
import terpan.loop.Wire;
import terpan.loop.WireHandler;
import terpan.metrics.ClientRefusal;
import terpan.metrics.Limit;
import terpan.tls.LoopTls;
import terpan.tls.Opening;
import terpan.tls.TlsGreeting;
import terpan.tls.TlsWire;

/**
 * A client's connection until its TLS handshake is done. It counts as one of its address; where that has far too many it is cut, for a
 * handshake costs more than anything else. Belongs to the loop's thread.
 */
final class TlsHandshake implements Opening {
    private final Edge edge;
    private final Wire wire;
    private final ClientProtocol protocol;
    private final long addressKey;
    private final long began;
    private @Nullable TlsGreeting greeting;

    TlsHandshake(Edge edge, Wire wire, ClientProtocol protocol) {
        this.edge = edge;
        this.wire = wire;
        this.protocol = protocol;
        this.began = edge.loop.now();
        this.addressKey = edge.clientLimits.key(peer(), wire);
    }

    private Peer peer() {
        return edge.settings().origins.peer(wire);
    }

    /** Begins it, and gives what hears the wire from now on. */
    WireHandler begin(LoopTls tls) {
        TlsGreeting begun = tls.over(wire, this);
        greeting = begun;
        if (addressKey != AddressKey.NONE && edge.clientLimits.enter(addressKey, peer()) == ClientLimits.Verdict.CUT) {
            edge.metrics.clientRefused(ClientRefusal.CONNECTIONS_PER_ADDRESS);
            begun.reset();
        }
        return begun;
    }

    /** When it began, monotonic nanoseconds. */
    long began() {
        return began;
    }

    /** It has only until then, monotonic nanoseconds. */
    void hurry(long until) {
        if (greeting != null) {
            greeting.hurry(until);
        }
    }

    /** Others need its place. */
    void makeRoom() {
        edge.metrics.limitReached(Limit.IDLE_FOR_OTHERS);
        close();
    }

    void close() {
        if (greeting != null) {
            greeting.close();
        }
    }

    @Override
    public WireHandler opened(TlsWire over) {
        edge.clientLimits.leave(addressKey);
        WireHandler client = edge.accepted(over, protocol);
        edge.shaken(this);
        return client;
    }

    @Override
    public void failed() {
        edge.clientLimits.leave(addressKey);
        edge.shaken(this);
    }
}
