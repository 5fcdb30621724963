package terpan.edge.origin;

import java.net.InetAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import terpan.http.HostRules;

/** An address with the number of leading bits that count; addresses as text. */
public record Network(InetAddress address, int bits) {
    static Network parse(String text) {
        return read(text)
                .orElseThrow(() -> new IllegalArgumentException(
                        "trusted-proxies: \"" + text + "\" is not an address or a network"));
    }

    private static Optional<Network> read(String text) {
        int slash = text.indexOf('/');
        InetAddress address = literal(slash < 0 ? text : text.substring(0, slash));
        if (address == null) {
            return Optional.empty();
        }
        int all = address.getAddress().length * 8;
        String bits = slash < 0 ? Integer.toString(all) : text.substring(slash + 1);
        return bits.matches("[0-9]{1,3}") && Integer.parseInt(bits) <= all
                ? Optional.of(new Network(address, Integer.parseInt(bits)))
                : Optional.empty();
    }

    /** An address literal; null for anything else, so that no name is ever looked up. */
    public static @Nullable InetAddress literal(String text) {
        return HostRules.isAddress(text) ? InetAddress.ofLiteral(text) : null;
    }

    /**
     * As {@code 10.0.0.0/8} or {@code ::1}.
     *
     * @throws IllegalArgumentException it is neither an address nor a network
     */
    public static Network of(String text) {
        return read(text)
                .orElseThrow(() -> new IllegalArgumentException("\"" + text
                        + "\" is not an address or a network, expected one such as 192.0.2.7 or 10.0.0.0/8"));
    }

    /** Whether this address is one of it. */
    public boolean holds(InetAddress other) {
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

    /** The address of a node as proxies write it: {@code a}, {@code a:port}, {@code [a]}, {@code [a]:port}; null for anything else. */
    static @Nullable InetAddress node(String text) {
        String address = text;
        int close = text.indexOf(']');
        if (text.startsWith("[") && close > 0) {
            address = text.substring(1, close);
            if (address.indexOf(':') < 0 || !port(text.substring(close + 1))) {
                return null;
            }
        } else if (text.indexOf(':') == text.lastIndexOf(':') && text.indexOf(':') > 0) {
            address = text.substring(0, text.indexOf(':'));
            if (!port(text.substring(text.indexOf(':')))) {
                return null;
            }
        }
        return literal(address);
    }

    private static boolean port(String rest) {
        return rest.isEmpty() || rest.matches(":[0-9]{1,5}");
    }
}
