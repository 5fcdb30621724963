package terpan.daemon;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import terpan.config.Address;
import terpan.link.Connections;
import terpan.link.HttpLink;
import terpan.link.Link;
import terpan.link.LinkLimits;
import terpan.link.WorkerPoint;
import terpan.loop.Loop;

/** A worker that someone else runs: HTTP, and never the private field about the client. */
final class AttachedPoint implements WorkerPoint {
    /** Shorter than the usual idle times of HTTP servers, of which nothing is known here. */
    private static final Duration KEEP_IDLE = Duration.ofMillis(1500);

    private static final LinkLimits LIMITS = new LinkLimits(KEEP_IDLE, Integer.MAX_VALUE, Integer.MAX_VALUE, false);

    private final String name;
    private final SocketAddress address;
    private final Connections connections;

    /** A server of which nothing is known may have a thread for a connection: it gets no more of them than requests. */
    AttachedPoint(String name, Address where, int capacity) {
        this.name = name;
        this.connections = new Connections(capacity);
        this.address = switch (where) {
            case Address.Unix unix -> UnixDomainSocketAddress.of(unix.path());
            case Address.Tcp tcp -> new InetSocketAddress(tcp.host(), tcp.port());
        };
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Link open(Loop loop) {
        return new HttpLink(loop, address, LIMITS, connections);
    }

    @Override
    public boolean alive() {
        return true;
    }
}
