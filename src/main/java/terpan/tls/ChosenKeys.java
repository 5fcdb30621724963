package terpan.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;
import terpan.certificate.ServerCertificate;

/**
 * Gives the JDK's engine the key and certificate for the name that its client asks for. The table can be exchanged while connections are
 * made: those before it are kept for handshakes that have begun. Thread-safe.
 */
final class ChosenKeys extends X509ExtendedKeyManager {
    /** Several may come within one handshake, as names are proved. */
    private static final int TABLES = 8;

    /** The present table, then those before it; changed with this as the lock. */
    private volatile List<CertificateTable> tables;

    ChosenKeys(CertificateTable table) {
        this.tables = List.of(table);
    }

    synchronized void change(CertificateTable newer) {
        tables = Stream.concat(Stream.of(newer), tables.stream()).limit(TABLES).toList();
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        String algorithm = keyType.startsWith("EC") ? "EC" : keyType;
        CertificateTable present = tables.getFirst();
        if (engine != null && ServerTls.CHALLENGE.equals(engine.getHandshakeApplicationProtocol())) {
            return present.chooseChallenge(askedName(engine), algorithm);
        }
        return present.choose(engine == null ? "" : askedName(engine), algorithm);
    }

    /** A resumed session has no handshake session: nobody needs a certificate then. */
    private static String askedName(SSLEngine engine) {
        SSLSession session = engine.getHandshakeSession();
        if (session instanceof ExtendedSSLSession extended) {
            List<SNIServerName> names = extended.getRequestedServerNames();
            for (SNIServerName name : names) {
                if (name instanceof SNIHostName host) {
                    return host.getAsciiName();
                }
            }
        }
        return "";
    }

    private @Nullable ServerCertificate certificate(String alias) {
        for (CertificateTable known : tables) {
            ServerCertificate found = known.get(alias);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        ServerCertificate found = certificate(alias);
        return found == null ? null : found.chain().toArray(X509Certificate[]::new);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        ServerCertificate found = certificate(alias);
        return found == null ? null : found.key();
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }
}
