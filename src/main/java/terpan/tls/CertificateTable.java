package terpan.tls;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import terpan.certificate.ServerCertificate;

/**
 * The certificates of listeners by the names that clients ask for (RFC 6066, section 3): exact, then with a wildcard for the first label
 * (RFC 6125, section 6.4.3), then the first of all. Immutable.
 */
final class CertificateTable {
    /** Numbers of all that ever were: a handshake that began with an older table is not given a newer certificate for its number. */
    private static final AtomicLong NUMBERS = new AtomicLong();

    private final Map<String, ServerCertificate> byNumber = new LinkedHashMap<>();
    private final Map<String, List<String>> byName = new HashMap<>();
    private final List<String> otherwise;

    /**
     * @param certificates at least one; of several for the same name that of the client's kind counts, then the first
     */
    CertificateTable(List<ServerCertificate> certificates) {
        for (ServerCertificate certificate : certificates) {
            String number = Long.toString(NUMBERS.incrementAndGet());
            byNumber.put(number, certificate);
            for (String name : certificate.names()) {
                byName.computeIfAbsent(name, none -> new ArrayList<>()).add(number);
            }
        }
        ServerCertificate first = certificates.getFirst();
        String firstNumber = byNumber.keySet().iterator().next();
        otherwise = first.names().isEmpty()
                ? List.of(firstNumber)
                : byName.getOrDefault(first.names().getFirst(), List.of(firstNumber));
    }

    /** The certificate of that number, if it is in this table. */
    @Nullable
    ServerCertificate get(String number) {
        return byNumber.get(number);
    }

    /**
     * The number of the certificate for a name.
     *
     * @param name as the client asked; empty: it did not
     * @param algorithm that the key has to be for: RSA, EC or EdDSA
     * @return null when there is none with such a key
     */
    @Nullable
    String choose(String name, String algorithm) {
        for (String number : candidates(name.toLowerCase(Locale.ROOT))) {
            ServerCertificate certificate = byNumber.get(number);
            if (certificate != null && certificate.key().getAlgorithm().equals(algorithm)) {
                return number;
            }
        }
        return null;
    }

    private List<String> candidates(String name) {
        List<String> exact = byName.get(name);
        if (exact != null) {
            return exact;
        }
        int point = name.indexOf('.');
        List<String> wildcard = point < 0 ? null : byName.get("*" + name.substring(point));
        return wildcard == null ? otherwise : wildcard;
    }
}
