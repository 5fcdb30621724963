package terpan.edge.limits;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import terpan.config.Settings;

/** What the clients of all loops together may take: connections, requests, memory. Thread-safe. What is not limited costs nothing. */
public final class Bounds {
    final BufferMemory memory;
    final int perAddress;

    /** Null where the connections of an address are not limited. */
    final @Nullable AddressCounts addresses;

    /** Null where the requests of an address are not limited. */
    final @Nullable RequestRates rates;

    private final int connectionsMost;
    private final AtomicInteger connections = new AtomicInteger();

    /**
     * Makes the bounds.
     *
     * @param connectionsMost most client connections, as the descriptors allow
     */
    public Bounds(Settings.Limits limits, int connectionsMost, BufferMemory memory) {
        this.memory = memory;
        this.connectionsMost = connectionsMost;
        this.perAddress = limits.connectionsPerAddress();
        this.addresses = perAddress > 0 ? new AddressCounts() : null;
        this.rates = limits.requestRate() > 0
                ? new RequestRates(
                        limits.requestRate(),
                        limits.requestBurst(),
                        ThreadLocalRandom.current().nextLong())
                : null;
    }

    /** The account of the buffers. */
    public BufferMemory memory() {
        return memory;
    }

    /** Most client connections. */
    public int connectionsMost() {
        return connectionsMost;
    }

    /** One more client connection. */
    public void opened() {
        connections.incrementAndGet();
    }

    /** One less. */
    public void closed() {
        connections.decrementAndGet();
    }

    /** Addresses that have connections open; 0 where they are not counted. */
    public int addresses() {
        return addresses == null ? 0 : addresses.addresses();
    }

    /** Whether there are as many connections as may be. */
    public boolean full() {
        return connections.get() >= connectionsMost;
    }
}
