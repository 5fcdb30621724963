package terpan.tls;

import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import terpan.certificate.Authorities;

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
    JdkEngines(CertificateTable table, TlsRules rules, List<String> protocols) {
        this.keys = new ChosenKeys(table);
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

    @Override
    public void change(CertificateTable newer) {
        keys.change(newer);
    }

    @Override
    public void close() {
        // It holds nothing but memory.
    }

    private SSLContext context(List<X509Certificate> authorities) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {keys}, trust(authorities), null);
            return context;
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** None at all where clients are not asked: the default would read every authority of the system, longer than all else of a start. */
    private static TrustManager[] trust(List<X509Certificate> authorities) throws GeneralSecurityException {
        return authorities.isEmpty() ? new TrustManager[0] : new TrustManager[] {Authorities.trusting(authorities)};
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
        parameters.setApplicationProtocols(rules.speakable(protocols).toArray(String[]::new));
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

    @Override
    public TlsEngine engine(LoopTls loop) {
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
