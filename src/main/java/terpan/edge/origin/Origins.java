package terpan.edge.origin;

import static terpan.config.Settings.Told.FORWARDED;
import static terpan.config.Settings.Told.X_FORWARDED_FOR;
import static terpan.config.Settings.Told.X_FORWARDED_HOST;
import static terpan.config.Settings.Told.X_FORWARDED_PORT;
import static terpan.config.Settings.Told.X_FORWARDED_PROTO;
import static terpan.config.Settings.Told.X_REAL_IP;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import terpan.config.AddressText;
import terpan.config.Settings;
import terpan.link.ForwardedFields;
import terpan.link.Origin;
import terpan.loop.Wire;

/**
 * Tells who a client is by its socket's address, whose word about others is believed, and which fields tell a worker. Anyone
 * else's forwarded fields are not believed.
 */
public final class Origins {
    /** What is believed of proxies, and what workers are told. */
    public final Settings.Forwarding rules;

    private final List<Network> trusted;
    private final boolean trustsUnix;

    /**
     * @param trustedProxies networks, or {@code unix} for clients on Unix sockets
     */
    public Origins(List<String> trustedProxies, Settings.Forwarding rules) {
        this.rules = rules;
        this.trusted = trustedProxies.stream()
                .filter(entry -> !entry.equals("unix"))
                .map(Network::parse)
                .toList();
        this.trustsUnix = trustedProxies.contains("unix");
    }

    /** Who is at the other end of a client's socket. */
    public Peer peer(Wire wire) {
        boolean believed = trusts(wire.remoteAddress());
        boolean eachRequest = believed || rules.requestIds() || rules.via().isPresent();
        return new Peer(this, of(wire), believed, eachRequest);
    }

    /** The client as its socket has it. */
    private Origin of(Wire wire) {
        String address = "";
        String port = "";
        if (wire.remoteAddress() instanceof InetSocketAddress tcp) {
            address = AddressText.of(tcp.getAddress());
            port = Integer.toString(tcp.getPort());
        }
        String serverName = "localhost";
        String serverPort = "";
        if (wire.localAddress() instanceof InetSocketAddress ours) {
            serverName = AddressText.of(ours.getAddress());
            serverPort = Integer.toString(ours.getPort());
        }
        String scheme = wire.secure() ? "https" : "http";
        return new Origin(address, port, scheme, serverName, serverPort, told(wire, address, scheme, serverPort));
    }

    private ForwardedFields told(Wire wire, String address, String scheme, String serverPort) {
        ForwardedFields fields = new ForwardedFields();
        fields.add(ForwardedFields.FOR, tells(X_FORWARDED_FOR) ? address : "");
        fields.add(ForwardedFields.PROTO, tells(X_FORWARDED_PROTO) ? scheme : "");
        fields.add(ForwardedFields.PORT, tells(X_FORWARDED_PORT) ? serverPort : "");
        fields.add(ForwardedFields.REAL_IP, tells(X_REAL_IP) ? address : "");
        fields.add(ForwardedFields.CLIENT_SUBJECT, wire.peerSubject());
        if (tells(FORWARDED)) {
            fields.add(ForwardedFields.FORWARDED, element(address, scheme)).hostInForwarded();
        }
        return tells(X_FORWARDED_HOST) ? fields.ownHost() : fields;
    }

    /** Whether workers are told a field of everyone. */
    boolean tells(Settings.Told field) {
        return rules.fields().contains(field);
    }

    /** An element of Forwarded (RFC 7239, section 4) but for the host. */
    static String element(String address, String scheme) {
        String node = address.isEmpty() ? "unknown" : address.indexOf(':') < 0 ? address : "\"[" + address + "]\"";
        return "for=" + node + ";proto=" + scheme;
    }

    /** Whether nobody is named whose word about others is believed. */
    public boolean trustsNobody() {
        return trusted.isEmpty() && !trustsUnix;
    }

    /** Whether what the peer forwards is believed. */
    public boolean trusts(@Nullable SocketAddress peer) {
        return peer instanceof InetSocketAddress tcp ? trusts(tcp.getAddress()) : trustsUnix;
    }

    boolean trusts(InetAddress address) {
        for (Network network : trusted) {
            if (network.holds(address)) {
                return true;
            }
        }
        return false;
    }
}
