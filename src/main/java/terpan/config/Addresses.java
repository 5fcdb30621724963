package terpan.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads addresses: {@code HOST:PORT}, {@code :PORT}, {@code PORT}, {@code [IPv6]:PORT}, {@code unix:PATH}, with options after
 * commas. Names are not looked up here; relative paths are resolved against the directory that the value was written for.
 */
final class Addresses {
    /** The kernel keeps 108 bytes for the path of a Unix socket, the last one a zero. */
    static final int LONGEST_PATH = 107;

    private static final int CAPACITY_MOST = 65_535;
    private static final int WEIGHT_MOST = 100;
    private static final Duration CHECK_EVERY = Duration.ofSeconds(5);
    private static final Duration CHECK_LEAST = Duration.ofMillis(100);
    private static final Duration CHECK_MOST = Duration.ofHours(1);
    private static final String UNIX = "unix:";
    private static final String FORMS = "expected HOST:PORT, :PORT, PORT, [IPv6]:PORT or unix:PATH";
    private static final Pattern TCP = Pattern.compile("(?:(\\[[^\\]]*\\]|[^:]*):)?([0-9]{1,5})");
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]{0,252})");
    private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]{2,45}(%[A-Za-z0-9._-]+)?");
    private static final Pattern MODE = Pattern.compile("0?[0-7]{3}");
    private static final Pattern GROUP = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}");
    private static final Pattern CHECK_PATH = Pattern.compile("/[\\x21-\\x7e]*");
    private static final Pattern BEFORE_OPTION =
            Pattern.compile(",(?=[A-Za-z-]*=|[^/=]*$|(?:tls|h2c|proxy-protocol),)");

    private Addresses() {}

    /** A place to listen. An empty host is every address of the machine. */
    static Parsed<Bind> bind(String text, Path base) {
        List<String> parts = parts(text);
        return address(parts.getFirst(), base, "0.0.0.0").then(address -> bind(address, parts));
    }

    private static Parsed<Bind> bind(Address address, List<String> parts) {
        Optional<Integer> mode = Optional.empty();
        Optional<String> group = Optional.empty();
        boolean proxyProtocol = false;
        boolean tls = false;
        boolean h2c = false;
        for (String part : parts.subList(1, parts.size())) {
            if (part.equals("proxy-protocol")) {
                proxyProtocol = true;
                continue;
            }
            if (part.equals("tls")) {
                tls = true;
                continue;
            }
            if (part.equals("h2c")) {
                h2c = true;
                continue;
            }
            if (address instanceof Address.Tcp) {
                return Parsed.bad("\"" + part
                        + "\" is for Unix sockets only, expected tls, h2c or proxy-protocol behind a TCP address");
            }
            String value = part.substring(part.indexOf('=') + 1);
            if (part.startsWith("mode=") && MODE.matcher(value).matches()) {
                mode = Optional.of(Integer.parseInt(value, 8));
            } else if (part.startsWith("group=") && GROUP.matcher(value).matches()) {
                group = Optional.of(value);
            } else {
                return Parsed.bad(
                        "\"" + part
                                + "\" is not understood, expected mode=OCTAL, such as mode=0660, group=NAME, tls, h2c or proxy-protocol");
            }
        }
        if (tls && h2c) {
            return Parsed.bad(
                    "h2c is HTTP/2 without TLS, expected one of tls and h2c; behind tls clients may speak HTTP/2 anyhow");
        }
        return Parsed.good(new Bind(address, mode, group, proxyProtocol, tls, h2c));
    }

    /** A worker that someone else runs. An empty host is this machine. */
    static Parsed<Attach> attach(String text, Path base) {
        List<String> parts = parts(text);
        return address(parts.getFirst(), base, "127.0.0.1").then(address -> attach(address, parts));
    }

    private static Parsed<Attach> attach(Address address, List<String> parts) {
        int capacity = 1;
        int weight = 1;
        String group = Attach.GROUP;
        Optional<String> checkPath = Optional.empty();
        Optional<Duration> checkEvery = Optional.empty();
        if (address instanceof Address.Tcp tcp && tcp.port() == 0) {
            return Parsed.bad("port 0 can not be connected to, expected a port from 1 to 65,535");
        }
        for (String part : parts.subList(1, parts.size())) {
            String value = part.substring(part.indexOf('=') + 1);
            if (part.startsWith("capacity=") && isWithin(value, CAPACITY_MOST)) {
                capacity = Integer.parseInt(value);
            } else if (part.startsWith("weight=") && isWithin(value, WEIGHT_MOST)) {
                weight = Integer.parseInt(value);
            } else if (part.startsWith("group=") && value.matches(Declarations.NAME)) {
                group = value;
            } else if (part.startsWith("check-path=")
                    && CHECK_PATH.matcher(value).matches()) {
                checkPath = Optional.of(value);
            } else if (part.startsWith("check-every=") && isCheckTime(value)) {
                checkEvery = Units.time(value).orTell(bad -> {});
            } else {
                return Parsed.bad("\"" + part + "\" is not understood, expected capacity=NUMBER from 1 to 65,535,"
                        + " weight=NUMBER from 1 to 100, group=NAME, check-path=PATH such as /healthz"
                        + " or check-every=TIME from 100ms to 1h");
            }
        }
        if (checkEvery.isPresent() && checkPath.isEmpty()) {
            return Parsed.bad("it has check-every, but nothing to ask for, expected check-path=PATH beside it");
        }
        Duration every = checkEvery.orElse(CHECK_EVERY);
        return Parsed.good(
                new Attach(address, capacity, weight, group, checkPath.map(path -> new Attach.Check(path, every))));
    }

    private static boolean isCheckTime(String value) {
        return Units.time(value)
                .orTell(bad -> {})
                .filter(time -> time.compareTo(CHECK_LEAST) >= 0 && time.compareTo(CHECK_MOST) <= 0)
                .isPresent();
    }

    private static boolean isWithin(String number, int most) {
        return number.matches("[0-9]{1,5}") && Integer.parseInt(number) >= 1 && Integer.parseInt(number) <= most;
    }

    /** Splits at the commas that begin an option, so that a path may hold one. */
    private static List<String> parts(String text) {
        List<String> parts = new ArrayList<>();
        for (String part : BEFORE_OPTION.split(text, -1)) {
            parts.add(part.strip());
        }
        return parts;
    }

    private static Parsed<Address> address(String text, Path base, String emptyHost) {
        if (text.startsWith(UNIX)) {
            return unix(text.substring(UNIX.length()), base);
        }
        if (text.startsWith("/") || text.startsWith("./")) {
            return Parsed.bad("it looks like a path; did you mean \"unix:" + text + "\"?");
        }
        Matcher matcher = TCP.matcher(text);
        if (!matcher.matches()) {
            boolean bare = text.chars().filter(c -> c == ':').count() > 1;
            return Parsed.bad(bare ? FORMS + "; an IPv6 address stands in brackets, such as [::1]:8000" : FORMS);
        }
        int port = Integer.parseInt(matcher.group(2));
        if (port > 65_535) {
            return Parsed.bad("port " + port + " is out of bounds, expected 0 to 65,535");
        }
        Optional<String> named = Optional.ofNullable(matcher.group(1));
        String host = named.isEmpty() ? "127.0.0.1" : named.get().isEmpty() ? emptyHost : named.get();
        return tcp(host, port);
    }

    private static Parsed<Address> tcp(String host, int port) {
        if (host.startsWith("[")) {
            String literal = host.substring(1, host.length() - 1);
            return IPV6.matcher(literal).matches() && literal.contains(":")
                    ? Parsed.good(new Address.Tcp(literal, port))
                    : Parsed.bad("\"" + literal + "\" is no IPv6 address; " + FORMS);
        }
        return HOST.matcher(host).matches()
                ? Parsed.good(new Address.Tcp(host, port))
                : Parsed.bad("\"" + host + "\" is no host name or address; " + FORMS);
    }

    private static Parsed<Address> unix(String text, Path base) {
        if (text.isEmpty() || text.indexOf('\0') >= 0) {
            return Parsed.bad("the path is missing, expected unix:PATH");
        }
        Path path = base.resolve(text).normalize();
        int length = path.toString().getBytes(StandardCharsets.UTF_8).length;
        return length > LONGEST_PATH
                ? Parsed.bad("the path " + path + " has " + length + " bytes, expected at most " + LONGEST_PATH
                        + " for a Unix socket; choose a shorter directory")
                : Parsed.good(new Address.Unix(path));
    }
}
