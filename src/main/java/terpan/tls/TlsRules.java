package terpan.tls;

import java.util.List;

/**
 * Which versions and suites are spoken.
 *
 * @param versions as the JDK names them
 * @param suites as IANA names them
 */
record TlsRules(List<String> versions, List<String> suites) {
    /** Those that Mozilla calls intermediate, without the few that have no forward secrecy of their own. */
    static final TlsRules MODERN = new TlsRules(
            List.of("TLSv1.3", "TLSv1.2"),
            List.of(
                    "TLS_AES_128_GCM_SHA256",
                    "TLS_AES_256_GCM_SHA384",
                    "TLS_CHACHA20_POLY1305_SHA256",
                    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
                    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"));
}
