package terpan.tls;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;

/**
 * Makes engines of the JDK. One context for all loops: sessions that one loop's client began are resumed on any, and tickets outlive an
 * exchange of certificates.
 */
final class JdkEngines implements TlsEngines {
    private final SSLContext context;
    private final List<String> protocols;

    /** Never changed once it is here. */
    private volatile SSLParameters parameters;

    /**
     * @param rules versions and suites
     * @param protocols those of ALPN, the preferred ones first
     */
    JdkEngines(ChosenKeys keys, TlsRules rules, List<String> protocols) {
        try {
            context = SSLContext.getInstance("TLS");
            // No trust managers: the default would read every authority of the system, which takes longer than all else
            // of a start.
            context.init(new KeyManager[] {keys}, new TrustManager[0], null);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
        this.protocols = protocols;
        parameters = parameters(rules);
    }

    private SSLParameters parameters(TlsRules rules) {
        SSLParameters made = new SSLParameters();
        made.setProtocols(rules.versions().toArray(String[]::new));
        List<String> supported =
                Arrays.asList(context.getSupportedSSLParameters().getCipherSuites());
        made.setCipherSuites(rules.suites().stream().filter(supported::contains).toArray(String[]::new));
        // All of them are good: a client knows best which it computes fastest.
        made.setUseCipherSuitesOrder(false);
        made.setApplicationProtocols(protocols.toArray(String[]::new));
        return made;
    }

    @Override
    public void change(TlsRules rules) {
        parameters = parameters(rules);
    }

    @Override
    public TlsEngine engine() {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        engine.setSSLParameters(parameters);
        try {
            return new JdkEngine(engine);
        } catch (SSLException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
