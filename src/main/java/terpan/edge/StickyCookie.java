package terpan.edge;

import java.nio.charset.StandardCharsets;
import javax.crypto.SecretKey;

/**
 * The cookie that names a client's worker.
 *
 * @param name what it is called: applications of one host have one each
 * @param key what it is signed with
 */
public record StickyCookie(String name, SecretKey key) {
    private static final String ONLY = "terpan_worker";

    /** With what the names of all of them begin, before a "=" or a "_". Not to be changed. */
    static final byte[] FAMILY = ONLY.getBytes(StandardCharsets.US_ASCII);

    /** That of an application; of the only one where it has no name. */
    public static StickyCookie of(String application, SecretKey key) {
        return new StickyCookie(application.isEmpty() ? ONLY : ONLY + "_" + application, key);
    }
}
