package terpan.edge;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import terpan.config.Settings;
import terpan.edge.limits.AddressKey;
import terpan.http.RequestHead;
import terpan.link.Origin;

/**
 * Which worker a request wants, where a client is to have the same one each time: by the client's address, as it is known behind
 * trusted proxies, or by a cookie. One for each loop, on its thread.
 */
final class Stickiness {
    private static final byte[] SET_COOKIE = "Set-Cookie".getBytes(StandardCharsets.US_ASCII);

    private final @Nullable WorkerCookie cookie;
    private @Nullable Origin known;
    private long keyOfKnown;

    private Stickiness(@Nullable WorkerCookie cookie) {
        this.cookie = cookie;
    }

    /** Null where any worker will do; by address without a cookie. */
    static @Nullable Stickiness of(Settings.Dispatch settings, Optional<StickyCookie> cookie) {
        if (settings.choice() != Settings.Choice.STICKY) {
            return null;
        }
        return new Stickiness(cookie.map(WorkerCookie::new).orElse(null));
    }

    /** What the dispatcher goes by; 0: nothing is known of the client. A cookie of ours is taken out of the head. */
    long key(RequestHead head, Origin client) {
        WorkerCookie used = cookie;
        if (used != null) {
            return used.take(head);
        }
        if (client != known) {
            known = client;
            keyOfKnown = AddressKey.of(client);
        }
        return keyOfKnown;
    }

    /** Tells the client of its worker, if that is another than it has told us. */
    void tell(Answer answer, long wanted, long served, boolean secure) {
        WorkerCookie used = cookie;
        if (used != null && wanted != served) {
            answer.ownField(SET_COOKIE, used.field(served, secure));
        }
    }
}
