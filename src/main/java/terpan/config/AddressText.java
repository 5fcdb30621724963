package terpan.config;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Addresses as people write them: IPv6 as RFC 5952 has it, in brackets where a port follows. */
public final class AddressText {
    private static final int GROUPS = 8;

    private AddressText() {}

    /** An address alone, without a zone. */
    public static String of(InetAddress address) {
        return address instanceof Inet6Address six ? text(six.getAddress()) : address.getHostAddress();
    }

    /** Address and port; the address has to be known. */
    public static String of(InetSocketAddress socket) {
        InetAddress address = socket.getAddress();
        String host = of(address);
        if (address instanceof Inet6Address six && six.isLinkLocalAddress()) {
            host += zone(six);
        }
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + socket.getPort();
    }

    private static String zone(Inet6Address address) {
        String text = address.getHostAddress();
        int zone = text.indexOf('%');
        return zone < 0 ? "" : text.substring(zone);
    }

    private static String text(byte[] bytes) {
        int gap = -1;
        int gapLength = 1;
        for (int i = 0; i < GROUPS; i++) {
            int zeros = 0;
            while (i + zeros < GROUPS && group(bytes, i + zeros) == 0) {
                zeros++;
            }
            if (zeros > gapLength) {
                gap = i;
                gapLength = zeros;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < GROUPS; i++) {
            if (i == gap) {
                text.append("::");
                i += gapLength - 1;
            } else {
                boolean first = text.isEmpty() || text.charAt(text.length() - 1) == ':';
                text.append(first ? "" : ":").append(Integer.toHexString(group(bytes, i)));
            }
        }
        return text.toString();
    }

    private static int group(byte[] bytes, int number) {
        return (bytes[2 * number] & 0xff) << 8 | (bytes[2 * number + 1] & 0xff);
    }
}
