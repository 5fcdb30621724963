package terpan.edge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import terpan.config.Route;
import terpan.http.Ascii;
import terpan.http.RequestHead;

/**
 * Which application a request is for: by its host as it names it (RFC 9110, section 7.2), without port and the dot at its end, whatever its
 * letters' case; then by its path, whose escapes count as what they stand for. An exact host counts more than a wildcard, a longer wildcard
 * more than a shorter, a longer path more than a shorter; who has none of it may have the next. Immutable; finding allocates nothing, but for
 * hosts that are IPv6 addresses.
 */
public final class Routes {
    private static final int NONE = 0;
    private static final int MISDIRECTED = 421;
    private static final int NOT_FOUND = 404;
    static final byte[] NO_SCRIPT = new byte[0];

    /**
     * An application with what is its.
     *
     * @param routes none: whatever nobody else has
     * @param tells whether its workers are told with each request below which path it is
     */
    public record Mount(Application application, List<Route> routes, boolean tells) {}

    /** Where a request goes. */
    static final class Place {
        private final int application;
        private final byte[] script;
        private final int status;

        private Place(int application, byte[] script, int status) {
            this.application = application;
            this.script = script;
            this.status = status;
        }

        /** The number of the application. */
        int application() {
            return application;
        }

        /** The path below which it is, where the workers are told; else empty. Not to be changed. */
        byte[] script() {
            return script;
        }

        /** What is answered where it is nobody's; 0: somebody's. */
        int status() {
            return status;
        }

        /** What a client is told where it is nobody's: nothing of the applications that there are. */
        String sentence() {
            return status == NOT_FOUND ? "Nothing is at this address." : "This host is not served here.";
        }
    }

    private static final Place NOBODY = new Place(NONE, NO_SCRIPT, MISDIRECTED);
    private static final Place ELSEWHERE = new Place(NONE, NO_SCRIPT, NOT_FOUND);

    private final List<Application> applications;
    private final HostTable exact;
    private final HostTable wild;
    private final @Nullable PathTable any;
    private final boolean only;

    private Routes(
            List<Application> applications, HostTable exact, HostTable wild, @Nullable PathTable any, boolean only) {
        this.applications = applications;
        this.exact = exact;
        this.wild = wild;
        this.any = any;
        this.only = only;
    }

    /** All requests are for one. */
    public static Routes only(Application application) {
        return new Routes(List.of(application), new HostTable(Map.of()), new HostTable(Map.of()), null, true);
    }

    /**
     * Several, or one with routes.
     *
     * @param nobody has the requests that nobody else has
     * @param mounts of two with the same route the first has it
     */
    public static Routes of(Application nobody, List<Mount> mounts) {
        List<Application> applications = new ArrayList<>(List.of(nobody));
        Map<String, Map<String, Place>> hosts = new LinkedHashMap<>();
        for (Mount mount : mounts) {
            int number = applications.size();
            applications.add(mount.application());
            List<Route> routes = mount.routes().isEmpty() ? List.of(new Route("", "")) : mount.routes();
            for (Route route : routes) {
                byte[] script = mount.tells() ? route.path().getBytes(ISO_8859_1) : NO_SCRIPT;
                hosts.computeIfAbsent(route.host(), none -> new LinkedHashMap<>())
                        .putIfAbsent(route.path(), new Place(number, script, 0));
            }
        }
        Map<String, PathTable> exact = new LinkedHashMap<>();
        Map<String, PathTable> wild = new LinkedHashMap<>();
        PathTable any = null;
        for (Map.Entry<String, Map<String, Place>> host : hosts.entrySet()) {
            PathTable paths = new PathTable(host.getValue());
            if (host.getKey().isEmpty()) {
                any = paths;
            } else if (host.getKey().startsWith("*.")) {
                wild.put(host.getKey().substring(2), paths);
            } else {
                exact.put(host.getKey(), paths);
            }
        }
        return new Routes(List.copyOf(applications), new HostTable(exact), new HostTable(wild), any, false);
    }

    /** Whether all requests are for the first of {@link #applications}. */
    boolean isOnly() {
        return only;
    }

    /** By their numbers; the first has what is nobody's. */
    List<Application> applications() {
        return applications;
    }

