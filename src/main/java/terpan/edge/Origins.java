package terpan.edge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import terpan.http.Field;
import terpan.http.RequestHead;
import terpan.link.Origin;
import terpan.loop.Wire;

/**
 * Tells who a client is: its socket's address, or what a trusted proxy says in X-Forwarded-For and X-Forwarded-Proto. Anyone
 * else's forwarded fields are not believed.
 */
final class Origins {
    private static final int ADDRESS_MOST = 45;

    private final List<Network> trusted;
    private final boolean trustsUnix;

    Origins(List<String> trustedProxies) {
        this.trusted = trustedProxies.stream()
                .filter(entry -> !entry.equals("unix"))
                .map(Network::parse)
                .toList();
        this.trustsUnix = trustedProxies.contains("unix");
    }

    /** The client as its socket has it. */
    Origin of(Wire wire) {
        SocketAddress remote = wire.remoteAddress();
        SocketAddress local = wire.localAddress();
        String address = "";
        String port = "";
        if (remote instanceof InetSocketAddress tcp) {
            address = text(tcp.getAddress());
            port = Integer.toString(tcp.getPort());
        }
        if (local instanceof InetSocketAddress ours) {
            return new Origin(address, port, "http", text(ours.getAddress()), Integer.toString(ours.getPort()));
        }
        return new Origin(address, port, "http", "localhost", "");
    }

    /** Whether what the peer forwards is believed. */
    boolean trusts(Wire wire) {
        return wire.remoteAddress() instanceof InetSocketAddress tcp ? trusts(tcp.getAddress()) : trustsUnix;
    }

    private boolean trusts(InetAddress address) {
        return trusted.stream().anyMatch(network -> network.holds(address));
    }

    /**
     * The client behind a trusted proxy: the last address of X-Forwarded-For that is not itself a trusted proxy's. What is not an
     * address ends the search.
     */
    Origin behindProxy(Origin proxy, RequestHead head) {
        String scheme = new String(proxy.scheme, ISO_8859_1);
        String address = null;
        boolean found = false;
        for (int i = head.fieldCount - 1; i >= 0; i--) {
            if (head.field[i] != Field.X_FORWARDED) {
                continue;
            }
            String name = text(head, head.nameStart[i], head.nameEnd[i]).toLowerCase(Locale.ROOT);
            String value = text(head, head.valueStart[i], head.valueEnd[i]);
            if (name.equals("x-forwarded-proto") && (value.equals("https") || value.equals("http"))) {
                scheme = value;
            } else if (name.equals("x-forwarded-for") && !found) {
                String last = lastUntrusted(value);
                address = last == null ? address : last;
                found = last == null || !trusts(InetAddress.ofLiteral(last));
            }
        }
        String serverName = new String(proxy.serverName, ISO_8859_1);
        String serverPort = new String(proxy.serverPort, ISO_8859_1);
        if (address == null) {
            String port = new String(proxy.port, ISO_8859_1);
            return new Origin(new String(proxy.address, ISO_8859_1), port, scheme, serverName, serverPort);
        }
        return new Origin(address, "", scheme, serverName, serverPort);
    }

    private @Nullable String lastUntrusted(String list) {
        String found = null;
        int to = list.length();
        while (to > 0) {
            int comma = list.lastIndexOf(',', to - 1);
            String entry = list.substring(comma + 1, to).trim();
            InetAddress address = literal(entry);
            if (address == null) {
                return found;
            }
            found = text(address);
            if (!trusts(address)) {
                return found;
            }
            to = comma;
        }
        return found;
    }

    /** An address literal; null for anything else, so that no name is ever looked up. */
    static @Nullable InetAddress literal(String text) {
        if (text.isEmpty() || text.length() > ADDRESS_MOST) {
            return null;
        }
        try {
            return InetAddress.ofLiteral(text);
        } catch (IllegalArgumentException notAnAddress) {
            return null;
        }
    }

    private static String text(RequestHead head, int from, int to) {
        return new String(head.bytes, from, to - from, ISO_8859_1);
    }

    private static String text(InetAddress address) {
        String text = address.getHostAddress();
        int zone = address instanceof Inet6Address ? text.indexOf('%') : -1;
        return zone < 0 ? text : text.substring(0, zone);
    }

    /** An address with the number of leading bits that count. */
    private record Network(InetAddress address, int bits) {
        static Network parse(String text) {
            int slash = text.indexOf('/');
            InetAddress address = literal(slash < 0 ? text : text.substring(0, slash));
            if (address == null) {
                throw new IllegalArgumentException("trusted-proxies: \"" + text + "\" is not an address or a network");
            }
            int all = address.getAddress().length * 8;
            return new Network(address, slash < 0 ? all : Integer.parseInt(text.substring(slash + 1)));
        }

        boolean holds(InetAddress other) {
            byte[] ours = address.getAddress();
            byte[] theirs = other.getAddress();
            if (ours.length != theirs.length) {
                return false;
            }
            for (int bit = 0; bit < bits; bit += 8) {
                int mask = bits - bit >= 8 ? 0xff : 0xff << (8 - (bits - bit)) & 0xff;
                if (((ours[bit >> 3] ^ theirs[bit >> 3]) & mask) != 0) {
                    return false;
                }
            }
            return true;
        }
    }
}
