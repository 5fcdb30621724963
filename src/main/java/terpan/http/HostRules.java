package terpan.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

/**
 * The grammar of {@code uri-host [":" port]} (RFC 9110, section 7.2; RFC 3986, section 3.2.2): a registered name, an IPv4 address
 * or an IP literal. No user information, no zone. An empty name with a port is refused.
 */
public final class HostRules {
    private static final int LITERAL_MOST = 45;

    private HostRules() {}

    /** Whether a text is an address as URIs write it, without brackets or zone. */
    public static boolean isAddress(String text) {
        if (text.isEmpty() || text.length() > LITERAL_MOST) {
            return false;
        }
        byte[] bytes = text.getBytes(ISO_8859_1);
        return text.indexOf(':') < 0 ? ipv4(bytes, 0, bytes.length) : address(bytes, 0, bytes.length);
    }

    /** Whether the range is a host with an optional port. The empty range is not one. */
    public static boolean valid(byte[] bytes, int from, int to) {
        if (from == to) {
            return false;
        }
        int end = bytes[from] == '[' ? literalEnd(bytes, from, to) : nameEnd(bytes, from, to);
        return end > from && (end == to || (bytes[end] == ':' && port(bytes, end + 1, to)));
    }

    private static int nameEnd(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to) {
            byte b = bytes[at];
            if ((Ascii.classOf(b) & Ascii.REG_NAME) != 0) {
                at++;
            } else if (b == '%' && PercentDecoder.goodEscape(bytes, at, to)) {
                at += 3;
            } else {
                break;
            }
        }
        return at;
    }

    /** A port is any number of digits; here it also has to fit 16 bits. */
    private static boolean port(byte[] bytes, int from, int to) {
        int value = 0;
        for (int i = from; i < to; i++) {
            if (!Ascii.isDigit(bytes[i])) {
                return false;
            }
            value = value * 10 + bytes[i] - '0';
            if (value > 65_535) {
                return false;
            }
        }
        return true;
    }

    private static int literalEnd(byte[] bytes, int from, int to) {
        int close = from + 1;
        while (close < to && bytes[close] != ']') {
            close++;
        }
        if (close == to) {
            return -1;
        }
        byte first = bytes[from + 1];
        boolean good =
                (first == 'v' || first == 'V') ? future(bytes, from + 2, close) : address(bytes, from + 1, close);
        return good ? close + 1 : -1;
    }

    /** After the v: hexadecimal digits, a point, then unreserved, sub-delims or colons. */
    private static boolean future(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && Ascii.hexValue(bytes[at]) >= 0) {
            at++;
        }
        if (at == from || at == to || bytes[at] != '.' || at + 1 == to) {
            return false;
        }
        for (at++; at < to; at++) {
            if (bytes[at] != ':' && (Ascii.classOf(bytes[at]) & Ascii.REG_NAME) == 0) {
                return false;
            }
        }
        return true;
    }

    /** Eight groups of one to four hexadecimal digits; one {@code ::} for at least one group; IPv4 for the last two. */
    private static boolean address(byte[] bytes, int from, int to) {
        int groups = 0;
        boolean gap = false;
        int at = from;
        if (at + 1 < to && bytes[at] == ':' && bytes[at + 1] == ':') {
            gap = true;
            at += 2;
        }
        while (at < to) {
            int start = at;
            while (at < to && at - start < 5 && Ascii.hexValue(bytes[at]) >= 0) {
                at++;
            }
            if (at < to && bytes[at] == '.') {
                groups += 2;
                return ipv4(bytes, start, to) && (gap ? groups <= 7 : groups == 8);
            }
            if (at == start || at - start > 4) {
                return false;
            }
            groups++;
            if (at == to) {
                break;
            }
            if (bytes[at++] != ':' || at == to) {
                return false;
            }
            if (bytes[at] == ':') {
                if (gap) {
                    return false;
                }
                gap = true;
                at++;
            }
        }
        return gap ? groups <= 7 : groups == 8;
    }

    private static boolean ipv4(byte[] bytes, int from, int to) {
        int at = from;
        for (int part = 0; part < 4; part++) {
            if (part > 0 && (at == to || bytes[at++] != '.')) {
                return false;
            }
            int start = at;
            int value = 0;
            while (at < to && at - start < 3 && Ascii.isDigit(bytes[at])) {
                value = value * 10 + bytes[at++] - '0';
            }
            if (at == start || value > 255 || (at - start > 1 && bytes[start] == '0')) {
                return false;
            }
        }
        return at == to;
    }
}
