package terpan.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The suites of TLS that may be spoken, under the names that IANA and OpenSSL have for them. */
final class TlsSuites {
    private static final String VERSION_3 = "TLS_(AES|CHACHA20)_.*";

    /** By IANA's names, what is taken unless a person says otherwise first: with forward secrecy and authenticated encryption. */
    private static final Map<String, String> MODERN = new LinkedHashMap<>();

    /** For clients that are too old for those. */
    private static final Map<String, String> OLDER = new LinkedHashMap<>();

    /** What BoringSSL does not know of these. */
    private static final Set<String> NOT_BY_BORINGSSL = Set.of(
            "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384");

    static {
        for (String name :
                List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")) {
            MODERN.put(name, name);
        }
        for (String key : List.of("ECDSA", "RSA")) {
            String iana = "TLS_ECDHE_" + key + "_WITH_";
            String openssl = "ECDHE-" + key + "-";
            MODERN.put(iana + "AES_128_GCM_SHA256", openssl + "AES128-GCM-SHA256");
            MODERN.put(iana + "AES_256_GCM_SHA384", openssl + "AES256-GCM-SHA384");
            MODERN.put(iana + "CHACHA20_POLY1305_SHA256", openssl + "CHACHA20-POLY1305");
            OLDER.put(iana + "AES_128_CBC_SHA256", openssl + "AES128-SHA256");
            OLDER.put(iana + "AES_256_CBC_SHA384", openssl + "AES256-SHA384");
            OLDER.put(iana + "AES_128_CBC_SHA", openssl + "AES128-SHA");
            OLDER.put(iana + "AES_256_CBC_SHA", openssl + "AES256-SHA");
        }
    }

    private TlsSuites() {}

    /** Reads one name; what comes out is IANA's. */
    static Parsed<String> read(String text) {
        return find(MODERN, text)
                .or(() -> find(OLDER, text))
                .map(Parsed::good)
                .orElseGet(() -> Parsed.bad("expected a suite's name, such as ECDHE-RSA-AES128-GCM-SHA256 or"
                        + " TLS_AES_128_GCM_SHA256" + Nearest.hint(text, names(), "\"")));
    }

    private static Optional<String> find(Map<String, String> among, String text) {
        return among.entrySet().stream()
                .filter(entry -> entry.getKey().equals(text) || entry.getValue().equals(text))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    private static List<String> names() {
        List<String> names = new ArrayList<>(MODERN.values());
        names.addAll(OLDER.values());
        return names;
    }

    /** Those that are spoken: of the version of which a person names none, all modern ones. */
    static List<String> spoken(List<String> named) {
        List<String> spoken = new ArrayList<>(named);
        if (named.stream().noneMatch(TlsSuites::isVersion3)) {
            MODERN.keySet().stream().filter(TlsSuites::isVersion3).forEach(spoken::add);
        }
        if (named.stream().allMatch(TlsSuites::isVersion3)) {
            MODERN.keySet().stream().filter(name -> !isVersion3(name)).forEach(spoken::add);
        }
        return List.copyOf(spoken);
    }

    /** What of those that are spoken BoringSSL can not do; empty: nothing. */
    static Optional<String> notByBoringSsl(List<String> spoken) {
        Optional<String> unknown =
                spoken.stream().filter(NOT_BY_BORINGSSL::contains).findFirst();
        if (unknown.isPresent()) {
            return Optional.of("BoringSSL does not know " + unknown.get());
        }
        return spoken.containsAll(
                        MODERN.keySet().stream().filter(TlsSuites::isVersion3).toList())
                ? Optional.empty()
                : Optional.of("BoringSSL always speaks all suites of TLS 1.3");
    }

    private static boolean isVersion3(String name) {
        return name.matches(VERSION_3);
    }
}
