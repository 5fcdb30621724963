package terpan.tls;

import java.security.cert.X509Certificate;
import java.util.List;

/**
 * Which versions and suites are spoken.
 *
 * @param versions as the JDK names them
 * @param suites as IANA names them
 * @param authorities those whose certificates clients may show; empty: they are not asked
 * @param required whether clients that show none are sent away
 */
public record TlsRules(
        List<String> versions, List<String> suites, List<X509Certificate> authorities, boolean required) {}
