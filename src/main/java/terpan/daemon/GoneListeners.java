package terpan.daemon;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Set;
import java.util.function.Predicate;

/** Whether a connection's own address is that of a listener that is no more; one of every address is told by its port. */
record GoneListeners(Set<SocketAddress> places) implements Predicate<SocketAddress> {
    @Override
    public boolean test(SocketAddress ours) {
        return places.contains(ours)
                || (ours instanceof InetSocketAddress tcp
                        && places.stream()
                                .anyMatch(place -> place instanceof InetSocketAddress any
                                        && any.getAddress().isAnyLocalAddress()
                                        && any.getPort() == tcp.getPort()));
    }
}
