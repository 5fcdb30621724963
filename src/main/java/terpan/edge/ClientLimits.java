package terpan.edge;

import org.jspecify.annotations.Nullable;
import terpan.link.Origin;
import terpan.log.Cut;
import terpan.loop.Wire;
import terpan.metrics.ClientRefusal;
import terpan.metrics.Limit;

/**
 * Holds the connections of one loop to what an address may have open and may ask, and new requests to the memory there is.
 * Looks at addresses only where such a limit is set. Belongs to the loop's thread.
 */
final class ClientLimits {
    private static final int SERVICE_UNAVAILABLE = 503;

    private final Edge edge;
    private final BufferMemory memory;
    private final @Nullable AddressCounts addresses;
    private final @Nullable RequestRates rates;

    ClientLimits(Edge edge) {
        this.edge = edge;
        this.memory = edge.bounds.memory;
        this.addresses = edge.bounds.addresses;
        this.rates = edge.bounds.rates;
    }

    /** A connection was accepted: one too many of its address is told so, one of very many is cut at once. */
    void enter(ClientConnection connection, Peer peer, Wire wire) {
        AddressCounts counts = addresses;
        long address = counts == null || peer.believed() ? AddressKey.NONE : AddressKey.of(wire.remoteAddress());
        if (counts == null || address == AddressKey.NONE) {
            return;
        }
        int open = counts.enter(address);
        peer.counted = address;
        if (open > edge.bounds.perAddress) {
            edge.advice.tell(Advice.Matter.CONNECTIONS_PER_ADDRESS, edge.loop.now(), peer::name);
        }
        if (open > 2 * edge.bounds.perAddress) {
            edge.metrics.clientRefused(ClientRefusal.CONNECTIONS_PER_ADDRESS);
            connection.cut(Cut.NONE);
        } else if (open > edge.bounds.perAddress) {
            connection.turnAway();
        }
    }

    /** The connection is closed; called once. */
    void leave(Peer peer) {
        AddressCounts counts = addresses;
        if (counts != null && peer.counted != AddressKey.NONE) {
            counts.leave(peer.counted);
        }
    }

    /** Whether a request whose head was read has to be refused; its client is told so then. */
    boolean holdsBack(ClientConnection connection, Origin client) {
        RequestRates table = rates;
        long wait = table == null ? 0 : wait(table, AddressKey.of(client));
        if (wait > 0) {
            edge.metrics.clientRefused(ClientRefusal.REQUEST_RATE);
            edge.advice.tell(Advice.Matter.REQUEST_RATE, edge.loop.now(), () -> Peer.text(client.address));
            connection.hold(ClientRefusal.REQUEST_RATE.status(), "Your address sends too many requests.", wait);
        } else if (memory.exhausted()) {
            edge.metrics.limitReached(Limit.MEMORY);
            edge.advice.tell(Advice.Matter.MEMORY, edge.loop.now(), () -> Peer.text(client.address));
            connection.hold(SERVICE_UNAVAILABLE, "The server has no memory to spare at the moment.", 0);
        } else {
            return false;
        }
        return true;
    }

    private long wait(RequestRates table, long address) {
        return address == AddressKey.NONE ? 0 : table.take(address, edge.loop.now());
    }
}
