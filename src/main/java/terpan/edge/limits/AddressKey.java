package terpan.edge.limits;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import terpan.edge.origin.Network;
import terpan.link.Origin;

/** What limits by address go by: an IPv4 address, or an IPv6 network of 64 bits, for one client has all addresses of one. */
public final class AddressKey {
    /** No address: a client on a Unix socket, or one whose address nobody told. */
    public static final long NONE = 0;

    private static final long VERSION_4 = 0xffffL << 48;
    private static final int NETWORK_BYTES = 8;

    private AddressKey() {}

    static long of(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress tcp ? of(tcp.getAddress()) : NONE;
    }

    /** Of whoever a request is from: behind a believed proxy that is the address that the proxy names. */
    public static long of(Origin client) {
        InetAddress address = Network.literal(new String(client.address, StandardCharsets.ISO_8859_1));
        return address == null ? NONE : of(address);
    }

    static long of(InetAddress address) {
        byte[] raw = address.getAddress();
        long key = raw.length == Integer.BYTES ? VERSION_4 : 0;
        for (int i = 0; i < Math.min(raw.length, NETWORK_BYTES); i++) {
            key ^= (raw[i] & 0xffL) << 8 * (Math.min(raw.length, NETWORK_BYTES) - 1 - i);
        }
        return key;
    }
}
