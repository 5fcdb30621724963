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
import terpan.config.HandedOver;
import terpan.config.Located;
import terpan.handover.HandedSockets;

/**
 * Sockets that systemd, or the Terpan before, has bound for us. An address that {@code bind} names is taken from here where one listens on it,
 * with what the setting says of its clients. Of systemd's whatever is left is listened on as an address without more words would be; what is
 * left of those that were a Terpan's own is closed.
 */
final class HandedListeners {
    private final List<Handed> left = new ArrayList<>();

    /**
     * One of them.
     *
     * @param bind where it listens
     * @param named its address as the settings of the Terpan before had it, such as one with port 0; empty: nobody's settings named it
     * @param stays whether it is listened on even if no setting names it
     */
    record Handed(Bind bind, String named, ServerSocketChannel channel, boolean stays) {}

    private HandedListeners() {}

    /** None. */
    static HandedListeners none() {
        return new HandedListeners();
    }

    /** Those that this process's variables tell of, as systemd sets them. */
    static HandedListeners ofSystemd() throws StartFailure {
        return switch (HandedOver.names(System.getenv(), ProcessHandle.current().pid())) {
            case Located.Found<List<String>> found -> open(found.value());
            case Located.Missing<List<String>> wrong -> throw new StartFailure(ExitCode.CONFIGURATION, wrong.message());
        };
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
                handed.left.add(new Handed(plain(addressOf(channel.getLocalAddress())), "", channel, true));
            }
            return handed;
        } catch (IOException refused) {
            throw new StartFailure(ExitCode.ADDRESS, String.valueOf(refused.getMessage()));
        }
    }

    /**
     * Adds one that the Terpan before has.
     *
     * @param named as the settings of that one had its address
     * @param stays whether someone else had bound it for that one
     */
    void add(String named, ServerSocketChannel channel, boolean stays) throws IOException {
        left.add(new Handed(plain(addressOf(channel.getLocalAddress())), named, channel, stays));
    }

    private static Bind plain(Address address) {
        return new Bind(address, Optional.empty(), Optional.empty(), false, false, false);
    }

    private static Address addressOf(SocketAddress local) throws IOException {
        return switch (local) {
            case InetSocketAddress tcp -> new Address.Tcp(tcp.getAddress().getHostAddress(), tcp.getPort());
            case UnixDomainSocketAddress unix -> new Address.Unix(unix.getPath());
            default -> throw new IOException("a socket that was handed over listens on " + local);
        };
    }

    /** The one that listens where this says; it is not left any more. */
    Optional<Handed> take(Address address) {
        for (Iterator<Handed> each = left.iterator(); each.hasNext(); ) {
            Handed handed = each.next();
            if (handed.named().equals(address.toString())
                    || isSame(address, handed.bind().address())) {
                each.remove();
                return Optional.of(handed);
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
