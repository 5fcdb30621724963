package terpan.edge.limits;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import terpan.edge.origin.Peer;
import terpan.link.Origin;
import terpan.loop.Loop;
import terpan.loop.Wire;
import terpan.metrics.ClientRefusal;
import terpan.metrics.Limit;
import terpan.metrics.LoopMetrics;

/**
 * Holds the clients of one loop to what an address may have open and may ask, and new requests to the memory there is. Looks at addresses
 * only where such a limit is set. Belongs to the loop's thread.
 */
public final class ClientLimits {
    private static final int SERVICE_UNAVAILABLE = 503;

    /** What becomes of a new connection. */
    public enum Verdict {
        /** It may stay. */
        ADMITTED,
        /** It is one too many of its address, and is told so. */
        REFUSED,
        /** It is one of very many, and is cut at once. */
        CUT
    }

    /**
     * Why a request is refused for now.
     *
     * @param what one sentence for the client
     * @param waitNanos after which it makes sense to come again; 0: that is not known
     */
    public record Refused(int status, String what, long waitNanos) {}

    private static final Optional<Refused> NOT_REFUSED = Optional.empty();

    private final Loop loop;
    private final Bounds bounds;
    private final Advice advice;
    private final LoopMetrics metrics;
    private @Nullable AddressCounts addresses;
    private @Nullable RequestRates rates;

    public ClientLimits(Loop loop, Bounds bounds, Advice advice, LoopMetrics metrics) {
        this.loop = loop;
        this.bounds = bounds;
        this.advice = advice;
        this.metrics = metrics;
        this.addresses = bounds.addresses;
        this.rates = bounds.rates;
    }

    /** Takes over what the bounds have become. */
    public void change() {
        addresses = bounds.addresses;
        rates = bounds.rates;
    }

    /** The key under which a peer's connections are counted; {@link AddressKey#NONE} where they are not. */
    public long key(Peer peer, Wire wire) {
        return addresses == null || bounds.perAddress == 0 || peer.believed()
                ? AddressKey.NONE
                : AddressKey.of(wire.remoteAddress());
    }

    /** A connection was accepted. */
    public Verdict enter(long key, Peer peer) {
        AddressCounts counts = addresses;
        if (counts == null || key == AddressKey.NONE) {
            return Verdict.ADMITTED;
        }
        int open = counts.enter(key);
        if (open <= bounds.perAddress) {
            return Verdict.ADMITTED;
        }
        advice.tell(Advice.Matter.CONNECTIONS_PER_ADDRESS, loop.now(), peer::name);
        return open > 2 * bounds.perAddress ? Verdict.CUT : Verdict.REFUSED;
    }

    /** The connection is closed; called once. */
    public void leave(long key) {
        AddressCounts counts = addresses;
        if (counts != null && key != AddressKey.NONE) {
            counts.leave(key);
        }
    }

    /**
     * Why a request whose head was read is refused; empty when it is not.
     *
     * @param own what its application allows an address besides; null: whatever all do
     */
    public Optional<Refused> refusal(Origin client, @Nullable RequestRates own) {
        RequestRates table = rates;
        long wait = table == null ? 0 : wait(table, AddressKey.of(client));
        if (own != null && wait == 0) {
            wait = wait(own, AddressKey.of(client));
        }
        if (wait > 0) {
            metrics.clientRefused(ClientRefusal.REQUEST_RATE);
            advice.tell(Advice.Matter.REQUEST_RATE, loop.now(), () -> Peer.text(client.address));
            return Optional.of(
                    new Refused(ClientRefusal.REQUEST_RATE.status(), "Your address sends too many requests.", wait));
        }
        if (bounds.memory.exhausted()) {
            metrics.limitReached(Limit.MEMORY);
            advice.tell(Advice.Matter.MEMORY, loop.now(), () -> Peer.text(client.address));
            return Optional.of(new Refused(SERVICE_UNAVAILABLE, "The server has no memory to spare at the moment.", 0));
        }
        return NOT_REFUSED;
    }

    private long wait(RequestRates table, long address) {
        return address == AddressKey.NONE ? 0 : table.take(address, loop.now());
    }
}
