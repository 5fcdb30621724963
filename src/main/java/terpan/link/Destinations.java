package terpan.link;

import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** Where the connections to one worker go. From any loop's thread. */
@FunctionalInterface
public interface Destinations {
    /** Where the next connection goes; null: nowhere at the moment. */
    @Nullable
    Destination next();

    /** One address, of which nobody wants to know anything. */
    static Destinations of(SocketAddress address) {
        Destination only = () -> address;
        return () -> only;
    }
}
