package terpan.tls;

import io.netty.internal.tcnative.CertificateVerifier;
import io.netty.internal.tcnative.SSL;
import io.netty.internal.tcnative.SSLContext;
import io.netty.internal.tcnative.SessionTicketKey;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.X509TrustManager;
import terpan.certificate.Authorities;
import terpan.certificate.Pem;

/**
 * What connections of BoringSSL are made from by one set of rules: the owner of the handle of an SSL_CTX, which lives until the last connection
 * is freed that came of it. Thread-safe.
 */
final class NativeContext extends Counted {
    /** Sessions of TLS 1.2 that are kept for clients without tickets. */
    private static final int SESSIONS = 4 * 1024;

    /** Bytes of a client's certificate chain. */
    private static final int CHAIN_MOST = 32 * 1024;

    private static final int DEPTH = 10;

    /** What suites of TLS 1.2 begin with; those of 1.3 name no exchange of keys. */
    private static final String VERSION_2 = "TLS_ECDHE_";

    private final long address;

    /**
     * @param protocols those of ALPN, the preferred ones first
     */
    NativeContext(TlsRules rules, List<String> protocols, SessionTicketKey[] keys) {
        address = make(rules);
        try {
            prepare(rules, protocols);
            change(keys);
        } catch (Exception failed) {
            free();
            SSL.clearError();
            throw new IllegalStateException("BoringSSL does not take the rules: " + failed.getMessage(), failed);
        }
    }

    private static long make(TlsRules rules) {
        int versions = SSL.SSL_PROTOCOL_TLSV1_3;
        if (rules.versions().contains("TLSv1.2")) {
            versions |= SSL.SSL_PROTOCOL_TLSV1_2;
        }
        try {
            return SSLContext.make(versions, SSL.SSL_MODE_SERVER);
        } catch (Exception failed) {
            throw new IllegalStateException(failed);
        }
    }

    private void prepare(TlsRules rules, List<String> protocols) throws Exception {
        List<String> suites = rules.suites().stream()
                .filter(suite -> suite.startsWith(VERSION_2)) // it speaks all of 1.3 in any case
                .toList();
        SSLContext.setCipherSuite(address, String.join(":", suites), false);
        SSLContext.setAlpnProtos(address, protocols.toArray(String[]::new), SSL.SSL_SELECTOR_FAILURE_NO_ADVERTISE);
        SSLContext.setUseTasks(address, true);
        // What is to be done stands behind the task that asks for it: NativeConnection.choose.
        SSLContext.setCertificateCallback(address, (ssl, kinds, issuers) -> {});
        SSLContext.setSessionCacheSize(address, SESSIONS);
        SSLContext.setSessionIdContext(address, whoseSessions(rules));
        if (!rules.authorities().isEmpty()) {
            asks(rules);
        }
    }

    /** A session is resumed only where clients have to show the same. */
    private static byte[] whoseSessions(TlsRules rules) throws GeneralSecurityException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        digest.update((byte) (rules.required() ? 1 : 0));
        for (X509Certificate authority : rules.authorities()) {
            digest.update(authority.getEncoded());
        }
        return digest.digest();
    }

    private void asks(TlsRules rules) throws GeneralSecurityException {
        SSLContext.setVerify(address, rules.required() ? SSL.SSL_CVERIFY_REQUIRED : SSL.SSL_CVERIFY_OPTIONAL, DEPTH);
        SSLContext.setMaxCertList(address, CHAIN_MOST);
        SSLContext.setCertVerifyCallback(address, new Judge(Authorities.trusting(rules.authorities())));
        boolean named =
                NativeMemory.read(Pem.of(rules.authorities()), bio -> SSLContext.setCACertificateBio(address, bio));
        if (!named) {
            throw new GeneralSecurityException("the authorities of clients are not taken");
        }
    }

    /** For the owner of a count. */
    long address() {
        return address;
    }

    /**
     * Tickets are made with the first of these keys, and opened with any.
     *
     * @param keys at least one
     */
    void change(SessionTicketKey[] keys) {
        SSLContext.setSessionTicketKeys(address, keys);
    }

    @Override
    void free() {
        SSLContext.free(address);
    }

    /** Judges clients' certificates as the JDK does. Called on threads for long computations. */
    private static final class Judge extends CertificateVerifier {
        private final X509TrustManager trust;

        Judge(X509TrustManager trust) {
            this.trust = trust;
        }

        @Override
        public int verify(long ssl, byte[][] shown, String kind) {
            try {
                CertificateFactory factory = CertificateFactory.getInstance("X.509");
                List<X509Certificate> chain = new ArrayList<>();
                for (byte[] each : shown) {
                    chain.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(each)));
                }
                trust.checkClientTrusted(chain.toArray(X509Certificate[]::new), kind.isEmpty() ? "UNKNOWN" : kind);
                return X509_V_OK;
            } catch (CertificateException | RuntimeException unacceptable) {
                return X509_V_ERR_CERT_REJECTED;
            }
        }
    }
}
