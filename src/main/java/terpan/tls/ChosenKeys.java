package terpan.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
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
 * made: the one before it is kept for handshakes that have begun. Thread-safe.
 */
final class ChosenKeys extends X509ExtendedKeyManager {
    private volatile Tables tables;

    /** The present table and the one before it. */
    private record Tables(CertificateTable present, CertificateTable before) {}

    ChosenKeys(CertificateTable table) {
        this.tables = new Tables(table, table);
    }

    void change(CertificateTable newer) {
        tables = new Tables(newer, tables.present());
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        String algorithm = keyType.startsWith("EC") ? "EC" : keyType;
        return tables.present().choose(engine == null ? "" : askedName(engine), algorithm);
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
        Tables known = tables;
        ServerCertificate present = known.present().get(alias);
        return present == null ? known.before().get(alias) : present;
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
