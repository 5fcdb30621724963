package terpan.edge.limits;

import java.util.concurrent.atomic.AtomicInteger;
import terpan.link.Origin;

/** How many tunnels there may be at a time, in all and of one address; handshakes under way count. Thread-safe. */
public final class TunnelPlaces {
    private final AtomicInteger open = new AtomicInteger();
    private final AddressCounts addresses = new AddressCounts();
    private volatile int most = Integer.MAX_VALUE;
    private volatile int perAddress;

    TunnelPlaces(int perAddress) {
        this.perAddress = perAddress;
    }

    /** As many as the descriptors allow from now on: each is a connection to a worker besides. */
    public void most(int descriptors) {
        most = descriptors;
    }

    void perAddress(int tunnels) {
        perAddress = tunnels;
    }

    /** One more in all; false: there is no room. */
    boolean enter() {
        if (open.incrementAndGet() > most) {
            open.decrementAndGet();
            return false;
        }
        return true;
    }

    /** What a client's tunnels are counted by; {@link AddressKey#NONE} where they are not. */
    long key(Origin client) {
        return perAddress == 0 ? AddressKey.NONE : AddressKey.of(client);
    }

    /** One more of an address, which is counted even if it may not be. */
    boolean enter(long address) {
        return address == AddressKey.NONE || addresses.enter(address) <= perAddress;
    }

    /** One less. */
    void leave(long address) {
        open.decrementAndGet();
        if (address != AddressKey.NONE) {
            addresses.leave(address);
        }
    }
}
