package terpan.admin;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which requests a page of somebody else's made a browser send: those whose Host is no name of ours (DNS rebinding), whose Origin is another
 * (RFC 6454), or that come from another site (Sec-Fetch-Site, Fetch Metadata Request Headers).
 */
final class Stranger {
    private static final Pattern HOST =
            Pattern.compile("([A-Za-z0-9.-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}])(?::[0-9]{1,5})?");
    private static final Pattern LOOPBACK = Pattern.compile("127\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}");
    private static final Set<String> OURS = Set.of("localhost", "[::1]");

    private final Set<String> hosts;

    /**
     * None has come yet.
     *
     * @param hosts what may stand in Host, without ports, besides the names of this machine alone
     */
    Stranger(List<String> hosts) {
        this.hosts = Stream.concat(OURS.stream(), hosts.stream().map(host -> host.toLowerCase(Locale.ROOT)))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Why it is refused; empty: no stranger sent it. */
    Optional<Answer> refusal(AdminRequest request) {
        if (!isOurs(request.host())) {
            return Optional.of(
                    Answer.text(
                            421,
                            "This Host is none of Terpan's operators; expected localhost, 127.0.0.1, [::1] or one of operators.hosts.\n"));
        }
        if (request.field("origin").filter(origin -> !isOwn(origin, request)).isPresent()
                || request.field("sec-fetch-site")
                        .filter(site -> !site.equals("same-origin") && !site.equals("none"))
                        .isPresent()) {
            return Optional.of(Answer.text(403, "A page of another site sent this: it is not followed.\n"));
        }
        return Optional.empty();
    }

    /** Whether a browser says that the dashboard itself sent it, which no other page can make it say. */
    boolean isProven(AdminRequest request) {
        return request.field("origin").filter(origin -> isOwn(origin, request)).isPresent()
                || request.field("sec-fetch-site").filter("same-origin"::equals).isPresent();
    }

    private static boolean isOwn(String origin, AdminRequest request) {
        return origin.equalsIgnoreCase("http://" + request.host());
    }

    private boolean isOurs(String host) {
        Matcher parts = HOST.matcher(host);
        if (!parts.matches()) {
            return false;
        }
        String name = parts.group(1).toLowerCase(Locale.ROOT);
        return hosts.contains(name) || LOOPBACK.matcher(name).matches();
    }
}
