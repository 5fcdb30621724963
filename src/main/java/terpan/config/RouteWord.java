package terpan.config;

import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * The word that launchers write before the route that an application's framework found, and that no application is told: so nobody else can
 * tell a route, whatever fields an application passes on. Made by chance, once for this process and all workers that it starts.
 */
public final class RouteWord {
    /** 16 hexadecimal digits. */
    public static final String TEXT = make();

    private static final int BYTES = 8;

    private RouteWord() {}

    private static String make() {
        byte[] chance = new byte[BYTES];
        new SecureRandom().nextBytes(chance);
        return HexFormat.of().formatHex(chance);
    }
}