    /** Where a request goes whose head is whole. */
    Place find(RequestHead head) {
        boolean known = false;
        if (head.hostStart >= 0 && head.hostEnd > head.hostStart) {
            byte[] host = head.bytes;
            int from = head.hostStart;
            int to = nameEnd(host, from, head.hostEnd);
            if (host[from] == '[') {
                host = Route.canonical(new String(host, from + 1, Math.max(0, to - from - 2), ISO_8859_1))
                        .getBytes(ISO_8859_1);
                from = 0;
                to = host.length;
            }
            PathTable paths = exact.find(host, from, to);
            for (int at = from; ; ) {
                if (paths != null) {
                    known = true;
                    Place place = paths.find(head);
                    if (place != null) {
                        return place;
                    }
                }
                at = behindDot(host, at, to);
                if (at == to || wild.isEmpty()) {
                    break;
                }
                paths = wild.find(host, at, to);
            }
        }
        Place place = any == null ? null : any.find(head);
        return place != null ? place : known ? ELSEWHERE : NOBODY;
    }

    /** The end of the host without its port, and without the dot that ends a name. */
    private static int nameEnd(byte[] bytes, int from, int to) {
        int end = to;
        while (end > from && Ascii.isDigit(bytes[end - 1])) {
            end--;
        }
        end = end > from && bytes[end - 1] == ':' ? end - 1 : to;
        return end > from + 1 && bytes[end - 1] == '.' ? end - 1 : end;
    }

    /** Where the next label begins; the end where there is none. */
    private static int behindDot(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && bytes[at] != '.') {
            at++;
        }
        return at == to ? to : at + 1;
    }

    /** Names of hosts with the paths of each: a hash table over bytes, that no request needs a text for. */
    private static final class HostTable {
        private static final int SPREAD = 31;

        private final byte[][] names;
        private final @Nullable PathTable[] paths;
        private final boolean empty;

        HostTable(Map<String, PathTable> hosts) {
            int size = Integer.highestOneBit(Math.max(1, hosts.size())) << 2;
            names = new byte[size][];
            paths = new PathTable[size];
            empty = hosts.isEmpty();
            hosts.forEach((text, its) -> {
                byte[] name = text.getBytes(ISO_8859_1);
                int at = hash(name, 0, name.length) & (size - 1);
                while (paths[at] != null) {
                    at = (at + 1) & (size - 1);
                }
                names[at] = name;
                paths[at] = its;
            });
        }

        boolean isEmpty() {
            return empty;
        }

        @Nullable
        PathTable find(byte[] bytes, int from, int to) {
            if (empty) {
                return null;
            }
            int at = hash(bytes, from, to) & (names.length - 1);
            while (paths[at] != null && !Ascii.equalsLowered(bytes, from, to, names[at])) {
                at = (at + 1) & (names.length - 1);
            }
            return paths[at];
        }

        private static int hash(byte[] bytes, int from, int to) {
            int hash = 0;
            for (int i = from; i < to; i++) {
                hash = SPREAD * hash + Ascii.lower(bytes[i]);
            }
            return hash ^ hash >>> 16;
        }
    }

    /** The paths of a host, the longest first. */
    private static final class PathTable {
        private final byte[][] paths;
        private final Place[] places;

        PathTable(Map<String, Place> byPath) {
            List<String> longestFirst = byPath.keySet().stream()
                    .sorted(Comparator.comparingInt(String::length).reversed())
                    .toList();
            paths = longestFirst.stream().map(path -> path.getBytes(ISO_8859_1)).toArray(byte[][]::new);
            places = longestFirst.stream().map(byPath::get).toArray(Place[]::new);
        }

        @Nullable
        Place find(RequestHead head) {
            for (int i = 0; i < paths.length; i++) {
                if (paths[i].length == 0 || isBelow(head, paths[i])) {
                    return places[i];
                }
            }
            return null;
        }

        private static boolean isBelow(RequestHead head, byte[] path) {
            byte[] bytes = head.bytes;
            int at = head.pathStart;
            for (byte wanted : path) {
                if (at >= head.pathEnd || decoded(bytes, at) != wanted) {
                    return false;
                }
                at += bytes[at] == '%' ? 3 : 1;
            }
            return at == head.pathEnd || decoded(bytes, at) == '/';
        }

        /** The parser has seen to it that two digits stand behind a percent sign. */
        private static int decoded(byte[] bytes, int at) {
            return bytes[at] == '%' ? Ascii.hexValue(bytes[at + 1]) << 4 | Ascii.hexValue(bytes[at + 2]) : bytes[at];
        }
    }
}
