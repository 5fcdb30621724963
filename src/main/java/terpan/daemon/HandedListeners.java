package terpan.daemon;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import terpan.config.Address;
import terpan.config.Bind;
import terpan.systemd.HandedSockets;

/**
 * Sockets that systemd has bound for us. An address that {@code bind} names is taken from here where one listens on it, with what the setting
 * says of its clients; whatever is left is listened on as an address without more words would be.
 */
final class HandedListeners {
    private final List<Handed> left = new ArrayList<>();

    /** One of them. */
    record Handed(Bind bind, ServerSocketChannel channel) {}

    private HandedListeners() {}

    /** None. */
    static HandedListeners none() {
        return new HandedListeners();
    }

    /**
     * Takes them over.
     *
     * @param names what each of them is called
     */
    static HandedListeners open(List<String> names) throws StartFailure {
        HandedListeners handed = new HandedListeners();
        if (names.isEmpty()) {
            return handed;
        }
        try {
            for (ServerSocketChannel channel : HandedSockets.open(names)) {
                Bind bind = new Bind(
                        addressOf(channel.getLocalAddress()), Optional.empty(), Optional.empty(), false, false, false);
                handed.left.add(new Handed(bind, channel));
            }
            return handed;
        } catch (IOException refused) {
            throw new StartFailure(ExitCode.ADDRESS, String.valueOf(refused.getMessage()));
        }
    }

    private static Address addressOf(SocketAddress local) throws IOException {
        return switch (local) {
            case InetSocketAddress tcp -> new Address.Tcp(tcp.getAddress().getHostAddress(), tcp.getPort());
            case UnixDomainSocketAddress unix -> new Address.Unix(unix.getPath());
            default -> throw new IOException("a socket that was handed over listens on " + local);
        };
    }

    /** The one that listens where this says; it is not left any more. */
    Optional<ServerSocketChannel> take(Address address) {
        for (Iterator<Handed> each = left.iterator(); each.hasNext(); ) {
            Handed handed = each.next();
            if (isSame(address, handed.bind().address())) {
                each.remove();
                return Optional.of(handed.channel());
            }
        }
        return Optional.empty();
    }

    private static boolean isSame(Address named, Address theirs) {
        if (!(named instanceof Address.Tcp tcp) || !(theirs instanceof Address.Tcp other)) {
            return named.equals(theirs);
        }
        if (tcp.port() != other.port()) {
            return false;
        }
        InetSocketAddress one = new InetSocketAddress(tcp.host(), tcp.port());
        InetSocketAddress another = new InetSocketAddress(other.host(), other.port());
        if (one.isUnresolved()) {
            return false;
        }
        // Every address is written in two ways.
        return one.equals(another)
                || (one.getAddress().isAnyLocalAddress() && another.getAddress().isAnyLocalAddress());
    }

    /** Those that nobody took. */
    List<Handed> left() {
        return List.copyOf(left);
    }
}
