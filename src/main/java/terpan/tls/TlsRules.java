package terpan.tls;

import java.security.cert.X509Certificate;
import java.util.List;

/**
 * Which versions and suites are spoken, and by whose engine.
 *
 * @param library whose engine; BoringSSL has to be there
 * @param versions as the JDK names them
 * @param suites as IANA names them
 * @param authorities those whose certificates clients may show; empty: they are not asked
 * @param required whether clients that show none are sent away
 * @param challenges whether an authority may look by TLS whether a name is ours ({@link ServerTls#CHALLENGE})
 */
public record TlsRules(
        TlsLibrary library,
        List<String> versions,
        List<String> suites,
        List<X509Certificate> authorities,
        boolean required,
        boolean challenges) {
    /**
     * Which of these protocols may be agreed on by ALPN: HTTP/2 forbids suites without authenticated encryption (RFC 9113, section 9.2.2), and
     * which is taken is known only later.
     */
    List<String> speakable(List<String> protocols) {
        boolean all = suites.stream().noneMatch(suite -> suite.contains("_CBC_"));
        return protocols.stream()
                .filter(protocol -> all || !protocol.equals(ServerTls.HTTP_2))
                .filter(protocol -> challenges || !protocol.equals(ServerTls.CHALLENGE))
                .toList();
    }
}
