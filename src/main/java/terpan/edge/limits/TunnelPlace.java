package terpan.edge.limits;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import terpan.config.Tunnels;
import terpan.link.Origin;
import terpan.metrics.ClientRefusal;

/** One exchange's place among tunnels: taken with its handshake, given back once. Belongs to the exchange's loop. */
public final class TunnelPlace {
    private final TunnelPlaces places;
    private long address = AddressKey.NONE;
    private @Nullable AtomicInteger application;

    public TunnelPlace(TunnelPlaces places) {
        this.places = places;
    }

    /**
     * Takes a place; null: it is taken, else why there is none.
     *
     * @param ofApplication counts those of its application
     * @param limits what that one allows
     */
    public @Nullable ClientRefusal take(Origin client, AtomicInteger ofApplication, Tunnels limits) {
        give();
        int most = limits.most() == 0 ? Integer.MAX_VALUE : limits.most();
        if (ofApplication.incrementAndGet() > most) {
            ofApplication.decrementAndGet();
            return ClientRefusal.TUNNELS;
        }
        if (!places.enter()) {
            ofApplication.decrementAndGet();
            return ClientRefusal.TUNNELS;
        }
        application = ofApplication;
        address = places.key(client);
        if (!places.enter(address)) {
            give();
            return ClientRefusal.TUNNELS_PER_ADDRESS;
        }
        return null;
    }

    /** Gives it back; nothing happens without one. */
    public void give() {
        AtomicInteger of = application;
        application = null;
        if (of != null) {
            of.decrementAndGet();
            places.leave(address);
        }
    }
}
