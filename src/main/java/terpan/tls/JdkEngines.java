package terpan.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * Makes engines of the JDK. One context for all loops: sessions that one loop's client began are resumed on any, and tickets outlive an
 * exchange of certificates; not one of the authorities that clients' certificates are from.
 */
final class JdkEngines implements TlsEngines {
    private final ChosenKeys keys;
    private final List<String> protocols;
    private volatile Made made;

    /** What engines are made from; the parameters are not changed any more. */
    private record Made(TlsRules rules, SSLContext context, SSLParameters parameters) {}

    /**
     * @param rules versions and suites
     * @param protocols those of ALPN, the preferred ones first
     */
    JdkEngines(ChosenKeys keys, TlsRules rules, List<String> protocols) {
        this.keys = keys;
        this.protocols = protocols;
        SSLContext context = context(rules.authorities());
        this.made = new Made(rules, context, parameters(context, rules));
    }

    @Override
    public synchronized void change(TlsRules rules) {
        Made before = made;
        SSLContext context = rules.authorities().equals(before.rules().authorities())
                ? before.context()
                : context(rules.authorities());
        made = new Made(rules, context, parameters(context, rules));
    }

    private SSLContext context(List<X509Certificate> authorities) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {keys}, trust(authorities), null);
            return context;
        } catch (GeneralSecurityException | IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** None at all where clients are not asked: the default would read every authority of the system, longer than all else of a start. */
    private static TrustManager[] trust(List<X509Certificate> authorities)
            throws GeneralSecurityException, IOException {
        if (authorities.isEmpty()) {
            return new TrustManager[0];
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (int i = 0; i < authorities.size(); i++) {
            store.setCertificateEntry("authority-" + i, authorities.get(i));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        return factory.getTrustManagers();
    }

    private SSLParameters parameters(SSLContext context, TlsRules rules) {
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(rules.versions().toArray(String[]::new));
        List<String> supported =
                Arrays.asList(context.getSupportedSSLParameters().getCipherSuites());
        parameters.setCipherSuites(
                rules.suites().stream().filter(supported::contains).toArray(String[]::new));
        // All of them are good: a client knows best which it computes fastest.
        parameters.setUseCipherSuitesOrder(false);
        parameters.setApplicationProtocols(protocols(rules));
        if (!rules.authorities().isEmpty()) {
            // Each of both forgets the other.
            if (rules.required()) {
                parameters.setNeedClientAuth(true);
            } else {
                parameters.setWantClientAuth(true);
            }
        }
        return parameters;
    }

    /** HTTP/2 forbids suites without authenticated encryption (RFC 9113, section 9.2.2); which is taken is known only later. */
    private String[] protocols(TlsRules rules) {
        boolean all = rules.suites().stream().noneMatch(suite -> suite.contains("_CBC_"));
        return protocols.stream()
                .filter(protocol -> all || !protocol.equals(ServerTls.HTTP_2))
                .toArray(String[]::new);
    }

    @Override
    public TlsEngine engine() {
        Made present = made;
        SSLEngine engine = present.context().createSSLEngine();
        engine.setUseClientMode(false);
        engine.setSSLParameters(present.parameters());
        try {
            return new JdkEngine(engine);
        } catch (SSLException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
