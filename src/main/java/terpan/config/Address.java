package terpan.config;

import java.nio.file.Path;

/** A socket's address as a person writes it: TCP by host and port, or a Unix socket by path. */
public sealed interface Address {
    /**
     * A TCP address.
     *
     * @param host a host name or an address literal, an IPv6 literal without brackets
     * @param port 0 to 65,535; 0 lets the kernel choose where a listener is meant
     */
    record Tcp(String host, int port) implements Address {
        @Override
        public String toString() {
            return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
        }
    }

    /** A Unix socket by its path. */
    record Unix(Path path) implements Address {
        @Override
        public String toString() {
            return "unix:" + path;
        }
    }
}
