package terpan.certificate;

import java.security.PrivateKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A certificate with its private key, which belong together.
 *
 * @param files where they were read from
 * @param chain the server's own certificate first, at least that one
 */
public record ServerCertificate(CertificateFiles files, List<X509Certificate> chain, PrivateKey key) {
    private static final int DNS_NAME = 2;
    private static final int IP_ADDRESS = 7;
    private static final Pattern COMMON_NAME = Pattern.compile("(?:^|,)CN=([^,+]+)");

    /** The server's own certificate. */
    public X509Certificate own() {
        return chain.getFirst();
    }

    /** When it expires. */
    public Instant expiry() {
        return own().getNotAfter().toInstant();
    }

    /**
     * The names of hosts that it is for, in small letters, {@code *.} in front of one that stands for all below it; those of the subject
     * alternative names, else the subject's common name (RFC 6125, section 6.4.4).
     */
    public List<String> names() {
        List<String> names = alternativeNames(own(), DNS_NAME);
        if (names.isEmpty() && alternativeNames(own(), IP_ADDRESS).isEmpty()) {
            Matcher common = COMMON_NAME.matcher(own().getSubjectX500Principal().getName());
            return common.find() ? List.of(common.group(1).toLowerCase(Locale.ROOT)) : List.of();
        }
        return names;
    }

    /** What a person knows it by: its first name or address, else its file. */
    public String shownName() {
        List<String> names = names();
        if (!names.isEmpty()) {
            return names.getFirst();
        }
        List<String> addresses = alternativeNames(own(), IP_ADDRESS);
        return addresses.isEmpty() ? files.certificate().toString() : addresses.getFirst();
    }

    private static List<String> alternativeNames(X509Certificate certificate, int kind) {
        List<String> found = new ArrayList<>();
        for (List<?> entry : alternativeNames(certificate)) {
            if (Integer.valueOf(kind).equals(entry.get(0)) && entry.get(1) instanceof String name) {
                found.add(name.toLowerCase(Locale.ROOT));
            }
        }
        return found;
    }

    private static Collection<List<?>> alternativeNames(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            return names == null ? List.of() : names;
        } catch (CertificateParsingException broken) {
            return List.of();
        }
    }
}
