package terpan.tls;

import io.netty.internal.tcnative.SSL;
import io.netty.internal.tcnative.SSLCredential;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLException;
import terpan.certificate.Pem;
import terpan.certificate.ServerCertificate;

/**
 * The certificates and keys of one table as BoringSSL has them; a connection that was offered one keeps it beyond that. Thread-safe.
 */
final class NativeCertificates extends Counted {
    private final CertificateTable table;
    private final IdentityHashMap<ServerCertificate, Long> credentials = new IdentityHashMap<>();

    NativeCertificates(CertificateTable table) {
        this.table = table;
        try {
            for (ServerCertificate certificate : table.all()) {
                if (!credentials.containsKey(certificate)) {
                    credentials.put(certificate, credential(certificate));
                }
            }
        } catch (RuntimeException | Error failed) {
            free();
            throw failed;
        }
    }

    /**
     * Offers those for a name to a connection, which takes the first that its client can use.
     *
     * @param ssl a connection that nobody else uses now, and that waits for this
     * @param challenge whether an authority looks whether the name is ours ({@link ServerTls#CHALLENGE})
     * @return whether computing with one of their keys takes long
     * @throws SSLException there is none for it
     */
    boolean offer(long ssl, String name, boolean challenge) throws SSLException {
        List<ServerCertificate> offered = challenge ? table.challenge(name) : table.chosen(name);
        if (offered.isEmpty()) {
            throw new SSLException("there is no certificate for the name \"" + name + "\"");
        }
        boolean isLong = false;
        for (ServerCertificate certificate : offered) {
            long credential = Objects.requireNonNull(credentials.get(certificate));
            try {
                SSL.addCredential(ssl, credential);
            } catch (Exception refused) {
                SSL.clearError();
                throw new IllegalStateException(refused);
            }
            isLong |= certificate.key().getAlgorithm().equals("RSA");
        }
        return isLong;
    }

    private static long credential(ServerCertificate certificate) {
        try {
            long credential = SSLCredential.newX509();
            try {
                fill(credential, certificate);
                return credential;
            } catch (Exception | Error failed) {
                SSLCredential.free(credential);
                throw failed;
            }
        } catch (RuntimeException known) {
            throw known;
        } catch (Exception refused) {
            SSL.clearError();
            throw new IllegalStateException(
                    "BoringSSL does not take the certificate " + certificate.shownName() + ": " + refused.getMessage(),
                    refused);
        }
    }

    private static void fill(long credential, ServerCertificate certificate) throws Exception {
        long chain = NativeMemory.read(Pem.of(certificate.chain()), SSL::parseX509Chain);
        try {
            SSLCredential.setCertChain(credential, chain);
        } finally {
            SSL.freeX509Chain(chain);
        }
        long key = NativeMemory.read(Pem.of(certificate.key()), bio -> SSL.parsePrivateKey(bio, null));
        try {
            SSLCredential.setPrivateKey(credential, key);
        } finally {
            SSL.freePrivateKey(key);
        }
    }

    @Override
    void free() {
        for (long credential : credentials.values()) {
            try {
                SSLCredential.free(credential);
            } catch (Exception impossible) {
                throw new IllegalStateException(impossible);
            }
        }
    }
}
