package terpan.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who may come over TCP: whoever has a token, or a session, which a link that works once is exchanged for. Bounded: links and sessions
 * beyond drive out the oldest. Thread-safe.
 */
public final class Access {
    /** How long a link waits for whoever opens it. */
    static final Duration LINK = Duration.ofMinutes(10);

    /** How long a browser stays. */
    static final Duration SESSION = Duration.ofHours(12);

    private static final int LINKS_MOST = 16;
    private static final int SESSIONS_MOST = 64;
    private static final int SECRET_BYTES = 24;

    /**
     * A token.
     *
     * @param shown what a person is told of it: itself, or where it stands
     */
    public record Token(String text, String shown) {}

    private record Grant(Role role, Instant until) {}

    private final Token operator;
    private final Token reader;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();

    /** By their codes; guarded by this, as the rest. */
    private final Map<String, Grant> links = new LinkedHashMap<>();

    private final Map<String, Grant> sessions = new LinkedHashMap<>();

    /** With these tokens, and no session yet. */
    public Access(Token operator, Token reader, InstantSource clock) {
        this.operator = operator;
        this.reader = reader;
        this.clock = clock;
    }

    /** What a person is told of a role's token. */
    String shown(Role role) {
        return (role == Role.OPERATOR ? operator : reader).shown();
    }

    /** What whoever knows this token may. */
    Optional<Role> byToken(String token) {
        // Both are compared, however the first turns out: time tells nothing.
        boolean operates = same(token, operator.text());
        boolean reads = same(token, reader.text());
        if (operates) {
            return Optional.of(Role.OPERATOR);
        }
        return reads ? Optional.of(Role.READER) : Optional.empty();
    }

    private static boolean same(String one, String other) {
        return MessageDigest.isEqual(one.getBytes(UTF_8), other.getBytes(UTF_8));
    }

    /** The code of a link that works once. */
    synchronized String link(Role role) {
        return add(links, LINKS_MOST, new Grant(role, clock.instant().plus(LINK)));
    }

    /** A session for a link's code, which is void from then on; empty: it works no more, or never did. */
    synchronized Optional<String> enter(String code) {
        Grant link = live(links.remove(code));
        return link == null
                ? Optional.empty()
                : Optional.of(add(
                        sessions,
                        SESSIONS_MOST,
                        new Grant(link.role(), clock.instant().plus(SESSION))));
    }

    /** What whoever has this session may. */
    synchronized Optional<Role> bySession(String session) {
        return Optional.ofNullable(live(sessions.get(session))).map(Grant::role);
    }

    private @Nullable Grant live(@Nullable Grant grant) {
        return grant == null || clock.instant().isAfter(grant.until()) ? null : grant;
    }

    private String add(Map<String, Grant> to, int most, Grant grant) {
        byte[] secret = new byte[SECRET_BYTES];
        random.nextBytes(secret);
        String code = Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
        to.put(code, grant);
        Iterator<String> oldest = to.keySet().iterator();
        while (to.size() > most) {
            oldest.next();
            oldest.remove();
        }
        return code;
    }
}
