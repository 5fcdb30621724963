package terpan.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Certificates that are had from an authority (ACME, RFC 8555).
 *
 * @param names of hosts, in small letters and ASCII, each with a certificate of its own; at least one
 * @param email where the authority may write to
 * @param authority the address of its directory
 * @param trust a file of those that issued the authority's own certificate; empty: those that Java trusts
 * @param challenge how a name is proved; never AUTO
 * @param directory where account, keys and certificates are kept
 * @param external the account with the authority that ours belongs to
 */
public record Acme(
        List<String> names,
        Optional<String> email,
        URI authority,
        Optional<Path> trust,
        Challenge challenge,
        Path directory,
        Optional<External> external) {
    /** How an authority sees that a name is ours. */
    public enum Challenge {
        /** As the listeners allow. */
        AUTO,
        /** By a request without TLS (RFC 8555, section 8.3). */
        HTTP_01,
        /** By a handshake (RFC 8737). */
        TLS_ALPN_01
    }

    /**
     * An account that was made elsewhere (RFC 8555, section 7.3.4).
     *
     * @param id what the authority knows it by
     * @param keyFile a file whose first line is its key, in base64url
     */
    public record External(String id, Path keyFile) {}

    /** What a directory's address is called as a folder: one for each authority, for they know nothing of each other. */
    public Path folder() {
        String place = authority.getRawAuthority() + authority.getRawPath();
        return directory.resolve(place.replaceAll("[^A-Za-z0-9.-]+", "-").replaceAll("^[.-]+|-+$", ""));
    }
}
