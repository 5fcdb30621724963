package terpan.edge;

import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import terpan.edge.origin.Network;
import terpan.edge.origin.Peer;
import terpan.link.Origin;

/**
 * An application is worked on: its clients get a page that says so, but for those that work on it.
 *
 * @param through addresses and networks whose clients are served
 */
public record Maintenance(List<Network> through) {
    /** Longest list of addresses. */
    public static final int MOST = 100;

    /**
     * From addresses as people write them.
     *
     * @throws IllegalArgumentException one is neither an address nor a network; the message says which
     */
    public static Maintenance of(List<String> addresses) {
        return new Maintenance(addresses.stream().map(Network::of).toList());
    }

    /** Whether this client is served; one on a Unix socket has no address and is. */
    boolean lets(Origin client) {
        if (client.address.length == 0) {
            return true;
        }
        @Nullable InetAddress address = Network.literal(Peer.text(client.address));
        return address != null && through.stream().anyMatch(network -> network.holds(address));
    }
}
