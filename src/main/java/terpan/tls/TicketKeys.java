package terpan.tls;

import io.netty.internal.tcnative.SessionTicketKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The keys of session tickets (RFC 5077, RFC 8446 section 4.6.1), which all loops share: turned every eight hours; a ticket is opened for two turns
 * more. They are in memory alone. Thread-safe.
 */
final class TicketKeys {
    /** How long a key is the first one. */
    static final Duration TURN = Duration.ofHours(8);

    private static final int KEPT = 3;

    private final SecureRandom random;
    private final long turnNanos;
    private final List<SessionTicketKey> keys = new ArrayList<>();
    private volatile long turned;

    /**
     * @param turn how long a key is the first one
     * @param now monotonic nanoseconds
     */
    TicketKeys(SecureRandom random, Duration turn, long now) {
        this.random = random;
        this.turnNanos = turn.toNanos();
        this.turned = now;
        keys.add(fresh());
    }

    private SessionTicketKey fresh() {
        return new SessionTicketKey(
                bytes(SessionTicketKey.NAME_SIZE),
                bytes(SessionTicketKey.HMAC_KEY_SIZE),
                bytes(SessionTicketKey.AES_KEY_SIZE));
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Whether it is time for another. */
    boolean due(long now) {
        return now - turned >= turnNanos;
    }

    /** Puts another in front, if that is due; whether it is there now by this call. */
    synchronized boolean turn(long now) {
        if (!due(now)) {
            return false;
        }
        keys.addFirst(fresh());
        if (keys.size() > KEPT) {
            keys.removeLast();
        }
        turned = now;
        return true;
    }

    /** The present one first. */
    synchronized SessionTicketKey[] present() {
        return keys.toArray(SessionTicketKey[]::new);
    }
}
