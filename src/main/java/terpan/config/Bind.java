package terpan.config;

import java.util.Optional;

/**
 * A place to listen for clients.
 *
 * @param address where
 * @param mode permission bits of a Unix socket file, 0 to 0777; empty: 0666 masked by the umask
 * @param group the group that shall own a Unix socket file
 * @param proxyProtocol whether connections begin with the PROXY protocol's header
 * @param tls whether clients speak TLS
 * @param h2c whether clients may speak HTTP/2 without it (RFC 9113, section 3.3)
 */
public record Bind(
        Address address,
        Optional<Integer> mode,
        Optional<String> group,
        boolean proxyProtocol,
        boolean tls,
        boolean h2c) {}
