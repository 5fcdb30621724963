package terpan.config;

import java.net.InetAddress;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which requests are an application's: those for a host, or some hosts, below a path.
 *
 * @param host a name in small letters, {@code *.} with one for all names below it, an IPv4 address, an IPv6 address as
 *     {@link #canonical} has it; empty: any host
 * @param path empty, or a path that begins with a slash and does not end with one; it means itself and all below it
 */
public record Route(String host, String path) {
    static final String FORM =
            "HOST, HOST/PATH or /PATH, where HOST is a name such as shop.example.com, *.example.org, an address, or * for any";

    private static final String LABEL = "[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?";
    private static final Pattern NAME = Pattern.compile("(\\*\\.)?" + LABEL + "(\\." + LABEL + ")*\\.?");
    private static final Pattern LITERAL = Pattern.compile("\\[([0-9A-Fa-f:.]{2,45})]");
    private static final Pattern PATH = Pattern.compile("(/[A-Za-z0-9._~!$&'()+,;=:@-]+)*/?");
    private static final Pattern PARTS = Pattern.compile("([^/]*)(/.*)?");
    private static final int LONGEST = 1_024;

    /**
     * As a person writes it.
     *
     * @throws IllegalArgumentException it is none; the message says what was expected
     */
    public static Route of(String text) {
        return read(text)
                .orTell(message -> {
                    throw new IllegalArgumentException("the route " + text + " is none: " + message);
                })
                .orElseThrow();
    }

    static Parsed<Route> read(String text) {
        Matcher parts = PARTS.matcher(text);
        if (text.isEmpty() || text.length() > LONGEST || !parts.matches()) {
            return Parsed.bad("expected " + FORM);
        }
        String path = parts.group(2) == null ? "" : parts.group(2);
        if (!PATH.matcher(path).matches()) {
            return Parsed.bad("expected a path of letters, digits and ._~!$&'()+,;=:@- behind the host");
        }
        String below = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        return host(parts.group(1).toLowerCase(Locale.ROOT)).then(host -> Parsed.good(new Route(host, below)));
    }

    private static Parsed<String> host(String host) {
        if (host.isEmpty() || host.equals("*")) {
            return Parsed.good("");
        }
        Matcher literal = LITERAL.matcher(host);
        if (literal.matches()) {
            return Parsed.good(canonical(literal.group(1)))
                    .then(text ->
                            text.isEmpty() ? Parsed.bad("expected an IPv6 address in brackets") : Parsed.good(text));
        }
        if (host.matches("[^:]*:[0-9]+")) {
            return Parsed.bad("expected no port: a route is for every port that is listened on");
        }
        if (!NAME.matcher(host).matches()) {
            return Parsed.bad("expected " + FORM);
        }
        return Parsed.good(host.endsWith(".") ? host.substring(0, host.length() - 1) : host);
    }

    /** An IPv6 address as all ways to write it are compared, in brackets; empty: it is none. */
    public static String canonical(String address) {
        try {
            return "[" + InetAddress.ofLiteral(address).getHostAddress() + "]";
        } catch (IllegalArgumentException none) {
            return "";
        }
    }

    /** As a person writes it. */
    @Override
    public String toString() {
        return (host.isEmpty() ? path.isEmpty() ? "*" : "" : host) + path;
    }
}
