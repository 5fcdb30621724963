package terpan.edge.limits;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import terpan.config.Settings;

/** What the clients of all loops together may take: connections, requests, memory. Thread-safe. What is not limited costs nothing. */
public final class Bounds {
    final BufferMemory memory;
    volatile int perAddress;

    /** Null where the connections of an address have never been limited. */
    volatile @Nullable AddressCounts addresses;

    /** Null where the requests of an address are not limited. */
    volatile @Nullable RequestRates rates;

    private final TunnelPlaces tunnels;
    private volatile Settings.Limits limits;
    private volatile int connectionsMost;
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger onTheirWay = new AtomicInteger();

    /**
     * Makes the bounds.
     *
     * @param connectionsMost most client connections, as the descriptors allow
     */
    public Bounds(Settings.Limits limits, int connectionsMost, BufferMemory memory) {
        this.memory = memory;
        this.connectionsMost = connectionsMost;
        this.limits = limits;
        this.tunnels = new TunnelPlaces(limits.tunnelsPerAddress());
        this.perAddress = limits.connectionsPerAddress();
        this.addresses = perAddress > 0 ? new AddressCounts() : null;
        this.rates = RequestRates.of(limits).orElse(null);
    }

    /**
     * Other limits from now on; what is counted already counts on. Each loop takes them over by {@link ClientLimits#change}. One thread at a
     * time.
     *
     * @param most most client connections, as the descriptors allow
     */
    public void change(Settings.Limits newer, int most) {
        connectionsMost = most;
        memory.most(newer.memory());
        tunnels.perAddress(newer.tunnelsPerAddress());
        perAddress = newer.connectionsPerAddress();
        if (perAddress > 0 && addresses == null) {
            addresses = new AddressCounts();
        }
        if (newer.requestRate() != limits.requestRate() || newer.requestBurst() != limits.requestBurst()) {
            rates = RequestRates.of(newer).orElse(null);
        }
        limits = newer;
    }

    /** The account of the buffers. */
    public BufferMemory memory() {
        return memory;
    }

    /** The places of tunnels. */
    public TunnelPlaces tunnels() {
        return tunnels;
    }

    /** Most client connections. */
    public int connectionsMost() {
        return connectionsMost;
    }

    /** One more client connection. */
    public void opened() {
        connections.incrementAndGet();
    }

    /** So many more, or fewer where negative, are accepted and have not reached their loops. */
    public void onItsWay(int change) {
        onTheirWay.addAndGet(change);
    }

    /** One less. */
    public void closed() {
        connections.decrementAndGet();
    }

    /** Addresses that have connections open; 0 where they are not counted. */
    public int addresses() {
        AddressCounts counts = addresses;
        return counts == null ? 0 : counts.addresses();
    }

    /** Whether there are as many connections as may be. */
    public boolean full() {
        return connections.get() + onTheirWay.get() >= connectionsMost;
    }
}
