package terpan.pool;

import java.time.Duration;
import java.util.function.Supplier;
import terpan.link.Connections;
import terpan.link.Destinations;
import terpan.link.HttpLink;
import terpan.link.Link;
import terpan.link.LinkLimits;
import terpan.link.WorkerEndpoint;
import terpan.loop.Loop;

/** A worker that someone else runs: HTTP, and never the private field about the client. */
final class AttachedEndpoint implements WorkerEndpoint {
    /** Shorter than the usual idle times of HTTP servers, of which nothing is known here. */
    private static final Duration KEEP_IDLE = Duration.ofMillis(1500);

    private final String name;
    private final Destinations destinations;
    private final LinkLimits limits;
    private final Connections connections;

    /** A server of which nothing is known may have a thread for a connection: it gets no more of them than requests. */
    AttachedEndpoint(String name, Destinations destinations, int capacity, Supplier<Duration> connectTimeout) {
        this.name = name;
        this.destinations = destinations;
        this.limits = new LinkLimits(KEEP_IDLE, Integer.MAX_VALUE, Integer.MAX_VALUE, false, connectTimeout);
        this.connections = new Connections(capacity);
    }

    @Override
    public boolean ours() {
        return false;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Link open(Loop loop) {
        return new HttpLink(loop, destinations, limits, connections);
    }

    @Override
    public boolean alive() {
        return true;
    }
}
