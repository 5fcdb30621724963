package terpan.edge.origin;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads the header of the PROXY protocol, versions 1 and 2, strictly: the bytes in front of everything else by which a load
 * balancer tells who the client is. Additional values of version 2 are skipped, their bytes bounded. For one connection.
 */
final class ProxyHeader {
    /** The header is not complete. */
    static final int NEED_MORE = -1;

    /** It is not a header, or one that breaks the rules. */
    static final int BAD = -2;

    /** Longest header that is read. */
    static final int MOST = 4096;

    /** Longest line of version 1 with its end. */
    private static final int LINE_MOST = 107;

    private static final byte[] LINE_BEGIN = "PROXY ".getBytes(US_ASCII);
    private static final byte[] SIGNATURE = {'\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'};
    private static final int FIXED = 16;
    private static final int LINE_PARTS = 6;
    private static final int PORT_MOST = 65_535;

    /** Who the client is; null when the header does not say, as for the balancer's own checks. */
    @Nullable
    InetSocketAddress source;

    /** Where the client connected to; null when the header does not say. */
    @Nullable
    InetSocketAddress destination;

    /** Whether the client is one on a Unix socket, which has no address. */
    boolean unix;

    /**
     * Reads the header that begins at {@code from}; from the beginning each time.
     *
     * @return the index after it; {@link #NEED_MORE}; or {@link #BAD}
     */
    int parse(byte[] bytes, int from, int to) {
        if (from == to) {
            return NEED_MORE;
        }
        byte[] begin = bytes[from] == SIGNATURE[0] ? SIGNATURE : LINE_BEGIN;
        int length = Math.min(begin.length, to - from);
        if (!Arrays.equals(bytes, from, from + length, begin, 0, length)) {
            return BAD;
        }
        if (length < begin.length) {
            return NEED_MORE;
        }
        return begin == SIGNATURE ? binary(bytes, from, to) : line(bytes, from, to);
    }

    private int line(byte[] bytes, int from, int to) {
        int stop = Math.min(to, from + LINE_MOST);
        int at = from;
        while (at < stop && bytes[at] != '\r' && bytes[at] != '\n') {
            at++;
        }
        if (at < stop && bytes[at] == '\n') {
            return BAD;
        }
        if (at + 1 >= stop) {
            return stop == from + LINE_MOST ? BAD : NEED_MORE;
        }
        if (bytes[at + 1] != '\n') {
            return BAD;
        }
        String line = new String(bytes, from, at - from, US_ASCII);
        if (line.equals("PROXY UNKNOWN") || line.startsWith("PROXY UNKNOWN ")) {
            return at + 2;
        }
        String[] parts = line.split(" ", -1);
        if (parts.length != LINE_PARTS || !(parts[1].equals("TCP4") || parts[1].equals("TCP6"))) {
            return BAD;
        }
        boolean four = parts[1].equals("TCP4");
        source = address(parts[2], parts[4], four);
        destination = address(parts[3], parts[5], four);
        return source == null || destination == null ? BAD : at + 2;
    }

    private static @Nullable InetSocketAddress address(String host, String port, boolean four) {
        InetAddress address = Network.literal(host);
        if (address == null || four == (host.indexOf(':') >= 0) || !port.matches("0|[1-9][0-9]{0,4}")) {
            return null;
        }
        int number = Integer.parseInt(port);
        return number > PORT_MOST ? null : new InetSocketAddress(address, number);
    }

    private int binary(byte[] bytes, int from, int to) {
        if (to - from < FIXED) {
            return NEED_MORE;
        }
        int command = bytes[from + 12] & 0xff;
        int family = bytes[from + 13] & 0xff;
        int length = number(bytes, from + 14);
        // Only version 2, with LOCAL (the balancer's own) or PROXY.
        if ((command != 0x20 && command != 0x21) || FIXED + length > MOST) {
            return BAD;
        }
        int least = command == 0x20 ? 0 : addresses(family);
        if (least < 0 || length < least) {
            return BAD;
        }
        if (to - from - FIXED < length) {
            return NEED_MORE;
        }
        if (command == 0x21) {
            unix = family == 0x31;
            if (family == 0x11 || family == 0x21) {
                inet(bytes, from + FIXED, family == 0x11 ? 4 : 16);
            }
        }
        return from + FIXED + length;
    }

    /** Bytes of addresses that a family and transport has; -1 for what can not be behind a stream of HTTP. */
    private static int addresses(int family) {
        return switch (family) {
            case 0x00 -> 0;
            case 0x11 -> 12;
            case 0x21 -> 36;
            case 0x31 -> 216;
            default -> -1;
        };
    }

    private void inet(byte[] bytes, int from, int size) {
        int ports = from + 2 * size;
        source = new InetSocketAddress(address(bytes, from, size), number(bytes, ports));
        destination = new InetSocketAddress(address(bytes, from + size, size), number(bytes, ports + 2));
    }

    private static InetAddress address(byte[] bytes, int from, int size) {
        try {
            return InetAddress.getByAddress(Arrays.copyOfRange(bytes, from, from + size));
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static int number(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
    }
}
