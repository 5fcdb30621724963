package terpan.tls;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import terpan.certificate.ServerCertificate;

/**
 * The certificates of listeners by the names that clients ask for (RFC 6066, section 3): exact, then with a wildcard for the first label
 * (RFC 6125, section 6.4.3), then the first of all. What an authority is shown that asks whether a name is ours is apart. Immutable.
 */
final class CertificateTable {
    /** Numbers of all that ever were: a handshake that began with an older table is not given a newer certificate for its number. */
    private static final AtomicLong NUMBERS = new AtomicLong();

    private static final List<String> ALGORITHMS = List.of("EC", "EdDSA", "RSA");

    private final Map<String, ServerCertificate> byNumber = new LinkedHashMap<>();
    private final Map<String, List<String>> byName = new HashMap<>();
    private final Map<String, String> challenged = new HashMap<>();
    private final List<String> otherwise;

    /**
     * @param certificates of several for the same name that of the client's kind counts, then the first
     * @param challenges what an authority is shown that asks whether a name is ours, by names in small letters (RFC 8737)
     */
    CertificateTable(List<ServerCertificate> certificates, Map<String, ServerCertificate> challenges) {
        for (ServerCertificate certificate : certificates) {
            String number = add(certificate);
            for (String name : certificate.names()) {
                byName.computeIfAbsent(name, none -> new ArrayList<>()).add(number);
            }
        }
        otherwise = certificates.isEmpty() ? List.of() : likeFirst(certificates.getFirst());
        challenges.forEach((name, certificate) -> challenged.put(name, add(certificate)));
    }

    /** The same where no authority asks. */
    CertificateTable(List<ServerCertificate> certificates) {
        this(certificates, Map.of());
    }

    private String add(ServerCertificate certificate) {
        String number = Long.toString(NUMBERS.incrementAndGet());
        byNumber.put(number, certificate);
        return number;
    }

    private List<String> likeFirst(ServerCertificate first) {
        List<String> alone = List.of(byNumber.keySet().iterator().next());
        return first.names().isEmpty()
                ? alone
                : byName.getOrDefault(first.names().getFirst(), alone);
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
            if (isFor(number, algorithm)) {
                return number;
            }
        }
        return null;
    }

    /** All of them, in the order of the settings, and those that authorities are shown. */
    List<ServerCertificate> all() {
        return List.copyOf(byNumber.values());
    }

    /**
     * The certificates for a name, one for each kind of key, those whose keys compute fastest first.
     *
     * @param name as the client asked; empty: it did not
     */
    List<ServerCertificate> chosen(String name) {
        List<ServerCertificate> chosen = new ArrayList<>();
        for (String algorithm : ALGORITHMS) {
            String number = choose(name, algorithm);
            if (number != null) {
                chosen.add(Objects.requireNonNull(byNumber.get(number)));
            }
        }
        return chosen;
    }

    /** What an authority is shown that asks by {@link ServerTls#CHALLENGE}: that certificate and no other; or none. */
    List<ServerCertificate> challenge(String name) {
        String number = challenged.get(name.toLowerCase(Locale.ROOT));
        return number == null ? List.of() : List.of(Objects.requireNonNull(byNumber.get(number)));
    }

    /** The number of that, if its key is for this algorithm. */
    @Nullable
    String chooseChallenge(String name, String algorithm) {
        String number = challenged.get(name.toLowerCase(Locale.ROOT));
        return number != null && isFor(number, algorithm) ? number : null;
    }

    private boolean isFor(String number, String algorithm) {
        ServerCertificate certificate = byNumber.get(number);
        return certificate != null && certificate.key().getAlgorithm().equals(algorithm);
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
